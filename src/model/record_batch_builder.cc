#include "model/record_batch_builder.h"

#include <algorithm>
#include <limits>

#include "base/check.h"
#include "base/crc32c.h"
#include "base/varint.h"

namespace streamhouse::model {

using base::BytesView;
using base::ByteVector;
using base::Errc;
using base::Result;
namespace layout = batch_layout;

namespace {

constexpr std::size_t kBatchSizeMax = std::numeric_limits<std::int32_t>::max();

std::size_t zigzag_size(std::int64_t value) { return base::varint_size(base::zigzag(value)); }

std::size_t sized_bytes_size(std::size_t size) {
  return zigzag_size(static_cast<std::int64_t>(size)) + size;
}
std::size_t sized_bytes_size(const std::optional<BytesView>& bytes) {
  return bytes ? sized_bytes_size(bytes->size()) : zigzag_size(-1);
}

/// Bytes of the record after its length.
std::size_t body_size(const Record& record, std::int64_t timestamp_delta,
                      std::int32_t offset_delta) {
  constexpr std::size_t kAttributesSize = 1;
  std::size_t size = kAttributesSize + zigzag_size(timestamp_delta) + zigzag_size(offset_delta);
  size += sized_bytes_size(record.key) + sized_bytes_size(record.value);
  size += zigzag_size(static_cast<std::int64_t>(record.headers.size()));
  for (const auto& header : record.headers)
    size += sized_bytes_size(header.key.size()) + sized_bytes_size(header.value);
  return size;
}

void append_bytes(ByteVector& out, BytesView bytes) {
  base::append_zigzag(out, static_cast<std::int64_t>(bytes.size()));
  out.insert(out.end(), bytes.begin(), bytes.end());
}

void append_nullable(ByteVector& out, const std::optional<BytesView>& bytes) {
  if (bytes)
    append_bytes(out, *bytes);
  else
    base::append_zigzag(out, -1);
}

void append_body(ByteVector& out, const Record& record, std::int64_t timestamp_delta,
                 std::int32_t offset_delta) {
  out.push_back(0);  // attributes, of which none exist
  base::append_zigzag(out, timestamp_delta);
  base::append_zigzag(out, offset_delta);
  append_nullable(out, record.key);
  append_nullable(out, record.value);
  base::append_zigzag(out, static_cast<std::int64_t>(record.headers.size()));
  for (const auto& header : record.headers) {
    append_bytes(out, base::as_bytes(header.key));
    append_nullable(out, header.value);
  }
}

}  // namespace

RecordBatchBuilder::RecordBatchBuilder(BatchHeaderFields fields)
    : fields_(fields), batch_(kBatchHeaderSize) {}

base::Status RecordBatchBuilder::append(const Record& record) {
  const std::int64_t base_timestamp = record_count_ == 0 ? record.timestamp : base_timestamp_;
  std::int64_t timestamp_delta = 0;
  if (__builtin_sub_overflow(record.timestamp, base_timestamp, &timestamp_delta))
    return {Errc::kInvalid, "record has timestamp " + std::to_string(record.timestamp) +
                                " in a batch from " + std::to_string(base_timestamp)};
  const std::size_t size = body_size(record, timestamp_delta, record_count_);
  if (size > kBatchSizeMax - base::kVarintBytesMax - batch_.size())
    return {Errc::kTooLarge, "batch would pass 2 GiB"};

  max_timestamp_ =
      record_count_ == 0 ? record.timestamp : std::max(max_timestamp_, record.timestamp);
  base_timestamp_ = base_timestamp;
  base::append_zigzag(batch_, static_cast<std::int64_t>(size));
  append_body(batch_, record, timestamp_delta, record_count_);
  ++record_count_;
  return {};
}

Result<ByteVector> RecordBatchBuilder::build(Codec codec) && {
  if (codec == Codec::kNone) return finished(std::move(batch_), codec);
  SH_TRY(auto batch, compressed(codec));
  return finished(std::move(batch), codec);
}

Result<ByteVector> RecordBatchBuilder::build_smallest() && {
  SH_TRY(auto batch, compressed(Codec::kLz4));
  if (batch.size() * 10 <= batch_.size() * 9) return finished(std::move(batch), Codec::kLz4);
  return finished(std::move(batch_), Codec::kNone);
}

Result<ByteVector> RecordBatchBuilder::compressed(Codec codec) const {
  ByteVector batch(kBatchHeaderSize);
  SH_TRY_OK(compress(codec, BytesView(batch_).subspan(kBatchHeaderSize), batch));
  return batch;
}

ByteVector RecordBatchBuilder::finished(ByteVector batch, Codec codec) const {
  SH_CHECK(record_count_ > 0, "a batch has a record");
  if (batch.capacity() > batch.size() + batch.size() / 8) batch.shrink_to_fit();
  std::uint8_t* const data = batch.data();
  base::store_big(data + layout::kBaseOffset, std::int64_t{0});
  base::store_big(data + layout::kBatchLength,
                  static_cast<std::int32_t>(batch.size() - layout::kLengthExcludes));
  base::store_big(data + layout::kLeaderEpoch, std::int32_t{-1});
  base::store_big(data + layout::kMagic, layout::kMagicV2);
  base::store_big(data + layout::kAttributes,
                  static_cast<std::int16_t>(static_cast<std::int16_t>(codec) | fields_.flags));
  base::store_big(data + layout::kLastOffsetDelta, record_count_ - 1);
  base::store_big(data + layout::kBaseTimestamp, base_timestamp_);
  base::store_big(data + layout::kMaxTimestamp, max_timestamp_);
  base::store_big(data + layout::kProducerId, fields_.producer.value());
  base::store_big(data + layout::kProducerEpoch, fields_.producer_epoch.value());
  base::store_big(data + layout::kBaseSequence, fields_.base_sequence);
  base::store_big(data + layout::kRecordCount, record_count_);
  base::store_big(data + layout::kCrc, base::crc32c(BytesView(batch).subspan(layout::kAttributes)));
  return batch;
}

}  // namespace streamhouse::model
