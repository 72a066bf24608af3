#pragma once
/// \file  Produce requests, read from their encoded form straight into a record batch: a record's
/// bytes are copied once, and no message costs more memory than a batch of its size.

#include <memory>
#include <optional>
#include <string>

#include "base/bytes.h"
#include "base/error.h"
#include "model/ids.h"
#include "runtime/time.h"

namespace streamhouse::rpc {

/// Bounds of what one record may ask for, beyond its bytes.
constexpr std::size_t kHeadersPerRecordMax = 10'000;

/// One batch, built and compressed, on its way to a partition.
struct ProduceMessage {
  std::string topic;
  std::optional<model::PartitionIndex> partition;
  std::optional<std::uint32_t> key_hash;  ///< Of the last record's key, if it has one.
  std::shared_ptr<base::ByteVector> batch;
  std::int32_t record_count = 0;
  std::int64_t timestamp_ms = 0;  ///< Of the last record.
};

/// `message` is an encoded ProduceRequest (or ProduceBatchRequest); `now` is the time of records
/// that have none.
/// Errors: kInvalid, kTooLarge, naming the record (from 0) and the field.
/// Threading: any thread; compresses.
base::Result<ProduceMessage> decode_produce(base::BytesView message, runtime::WallMs now);
base::Result<ProduceMessage> decode_produce_batch(base::BytesView message, runtime::WallMs now);

/// A ProduceStreamRequest, cut in its two parts: the batch can be refused while its answer still
/// names the sequence. Errors: kInvalid.
struct StreamMessage {
  std::int64_t sequence = 0;
  base::BytesView batch;  ///< An encoded ProduceBatchRequest; borrows the message.
};
base::Result<StreamMessage> decode_stream_message(base::BytesView message);

}  // namespace streamhouse::rpc
