#pragma once
/// \file  How C++ types stand for the wire's: what the members of a message may be, and the table
/// of fields from which everything about a message follows.
///
/// A message is a struct of plain members whose initializers are the fields' defaults, and a list
/// fields() that names each member once with the versions that have it. Reading, writing, sizing,
/// comparing and describing are one walk each over that list (decoder.h, encoder.h, equal.h,
/// describe.h); none of them is a template of the message.

#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <type_traits>
#include <vector>

#include "base/bytes.h"
#include "wire/codec/versions.h"

namespace streamhouse::wire {

/// Borrowed from the frame that was read, or from whoever wrote it. Not checked to be UTF-8.
using String = std::string_view;
using NullableString = std::optional<String>;
using Uuid = std::array<std::uint8_t, 16>;
template <class T>
using Array = std::vector<T>;
template <class T>
using NullableArray = std::optional<std::vector<T>>;

/// A record set: consecutive batches, in pieces that lie wherever they lie. Neither reading nor
/// writing copies them: one that was read is one piece inside the frame.
struct Records {
  std::vector<base::Bytes> pieces = {};
  std::size_t size() const;
};
using NullableRecords = std::optional<Records>;

enum class Kind : std::uint8_t {
  kBool,
  kInt8,
  kInt16,
  kInt32,
  kInt64,
  kUuid,
  kString,
  kBytes,
  kRecords,
  kStruct,
  kArray,
  kNullable,  ///< std::optional of one of the above.
};

struct Field;
using FieldList = std::span<const Field>;

/// A C++ type, as the walks see it: behind a void pointer.
struct Type {
  Kind kind;
  std::size_t size;  ///< Of a value in memory.
  /// kArray: its elements; kNullable: what may be null.
  const Type* inner = nullptr;
  /// kArray and kNullable (an array of at most one): how many there are; make them so many, answer
  /// the first; the first.
  std::size_t (*count)(const void*) = nullptr;
  void* (*resize)(void*, std::size_t) = nullptr;
  const void* (*data)(const void*) = nullptr;
  /// kStruct.
  FieldList (*fields)() = nullptr;
  const void* defaults = nullptr;  ///< A value with every default.
  std::shared_ptr<void> (*make)() = nullptr;
};

/// Where a member is, and in which versions.
struct Field {
  std::string_view name;  ///< As in Kafka's documents.
  const Type* type;
  void* (*locate)(void*);  ///< The member of a struct.
  Versions versions;
  Versions nullable;
  int tag;  ///< -1: not tagged.

  const void* locate_in(const void* object) const { return locate(const_cast<void*>(object)); }
  bool tagged() const { return tag >= 0; }
};

struct FieldOptions {
  Versions nullable = {};
  int tag = -1;
};

template <class T>
struct TypeOf;

namespace scalars {
template <class T>
consteval Kind kind_of() {
  if (std::same_as<T, bool>) return Kind::kBool;
  if (sizeof(T) == 1) return Kind::kInt8;
  if (sizeof(T) == 2) return Kind::kInt16;
  return sizeof(T) == 4 ? Kind::kInt32 : Kind::kInt64;
}
}  // namespace scalars

/// Signed integers, bool, and enumerations over signed integers.
template <class T>
  requires std::signed_integral<T> || std::same_as<T, bool> || std::is_enum_v<T>
struct TypeOf<T> {
  static constexpr Type kType{.kind = scalars::kind_of<T>(), .size = sizeof(T)};
};
template <>
struct TypeOf<Uuid> {
  static constexpr Type kType{.kind = Kind::kUuid, .size = sizeof(Uuid)};
};
template <>
struct TypeOf<String> {
  static constexpr Type kType{.kind = Kind::kString, .size = sizeof(String)};
};
template <>
struct TypeOf<base::BytesView> {
  static constexpr Type kType{.kind = Kind::kBytes, .size = sizeof(base::BytesView)};
};
template <>
struct TypeOf<Records> {
  static constexpr Type kType{.kind = Kind::kRecords, .size = sizeof(Records)};
};

template <class T>
concept Described = requires {
  { T::fields() } -> std::same_as<FieldList>;
};

template <Described T>
inline constexpr T kDefaults{};

template <Described T>
struct TypeOf<T> {
  static std::shared_ptr<void> make() { return std::make_shared<T>(); }
  static constexpr Type kType{.kind = Kind::kStruct,
                              .size = sizeof(T),
                              .fields = &T::fields,
                              .defaults = &kDefaults<T>,
                              .make = &make};
};

template <class T>
struct TypeOf<std::vector<T>> {
  using Vector = std::vector<T>;
  static std::size_t count(const void* array) { return static_cast<const Vector*>(array)->size(); }
  static const void* data(const void* array) { return static_cast<const Vector*>(array)->data(); }
  static void* resize(void* array, std::size_t size) {
    auto& vector = *static_cast<Vector*>(array);
    vector.resize(size);
    return vector.data();
  }
  static constexpr Type kType{.kind = Kind::kArray,
                              .size = sizeof(Vector),
                              .inner = &TypeOf<T>::kType,
                              .count = &count,
                              .resize = &resize,
                              .data = &data};
};

template <class T>
struct TypeOf<std::optional<T>> {
  using Optional = std::optional<T>;
  static std::size_t count(const void* value) {
    return static_cast<const Optional*>(value)->has_value() ? 1 : 0;
  }
  static const void* data(const void* value) {
    const auto& optional = *static_cast<const Optional*>(value);
    return optional.has_value() ? &*optional : nullptr;
  }
  static void* resize(void* value, std::size_t size) {
    auto& optional = *static_cast<Optional*>(value);
    if (size > 0) return &optional.emplace();
    optional.reset();
    return nullptr;
  }
  static constexpr Type kType{.kind = Kind::kNullable,
                              .size = sizeof(Optional),
                              .inner = &TypeOf<T>::kType,
                              .count = &count,
                              .resize = &resize,
                              .data = &data};
};

template <class Owner, class Member>
Owner owner_of(Member Owner::*);
template <class Owner, class Member>
Member member_of(Member Owner::*);

template <auto kMember>
void* locate_member(void* object) {
  using Owner = decltype(owner_of(kMember));
  return &(static_cast<Owner*>(object)->*kMember);
}

void nullable_fields_are_optional_and_no_others();  // Calling it does not compile below.

/// One line of a fields() list. A field that may be null in some version is a std::optional.
template <auto kMember>
consteval Field field(std::string_view name, Versions versions, FieldOptions options = {}) {
  using Member = decltype(member_of(kMember));
  const bool is_optional = TypeOf<Member>::kType.kind == Kind::kNullable;
  if (is_optional != options.nullable.any()) nullable_fields_are_optional_and_no_others();
  return {.name = name,
          .type = &TypeOf<Member>::kType,
          .locate = &locate_member<kMember>,
          .versions = versions,
          .nullable = options.nullable,
          .tag = options.tag};
}

}  // namespace streamhouse::wire
