#pragma once
/// \file  A batch as a client has sent it, checked, and how it is kept.

#include "ingest/session_writer.h"
#include "kafka/error_code.h"
#include "metadata/topics.h"
#include "model/record_batch.h"
#include "net/frames/frame_reader.h"
#include "wire/codec/type.h"

namespace streamhouse::kafka {

/// Everything that can be refused without decompressing. The view is into the request.
std::expected<model::RecordBatchView, Refusal> check_batch(const wire::NullableRecords& records,
                                                           const metadata::Topic& topic,
                                                           wire::Version version);

/// The batch in its frame, which it then keeps alive; a copy if the frame is more than twice as
/// large, so that what is kept of a client's requests is at most twice what was accepted of them.
/// Requires: `batch` lies in the frame, and nobody else has a batch there.
ingest::ProducedBatch take_batch(const net::Frame& frame, const model::RecordBatchView& batch);

}  // namespace streamhouse::kafka
