#include "fetch/timestamp_search.h"

#include "model/record.h"

namespace streamhouse::fetch {
namespace {

/// Output cap when a stored batch is looked into: far above what max.message.bytes lets in.
constexpr std::size_t kDecompressedMax = 256u << 20;

base::Result<TimestampHit> find_in_batch(const model::RecordBatchView& batch, model::Offset from,
                                         std::int64_t timestamp) {
  const TimestampHit none{.found = false, .offset = batch.next_offset()};
  if (batch.max_timestamp() < timestamp) return none;
  SH_TRY(auto reader, model::RecordReader::open(batch, kDecompressedMax));
  while (true) {
    SH_TRY(const auto record, reader.next());
    if (!record) return none;
    if (record->offset >= from && record->timestamp >= timestamp) {
      return TimestampHit{.found = true, .offset = record->offset, .timestamp = record->timestamp};
    }
  }
}

}  // namespace

base::Result<TimestampHit> find_timestamp(const std::vector<base::Bytes>& batches,
                                          model::Offset from, std::int64_t timestamp) {
  TimestampHit hit{.found = false, .offset = from};
  for (const base::Bytes& run : batches) {
    model::BatchCursor cursor(run);
    while (true) {
      SH_TRY(const auto batch, cursor.next());
      if (!batch) break;
      SH_TRY(hit, find_in_batch(*batch, from, timestamp));
      if (hit.found) return hit;
    }
  }
  return hit;
}

}  // namespace streamhouse::fetch
