#include "model/record_batch.h"

#include <algorithm>
#include <string>

#include "base/check.h"
#include "base/crc32c.h"

namespace streamhouse::model {

using base::BytesView;
using base::Errc;
using base::MutableBytesView;
using base::Result;
using base::Status;
namespace layout = batch_layout;

namespace {

/// The field's name and value, for error texts.
template <class T>
std::string named(const char* field, T value) {
  return std::string(field) + " " + std::to_string(value);
}

/// Whether all that is wrong with bytes that are no batch is what they say of offsets: their
/// length, magic and CRC are those of one.
bool is_wrong_in_offsets(BytesView bytes) {
  if (bytes.size() < kBatchHeaderSize || bytes[layout::kMagic] != layout::kMagicV2) return false;
  const auto length = base::load_big<std::int32_t>(bytes.data() + layout::kBatchLength);
  return length >= 0 &&
         bytes.size() == layout::kLengthExcludes + static_cast<std::size_t>(length) &&
         base::load_big<std::uint32_t>(bytes.data() + layout::kCrc) ==
             base::crc32c(bytes.subspan(layout::kAttributes));
}

Status check_records_fit(const RecordBatchView& batch) {
  const std::int64_t count = batch.record_count();
  if (count <= 0) return {Errc::kInvalid, named("batch has record count", count)};
  if (batch.last_offset_delta() != count - 1)
    return {Errc::kInvalid, named("batch has last offset delta", batch.last_offset_delta()) +
                                named(", but record count", count)};
  const auto size = static_cast<std::int64_t>(batch.records().size());
  const auto record_bytes_min = static_cast<std::int64_t>(layout::kRecordBytesMin);
  if (batch.codec() == Codec::kNone && count > size / record_bytes_min)
    return {Errc::kInvalid, named("batch has record count", count) + named(" in bytes", size)};
  return {};
}

Status check_attributes(const RecordBatchView& batch) {
  if (batch.codec() > Codec::kZstd)
    return {Errc::kUnsupported, named("batch has codec", static_cast<int>(batch.codec()))};
  if (batch.is_control()) return {Errc::kInvalid, "batch from a client is a control batch"};
  if ((batch.attributes() & layout::kDeleteHorizonBit) != 0)
    return {Errc::kInvalid, "batch from a client has a delete horizon"};
  return {};
}

Status check_producer(const RecordBatchView& batch) {
  if (!batch.is_idempotent()) {
    if (batch.is_transactional()) return {Errc::kInvalid, "transactional batch has no producer id"};
    return {};
  }
  if (batch.base_sequence() < 0)
    return {Errc::kInvalid, named("batch with a producer id has sequence", batch.base_sequence())};
  if (batch.producer_epoch() < ProducerEpoch(0))
    return {Errc::kInvalid,
            named("batch with a producer id has producer epoch", batch.producer_epoch().value())};
  return {};
}

Status check_timestamps(const RecordBatchView& batch, const ProduceRules& rules) {
  if (rules.timestamp_type == TimestampType::kLogAppendTime) return {};
  if (batch.timestamp_type() == TimestampType::kLogAppendTime)
    return {Errc::kInvalidTimestamp, "batch has log append time, but its topic has create time"};
  for (const std::int64_t time : {batch.base_timestamp(), batch.max_timestamp()})
    if (time != kNoTimestamp && (time < rules.timestamp_min || time > rules.timestamp_max))
      return {Errc::kInvalidTimestamp, named("batch has timestamp", time) +
                                           named(", accepted are", rules.timestamp_min) +
                                           named(" to", rules.timestamp_max)};
  return {};
}

}  // namespace

Result<RecordBatchView> RecordBatchView::front_of(BytesView bytes) {
  if (bytes.size() < kBatchHeaderSize)
    return {Errc::kCorrupt, named("batch header needs 61 bytes, there are", bytes.size())};
  const auto length = base::load_big<std::int32_t>(bytes.data() + layout::kBatchLength);
  if (length < static_cast<std::int32_t>(kBatchHeaderSize - layout::kLengthExcludes))
    return {Errc::kCorrupt, named("batch has length", length) + ", less than its header"};
  const std::size_t size = layout::kLengthExcludes + static_cast<std::size_t>(length);
  if (size > bytes.size())
    return {Errc::kCorrupt, named("batch of size", size) + named(" is cut after", bytes.size())};
  const auto magic = static_cast<std::int8_t>(bytes[layout::kMagic]);
  if (magic != layout::kMagicV2) return {Errc::kInvalid, named("batch has magic", +magic)};

  const RecordBatchView batch(bytes.first(size));
  const std::int64_t base = batch.base_offset().value();
  const std::int64_t delta = batch.last_offset_delta();
  if (base < 0 || delta < 0 || base > std::numeric_limits<std::int64_t>::max() - delta - 1)
    return {Errc::kCorrupt,
            named("batch has base offset", base) + named(" and last offset delta", delta)};
  return batch;
}

std::int32_t RecordBatchView::last_sequence() const {
  const auto last =
      static_cast<std::uint32_t>(base_sequence()) + static_cast<std::uint32_t>(last_offset_delta());
  return static_cast<std::int32_t>(last & 0x7fffffff);
}

bool RecordBatchView::crc_matches() const {
  return base::crc32c(bytes_.subspan(layout::kAttributes)) == crc();
}

Result<std::optional<RecordBatchView>> BatchCursor::next() {
  if (rest_.empty()) return std::optional<RecordBatchView>();
  SH_TRY(const auto batch, RecordBatchView::front_of(rest_));
  rest_ = rest_.subspan(batch.size());
  return std::optional(batch);
}

Result<RecordBatchView> validate_produced(BytesView bytes, const ProduceRules& rules) {
  if (bytes.size() > rules.batch_bytes_max)
    return {Errc::kTooLarge,
            named("batch has size", bytes.size()) + named(", accepted are", rules.batch_bytes_max)};
  const auto framed = RecordBatchView::front_of(bytes);
  if (!framed && is_wrong_in_offsets(bytes)) return {Errc::kInvalid, framed.error().text};
  SH_TRY(const auto batch, framed);
  if (batch.size() != bytes.size())
    return {Errc::kInvalid, named("bytes after the batch:", bytes.size() - batch.size())};
  if (!batch.crc_matches()) return {Errc::kCorrupt, named("batch fails its CRC", batch.crc())};
  if (batch.base_offset() != Offset(0))
    return {Errc::kInvalid, named("batch has base offset", batch.base_offset().value())};
  SH_TRY_OK(check_attributes(batch));
  SH_TRY_OK(check_records_fit(batch));
  SH_TRY_OK(check_producer(batch));
  SH_TRY_OK(check_timestamps(batch, rules));
  return batch;
}

void place_batch(MutableBytesView batch, Offset base_offset, LeaderEpoch epoch) {
  SH_CHECK(batch.size() >= kBatchHeaderSize, "a whole batch");
  base::store_big(batch.data() + layout::kBaseOffset, base_offset.value());
  base::store_big(batch.data() + layout::kLeaderEpoch, epoch.value());
}

void stamp_log_append_time(MutableBytesView batch, std::int64_t now) {
  SH_CHECK(batch.size() >= kBatchHeaderSize, "a whole batch");
  std::uint8_t* const data = batch.data();
  const auto attributes = base::load_big<std::int16_t>(data + layout::kAttributes);
  base::store_big(data + layout::kAttributes,
                  static_cast<std::int16_t>(attributes | layout::kLogAppendTimeBit));
  base::store_big(data + layout::kMaxTimestamp, now);
  base::store_big(data + layout::kCrc, base::crc32c(batch.subspan(layout::kAttributes)));
}

}  // namespace streamhouse::model
