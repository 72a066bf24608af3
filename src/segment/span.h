#pragma once
/// \file  Span: a run of consecutive batches of one partition inside one object. The unit that the
/// metadata store commits, the index finds and the documents' "segment" shows.

#include <cstdint>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/error.h"
#include "model/ids.h"

namespace streamhouse::segment {

/// Of a ProducerBatch: what that batch is. Of a Span: at least one of its batches is that.
enum SpanFlag : std::uint8_t {
  kSpanTransactional = 1,
  kSpanControl = 2,
};

/// What one idempotent batch adds to the producer state of its partition.
struct ProducerBatch {
  model::ProducerId producer = {};  ///< >= 0
  model::ProducerEpoch epoch = {};  ///< >= 0
  std::int32_t first_sequence = 0;
  std::int32_t last_sequence = 0;  ///< Below first_sequence if the sequence wrapped; -1: has none.
  model::OffsetRange offsets = {};
  std::int64_t max_timestamp = 0;  ///< ms
  std::uint8_t flags = 0;          ///< SpanFlag bits.
  auto operator<=>(const ProducerBatch&) const = default;
};

/// Spans lie in an object one after the other without a gap, in table order.
struct Span {
  model::TopicPartition partition = {};
  model::LeaderEpoch epoch = {};    ///< The lease under which its offsets were assigned.
  model::OffsetRange offsets = {};  ///< Never empty.
  std::uint64_t position = 0;       ///< Of its first batch, from the beginning of the object.
  std::uint32_t length = 0;         ///< Bytes of its batches, > 0.
  std::uint32_t batch_count = 0;    ///< 1 to offsets.size().
  std::int64_t max_timestamp = 0;   ///< Of its records, ms.
  std::uint8_t flags = 0;           ///< SpanFlag bits.
  std::vector<ProducerBatch> producers = {};  ///< Its idempotent batches, in offset order.
  auto operator<=>(const Span&) const = default;
};

/// Sorted by partition, then base offset; spans of one partition do not overlap.
using SpanTable = std::vector<Span>;

/// What forbids `span` in a table after `previous` (nullptr: as the first), or empty: the rules of
/// the fields above, the table's order and the spans' adjacency.
std::string_view span_fault(const Span* previous, const Span& span);

/// Sets the positions of a table's spans: one after the other from `position` on. Returns the end.
std::uint64_t place_spans(SpanTable& table, std::uint64_t position);

/// Packs a table (docs/formats/span_table.md): varint deltas, 8 to 10 bytes a span without producer
/// batches, checksum in front. The same bytes stand in the object and in the commit row.
/// Requires: no span_fault.
base::ByteVector encode_span_table(const SpanTable& table);

/// Errors: kCorrupt, saying where; kUnsupported for a later format version. Memory stays
/// proportional to the input.
base::Result<SpanTable> decode_span_table(base::BytesView bytes);

}  // namespace streamhouse::segment
