#pragma once
/// \file  Values on their way into and out of SQLite: each type of the domain is bound and read in
/// exactly one place.

#include <concepts>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>

#include "base/bytes.h"
#include "model/ids.h"

struct sqlite3_stmt;

namespace streamhouse::metadata::sqlite {

/// Strong integers (base/strong.h): an unsigned 64-bit one is kept as the signed integer of the
/// same bits.
template <class T>
concept StrongInteger = requires(T value) {
  typename T::rep;
  { value.value() } -> std::same_as<typename T::rep>;
};

template <class T>
constexpr bool kIsOptional = false;
template <class T>
constexpr bool kIsOptional<std::optional<T>> = true;

/// The row that a statement stands on.
/// Lifetime:  until the next row; so are the views it returns.
class Row {
 public:
  explicit Row(sqlite3_stmt* statement) : statement_(statement) {}

  bool is_null(int column) const;
  std::int64_t integer(int column) const;
  std::string_view text(int column) const;
  std::string any_text(int column) const { return std::string(text(column)); }
  base::BytesView blob(int column) const;

  /// The column as an integer, enumerator, strong integer, string, Bytes (copied), TopicId or an
  /// optional of one of these.
  template <class T>
  T get(int column) const {
    if constexpr (kIsOptional<T>) {
      return is_null(column) ? T() : T(get<typename T::value_type>(column));
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
  model::TopicId topic_id(int column) const;

  sqlite3_stmt* statement_;
};

/// Binds parameters of one statement. Texts and blobs are borrowed until the statement is reset.
class Binder {
 public:
  explicit Binder(sqlite3_stmt* statement) : statement_(statement) {}

  /// Binds the values to ?1, ?2, ... Returns a SQLite result code, 0 if all went well.
  template <class... Values>
  int bind_all(const Values&... values) {
    int code = 0;
    int index = 0;
    ((code = code == 0 ? bind(++index, values) : code), ...);
    return code;
  }

 private:
  template <class T>
  int bind(int index, const T& value) {
    if constexpr (kIsOptional<T>) {
      return value ? bind(index, *value) : bind_null(index);
    } else if constexpr (StrongInteger<T>) {
      return bind_integer(index, static_cast<std::int64_t>(value.value()));
    } else if constexpr (std::is_integral_v<T> || std::is_enum_v<T>) {
      return bind_integer(index, static_cast<std::int64_t>(value));
    } else if constexpr (std::is_same_v<T, model::TopicId>) {
      return bind_blob(index, base::BytesView(value.bytes));
    } else if constexpr (std::is_convertible_v<const T&, std::string_view>) {
      return bind_text(index, value);
    } else {
      return bind_blob(index, base::BytesView(value));
    }
  }
  int bind_null(int index);
  int bind_integer(int index, std::int64_t value);
  int bind_text(int index, std::string_view value);
  int bind_blob(int index, base::BytesView value);

  sqlite3_stmt* statement_;
};

}  // namespace streamhouse::metadata::sqlite
