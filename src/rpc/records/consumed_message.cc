#include "rpc/records/consumed_message.h"

#include "base/utf8.h"
#include "base/varint.h"

namespace streamhouse::rpc {
namespace {

using base::BytesView;
using base::ByteVector;

/// Of proto/streamhouse/v1/streamhouse.proto.
enum ConsumedField : std::uint32_t { kOffset = 1, kRecord = 2 };
enum RecordField : std::uint32_t { kKey = 1, kValue = 2, kHeaders = 3, kTimestamp = 4 };
enum HeaderField : std::uint32_t { kHeaderKey = 1, kHeaderValue = 2 };

constexpr std::uint64_t kVarintType = 0;
constexpr std::uint64_t kBytesType = 2;

// Every field number here is below 16: its tag is one byte.
constexpr std::size_t kTagSize = 1;

std::size_t sized(std::size_t length) { return base::varint_size(length) + length; }
std::size_t bytes_field_size(std::size_t length) { return kTagSize + sized(length); }
std::size_t integer_field_size(std::int64_t value) {
  return value == 0 ? 0 : kTagSize + base::varint_size(static_cast<std::uint64_t>(value));
}

void put_tag(ByteVector& out, std::uint32_t field, std::uint64_t type) {
  base::append_varint(out, std::uint64_t{field} << 3 | type);
}
void put_length(ByteVector& out, std::uint32_t field, std::size_t length) {
  put_tag(out, field, kBytesType);
  base::append_varint(out, length);
}
void put_bytes(ByteVector& out, std::uint32_t field, BytesView bytes) {
  put_length(out, field, bytes.size());
  out.insert(out.end(), bytes.begin(), bytes.end());
}
void put_integer(ByteVector& out, std::uint32_t field, std::int64_t value) {
  if (value == 0) return;
  put_tag(out, field, kVarintType);
  base::append_varint(out, static_cast<std::uint64_t>(value));
}

std::size_t header_size(const model::RecordHeader& header, std::size_t key_size) {
  std::size_t size = key_size == 0 ? 0 : bytes_field_size(key_size);
  if (header.value) size += bytes_field_size(header.value->size());
  return size;
}

std::size_t record_size(const model::Record& record) {
  std::size_t size = integer_field_size(record.timestamp);
  if (record.key) size += bytes_field_size(record.key->size());
  if (record.value) size += bytes_field_size(record.value->size());
  for (const auto& header : record.headers) {
    size += bytes_field_size(header_size(header, header.key.size()));
  }
  return size;
}

void put_header(ByteVector& out, const model::RecordHeader& header) {
  put_length(out, kHeaders, header_size(header, header.key.size()));
  if (!header.key.empty()) put_bytes(out, kHeaderKey, base::as_bytes(header.key));
  if (header.value) put_bytes(out, kHeaderValue, *header.value);
}

void put_record(ByteVector& out, const model::Record& record) {
  if (record.key) put_bytes(out, kKey, *record.key);
  if (record.value) put_bytes(out, kValue, *record.value);
  for (const auto& header : record.headers) put_header(out, header);
  put_integer(out, kTimestamp, record.timestamp);
}

bool has_text_keys(const model::Record& record) {
  for (const auto& header : record.headers) {
    if (!base::is_utf8(header.key)) return false;
  }
  return true;
}

}  // namespace

std::size_t content_size(const model::Record& record) {
  std::size_t size = 0;
  if (record.key) size += record.key->size();
  if (record.value) size += record.value->size();
  for (const auto& header : record.headers) {
    size += header.key.size() + (header.value ? header.value->size() : 0);
  }
  return size;
}

void ConsumedMessage::add(const model::Record& record) {
  if (!has_text_keys(record)) {
    model::Record readable = record;
    std::vector<std::string> keys;
    keys.reserve(readable.headers.size());
    for (auto& header : readable.headers) {
      header.key = keys.emplace_back(base::to_utf8(header.key));
    }
    return add(readable);
  }
  const std::size_t size = record_size(record);
  const std::int64_t offset = record.offset.value();
  put_length(bytes_, records_field_, integer_field_size(offset) + bytes_field_size(size));
  put_integer(bytes_, kOffset, offset);
  put_length(bytes_, kRecord, size);
  put_record(bytes_, record);
  ++record_count_;
}

void ConsumedMessage::add_integer(std::uint32_t field, std::int64_t value) {
  put_integer(bytes_, field, value);
}

void ConsumedMessage::add_text(std::uint32_t field, std::string_view text) {
  if (!text.empty()) put_bytes(bytes_, field, base::as_bytes(text));
}

}  // namespace streamhouse::rpc
