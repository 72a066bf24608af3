#include "model/record.h"

#include <algorithm>
#include <string>

#include "base/varint.h"

namespace streamhouse::model {

using base::BytesView;
using base::Result;
using base::Status;

namespace {

bool same(const std::optional<BytesView>& a, const std::optional<BytesView>& b) {
  return a.has_value() == b.has_value() && (!a.has_value() || base::equal(*a, *b));
}

/// Reads fields off the front of a record; a field that does not fit turns it bad, and the first
/// such field is remembered.
class FieldReader {
 public:
  explicit FieldReader(BytesView in) : rest_(in) {}

  std::int32_t integer(const char* field) {
    const auto value = base::take_zigzag32(rest_);
    if (!value) fail(field);
    return value.value_or(0);
  }
  std::int64_t long_integer(const char* field) {
    const auto value = base::take_zigzag(rest_);
    if (!value) fail(field);
    return value.value_or(0);
  }
  void skip_byte(const char* field) {
    if (rest_.empty()) return fail(field);
    rest_ = rest_.subspan(1);
  }
  BytesView bytes(const char* field, std::int32_t length) {
    if (length < 0 || static_cast<std::size_t>(length) > rest_.size()) {
      fail(field);
      return {};
    }
    const auto taken = rest_.first(static_cast<std::size_t>(length));
    rest_ = rest_.subspan(taken.size());
    return taken;
  }
  /// Length -1 is null.
  std::optional<BytesView> nullable_bytes(const char* field) {
    const std::int32_t length = integer(field);
    if (length == -1) return std::nullopt;
    return bytes(field, length);
  }
  void fail(const char* field) {
    if (bad_field_ == nullptr) bad_field_ = field;
    rest_ = {};
  }

  BytesView rest() const { return rest_; }
  /// nullptr if all was well.
  const char* bad_field() const { return bad_field_; }

 private:
  BytesView rest_;
  const char* bad_field_ = nullptr;
};

std::vector<RecordHeader> read_headers(FieldReader& in) {
  constexpr std::size_t kHeaderBytesMin = 2;  // an empty key and a null value
  const std::int32_t count = in.integer("header count");
  if (count < 0 || static_cast<std::size_t>(count) > in.rest().size() / kHeaderBytesMin) {
    in.fail("header count");
    return {};
  }
  std::vector<RecordHeader> headers;
  headers.reserve(static_cast<std::size_t>(count));
  for (std::int32_t i = 0; i < count; ++i) {
    const std::int32_t key_length = in.integer("header key");
    const auto key = base::as_text(in.bytes("header key", key_length));
    headers.push_back({key, in.nullable_bytes("header value")});
  }
  return headers;
}

}  // namespace

bool operator==(const RecordHeader& a, const RecordHeader& b) {
  return a.key == b.key && same(a.value, b.value);
}

bool operator==(const Record& a, const Record& b) {
  return a.offset == b.offset && a.timestamp == b.timestamp && same(a.key, b.key) &&
         same(a.value, b.value) && a.headers == b.headers;
}

Result<RecordReader> RecordReader::open(const RecordBatchView& batch,
                                        std::size_t decompressed_max) {
  if (batch.codec() == Codec::kNone) return RecordReader(batch, base::Bytes());
  SH_TRY(auto decompressed, decompress(batch.codec(), batch.records(), decompressed_max));
  return RecordReader(batch, std::move(decompressed));
}

RecordReader::RecordReader(const RecordBatchView& batch, base::Bytes decompressed)
    : decompressed_(std::move(decompressed)),
      rest_(batch.codec() == Codec::kNone ? batch.records() : decompressed_.view()),
      base_offset_(batch.base_offset()),
      base_timestamp_(batch.base_timestamp()),
      last_offset_delta_(batch.last_offset_delta()),
      record_count_(batch.record_count()) {
  if (batch.timestamp_type() == TimestampType::kLogAppendTime) append_time_ = batch.max_timestamp();
}

Result<std::optional<Record>> RecordReader::next() {
  if (position_ >= record_count_) {
    if (!rest_.empty()) return malformed("bytes after the last record");
    return std::optional<Record>();
  }
  FieldReader outer(rest_);
  const std::int32_t length = outer.integer("length");
  FieldReader in(outer.bytes("length", length));
  in.skip_byte("attributes");
  const std::int64_t timestamp_delta = in.long_integer("timestamp");
  const std::int64_t offset_delta = in.integer("offset delta");
  Record record;
  record.key = in.nullable_bytes("key");
  record.value = in.nullable_bytes("value");
  record.headers = read_headers(in);
  if (__builtin_add_overflow(base_timestamp_, timestamp_delta, &record.timestamp))
    in.fail("timestamp");
  if (offset_delta <= previous_offset_delta_ || offset_delta > last_offset_delta_)
    in.fail("offset delta");
  if (!in.rest().empty()) in.fail("length");

  if (outer.bad_field() != nullptr) return malformed(outer.bad_field());
  if (in.bad_field() != nullptr) return malformed(in.bad_field());
  record.timestamp = append_time_.value_or(record.timestamp);
  record.offset = base_offset_ + offset_delta;
  rest_ = outer.rest();
  previous_offset_delta_ = offset_delta;
  ++position_;
  return std::optional(std::move(record));
}

base::Error RecordReader::malformed(const char* what) const {
  return base::make_error(base::Errc::kInvalid, "record " + std::to_string(position_) +
                                                    " of the batch is malformed: " + what);
}

Status validate_records(const RecordBatchView& batch, std::size_t decompressed_max) {
  SH_TRY(auto reader, RecordReader::open(batch, decompressed_max));
  for (;;) {
    SH_TRY(const auto record, reader.next());
    if (!record) return {};
    const std::int64_t index = reader.position() - 1;
    if (record->offset - batch.base_offset() != index)
      return {base::Errc::kInvalid, "record " + std::to_string(index) +
                                        " of the batch is malformed: offset delta " +
                                        std::to_string(record->offset - batch.base_offset())};
  }
}

}  // namespace streamhouse::model
