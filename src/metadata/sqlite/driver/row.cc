#include "metadata/sqlite/driver/row.h"

#include <sqlite3.h>

#include <algorithm>

namespace streamhouse::metadata::sqlite {

bool Row::is_null(int column) const {
  return sqlite3_column_type(statement_, column) == SQLITE_NULL;
}

std::int64_t Row::integer(int column) const { return sqlite3_column_int64(statement_, column); }

std::string_view Row::text(int column) const {
  const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(statement_, column));
  if (text == nullptr) return {};
  return {text, static_cast<std::size_t>(sqlite3_column_bytes(statement_, column))};
}

base::BytesView Row::blob(int column) const {
  const auto* data = static_cast<const std::uint8_t*>(sqlite3_column_blob(statement_, column));
  if (data == nullptr) return {};
  return {data, static_cast<std::size_t>(sqlite3_column_bytes(statement_, column))};
}

model::TopicId Row::topic_id(int column) const {
  const base::BytesView bytes = blob(column);
  model::TopicId id;
  std::copy_n(bytes.begin(), std::min(bytes.size(), id.bytes.size()), id.bytes.begin());
  return id;
}

int Binder::bind_null(int index) { return sqlite3_bind_null(statement_, index); }

int Binder::bind_integer(int index, std::int64_t value) {
  return sqlite3_bind_int64(statement_, index, value);
}

int Binder::bind_text(int index, std::string_view value) {
  const char* data = value.data() == nullptr ? "" : value.data();  // null would bind NULL
  return sqlite3_bind_text64(statement_, index, data, value.size(), SQLITE_STATIC, SQLITE_UTF8);
}

int Binder::bind_blob(int index, base::BytesView value) {
  if (value.empty()) return sqlite3_bind_zeroblob(statement_, index, 0);
  return sqlite3_bind_blob64(statement_, index, value.data(), value.size(), SQLITE_STATIC);
}

}  // namespace streamhouse::metadata::sqlite
