#pragma once
/// \file  Parameters: the values of one statement in PostgreSQL's binary form; each type of the
/// domain is encoded in exactly one place.

#include <concepts>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "base/bytes.h"
#include "model/ids.h"

namespace streamhouse::metadata::postgres {

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
template <class T>
constexpr bool kIsVector = false;
template <class T>
constexpr bool kIsVector<std::vector<T>> = !std::is_same_v<T, std::uint8_t>;

/// Numbers of pg_type: the same on every server.
enum class TypeOid : std::uint32_t {
  kBytea = 17,
  kInt8 = 20,
  kText = 25,
  kByteaArray = 1001,
  kTextArray = 1009,
  kInt8Array = 1016,
  kUuid = 2950,
};

/// Integers, enumerators and strong integers travel as int8, texts as text, bytes as bytea, topic
/// ids as uuid, vectors of these (but topic ids) as arrays, an empty optional as NULL of its type.
/// Texts and bytes are borrowed: they must outlive the call that uses the parameters.
class Parameters {
 public:
  template <class... Values>
  explicit Parameters(const Values&... values) {
    (add(values), ...);
  }
  Parameters(const Parameters&) = delete;
  Parameters& operator=(const Parameters&) = delete;

  int count() const { return static_cast<int>(types_.size()); }
  const std::uint32_t* types() const { return types_.data(); }
  const char* const* values() const { return values_.data(); }
  const int* lengths() const { return lengths_.data(); }
  const int* formats() const { return formats_.data(); }

 private:
  template <class T>
  static constexpr TypeOid type_of() {
    if constexpr (kIsOptional<T>) {
      return type_of<typename T::value_type>();
    } else if constexpr (kIsVector<T>) {
      constexpr TypeOid kElement = type_of<typename T::value_type>();
      static_assert(kElement == TypeOid::kInt8 || kElement == TypeOid::kText ||
                    kElement == TypeOid::kBytea);
      return kElement == TypeOid::kInt8   ? TypeOid::kInt8Array
             : kElement == TypeOid::kText ? TypeOid::kTextArray
                                          : TypeOid::kByteaArray;
    } else if constexpr (StrongInteger<T> || std::is_integral_v<T> || std::is_enum_v<T>) {
      return TypeOid::kInt8;
    } else if constexpr (std::is_same_v<T, model::TopicId>) {
      return TypeOid::kUuid;
    } else if constexpr (std::is_convertible_v<const T&, std::string_view>) {
      return TypeOid::kText;
    } else {
      static_assert(std::is_convertible_v<const T&, base::BytesView>);
      return TypeOid::kBytea;
    }
  }

  template <class T>
  static std::int64_t as_integer(const T& value) {
    if constexpr (StrongInteger<T>) {
      return static_cast<std::int64_t>(value.value());
    } else {
      return static_cast<std::int64_t>(value);
    }
  }

  template <class T>
  void add(const T& value) {
    if constexpr (kIsOptional<T>) {
      if (value) return add(*value);
      return put(type_of<T>(), nullptr, 0);
    } else if constexpr (kIsVector<T>) {
      constexpr TypeOid kElement = type_of<typename T::value_type>();
      std::string& bytes = begin_array(kElement, value.size());
      for (const auto& element : value) {
        if constexpr (kElement == TypeOid::kInt8) {
          append_integer_element(bytes, as_integer(element));
        } else if constexpr (kElement == TypeOid::kText) {
          append_element(bytes, std::string_view(element));
        } else {
          append_element(bytes, base::as_text(base::BytesView(element)));
        }
      }
      put(type_of<T>(), bytes.data(), bytes.size());
    } else if constexpr (type_of<T>() == TypeOid::kInt8) {
      add_integer(as_integer(value));
    } else if constexpr (type_of<T>() == TypeOid::kUuid) {
      const base::BytesView bytes(value.bytes);
      put(TypeOid::kUuid, base::as_text(bytes).data(), bytes.size());
    } else if constexpr (type_of<T>() == TypeOid::kText) {
      const std::string_view text(value);
      put(TypeOid::kText, text.empty() ? "" : text.data(), text.size());
    } else {
      const std::string_view bytes = base::as_text(base::BytesView(value));
      put(TypeOid::kBytea, bytes.empty() ? "" : bytes.data(), bytes.size());
    }
  }

  void put(TypeOid type, const char* data, std::size_t size);
  void add_integer(std::int64_t value);
  std::string& begin_array(TypeOid element, std::size_t count);
  static void append_integer_element(std::string& bytes, std::int64_t value);
  static void append_element(std::string& bytes, std::string_view element);

  std::deque<std::string> owned_;  ///< What was encoded here; never moves.
  std::vector<std::uint32_t> types_;
  std::vector<const char*> values_;
  std::vector<int> lengths_;
  std::vector<int> formats_;
};

}  // namespace streamhouse::metadata::postgres
