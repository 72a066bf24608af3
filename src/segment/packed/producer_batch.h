#pragma once
/// \file  How packed formats write what one idempotent batch adds to the producer state: in span
/// tables and in producer snapshots. docs/formats/producer_state.md, "Batches".

#include "segment/packed/packed_reader.h"
#include "segment/span.h"

namespace streamhouse::segment {

void append_producer(base::ByteVector& out, model::ProducerId producer, model::ProducerEpoch epoch);
void read_producer(PackedReader& reader, model::ProducerId& producer, model::ProducerEpoch& epoch);

/// What forbids `batch` after one that ended at `from`, or empty.
std::string_view producer_batch_fault(const ProducerBatch& batch, model::Offset from);

/// The batch without producer and epoch: its base offset relative to `from` (not above it), its
/// timestamp relative to `timestamp`.
void append_producer_batch(base::ByteVector& out, const ProducerBatch& batch, model::Offset from,
                           std::int64_t timestamp);
/// Requires: from >= 0. Offsets that come back are a range at or after `from`.
void read_producer_batch(PackedReader& reader, ProducerBatch& batch, model::Offset from,
                         std::int64_t timestamp);

}  // namespace streamhouse::segment
