#include "metadata/postgres/driver/row.h"

#include <libpq-fe.h>

#include <algorithm>

#include "metadata/postgres/driver/stored_text.h"

namespace streamhouse::metadata::postgres {

bool Row::is_null(int column) const { return PQgetisnull(result_, row_, column) != 0; }

std::int64_t Row::integer(int column) const {
  const std::string_view bytes = text(column);
  std::uint64_t value = 0;
  const bool is_negative = bytes.size() > 1 && (bytes[0] & 0x80) != 0;
  if (is_negative) value = ~value;
  for (const char byte : bytes) value = value << 8 | static_cast<std::uint8_t>(byte);
  return static_cast<std::int64_t>(value);
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
