#include "kafka/records/produced_batch.h"

#include <cstring>
#include <expected>

#include "service/topic_config.h"

namespace streamhouse::kafka {
namespace {

using wire::ErrorCode;

constexpr wire::Version kKnowsZstd = 7;

std::unexpected<Refusal> refused(ErrorCode code, std::string text) {
  return std::unexpected(Refusal{.code = code, .text = std::move(text)});
}

}  // namespace

std::expected<model::RecordBatchView, Refusal> check_batch(const wire::NullableRecords& records,
                                                           const metadata::Topic& topic,
                                                           wire::Version version) {
  if (!records || records->size() < model::kBatchHeaderSize)
    return refused(ErrorCode::kInvalidRecord, "a partition without a batch");
  const model::ProduceRules rules{.batch_bytes_max = service::batch_bytes_max(topic),
                                  .timestamp_type = service::uses_log_append_time(topic)
                                                        ? model::TimestampType::kLogAppendTime
                                                        : model::TimestampType::kCreateTime};
  const auto batch = model::validate_produced(records->pieces.front(), rules);
  if (!batch) return std::unexpected(refuse(batch.error(), ErrorAbout::kProducedRecords));
  if (batch->codec() == model::Codec::kZstd && version < kKnowsZstd)
    return refused(ErrorCode::kUnsupportedCompressionType, "zstd needs Produce 7 or later");
  if (batch->is_transactional())
    return refused(ErrorCode::kInvalidTransactionState, "transactions are not served");
  return *batch;
}

ingest::ProducedBatch take_batch(const net::Frame& frame, const model::RecordBatchView& batch) {
  const base::BytesView bytes = batch.bytes();
  if (2 * bytes.size() >= frame.bytes.size()) {
    const auto position = static_cast<std::size_t>(bytes.data() - frame.bytes.data());
    return {.owner = frame.owner, .bytes = frame.bytes.subspan(position, bytes.size())};
  }
  auto copy = std::make_shared_for_overwrite<std::uint8_t[]>(bytes.size());
  std::memcpy(copy.get(), bytes.data(), bytes.size());
  const base::MutableBytesView kept(copy.get(), bytes.size());
  return {.owner = std::move(copy), .bytes = kept};
}

}  // namespace streamhouse::kafka
