#include "metadata/postgres/driver/row.h"

#include <libpq-fe.h>

#include <algorithm>

#include "metadata/postgres/driver/stored_text.h"

namespace streamhouse::metadata::postgres {

bool Row::is_null(int column) const { return PQgetisnull(result_, row_, column) != 0; }

namespace {

/// In network order, signed.
std::int64_t to_integer(std::string_view bytes) {
  std::uint64_t value = 0;
  const bool is_negative = bytes.size() > 1 && (bytes[0] & 0x80) != 0;
  if (is_negative) value = ~value;
  for (const char byte : bytes) value = value << 8 | static_cast<std::uint8_t>(byte);
  return static_cast<std::int64_t>(value);
}

}  // namespace

std::int64_t Row::integer(int column) const { return to_integer(text(column)); }

/// Dimensions, whether there are NULLs, the elements' type; of one dimension its length and first
/// index; then each element behind its length.
std::vector<std::int64_t> Row::integers(int column) const {
  constexpr std::size_t kLength = sizeof(std::int32_t);
  constexpr std::size_t kHeader = 5 * kLength;
  constexpr std::size_t kElement = kLength + sizeof(std::int64_t);
  const std::string_view bytes = text(column);
  std::vector<std::int64_t> values;
  if (bytes.size() < kHeader || (bytes.size() - kHeader) % kElement != 0) return values;
  values.reserve((bytes.size() - kHeader) / kElement);
  for (std::size_t at = kHeader + kLength; at < bytes.size(); at += kElement)
    values.push_back(to_integer(bytes.substr(at, sizeof(std::int64_t))));
  return values;
}

std::string_view Row::text(int column) const {
  return {PQgetvalue(result_, row_, column),
          static_cast<std::size_t>(PQgetlength(result_, row_, column))};
}

std::string Row::any_text(int column) const { return from_stored_text(text(column)); }

model::TopicId Row::topic_id(int column) const {
  model::TopicId id;
  const base::BytesView bytes = blob(column);
  std::copy_n(bytes.begin(), std::min(bytes.size(), id.bytes.size()), id.bytes.begin());
  return id;
}

}  // namespace streamhouse::metadata::postgres
