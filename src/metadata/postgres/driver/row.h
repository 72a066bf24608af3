#pragma once
/// \file  Row: one row of a result in PostgreSQL's binary form, read as the domain's types.

#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "metadata/postgres/driver/parameters.h"

struct pg_result;

namespace streamhouse::metadata::postgres {

/// Lifetime:  its result's; so are the views it returns.
class Row {
 public:
  Row(const pg_result* result, int row) : result_(result), row_(row) {}

  bool is_null(int column) const;
  /// Of a boolean or an integer of any size.
  std::int64_t integer(int column) const;
  std::string_view text(int column) const;
  /// Of a column that was written by to_stored_text.
  std::string any_text(int column) const;
  base::BytesView blob(int column) const { return base::as_bytes(text(column)); }

  /// Of an array of int8 without NULLs; empty for NULL, and for what is no such array.
  std::vector<std::int64_t> integers(int column) const;

  /// The column as an integer, enumerator, strong integer, string, Bytes (copied; empty for NULL),
  /// TopicId or an optional of one of these, or as a vector of strong integers.
  template <class T>
  T get(int column) const {
    if constexpr (kIsOptional<T>) {
      return is_null(column) ? T() : T(get<typename T::value_type>(column));
    } else if constexpr (kIsVector<T>) {
      return elements<typename T::value_type>(integers(column));
    } else if constexpr (StrongInteger<T>) {
      return T(static_cast<typename T::rep>(integer(column)));
    } else if constexpr (std::is_integral_v<T> || std::is_enum_v<T>) {
      return static_cast<T>(integer(column));
    } else if constexpr (std::is_same_v<T, std::string>) {
      return std::string(text(column));
    } else if constexpr (std::is_same_v<T, base::Bytes>) {
      return base::Bytes::copy_of(blob(column));
    } else {
      static_assert(std::is_same_v<T, model::TopicId>);
      return topic_id(column);
    }
  }

  /// Reads the columns from `first` on into `targets`, in order.
  template <class... Targets>
  void read_from(int first, Targets&... targets) const {
    ((targets = get<Targets>(first++)), ...);
  }

 private:
  template <StrongInteger T>
  static std::vector<T> elements(const std::vector<std::int64_t>& integers) {
    std::vector<T> values;
    values.reserve(integers.size());
    for (const std::int64_t value : integers)
      values.push_back(T(static_cast<typename T::rep>(value)));
    return values;
  }
  model::TopicId topic_id(int column) const;

  const pg_result* result_;
  int row_;
};

}  // namespace streamhouse::metadata::postgres
