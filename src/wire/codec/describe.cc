#include "wire/codec/describe.h"

#include <algorithm>
#include <cstring>

namespace streamhouse::wire {
namespace {

/// The struct in `type`, which may be an array or null; nullptr if there is none.
const Type* struct_in(const Type& type) {
  const Type* innermost = &type;
  while (innermost->inner != nullptr) innermost = innermost->inner;
  return innermost->kind == Kind::kStruct ? innermost : nullptr;
}

std::string type_name(const Type& type) {
  switch (type.kind) {
    case Kind::kBool:
      return "bool";
    case Kind::kInt8:
      return "int8";
    case Kind::kInt16:
      return "int16";
    case Kind::kInt32:
      return "int32";
    case Kind::kInt64:
      return "int64";
    case Kind::kUuid:
      return "uuid";
    case Kind::kString:
      return "string";
    case Kind::kBytes:
      return "bytes";
    case Kind::kRecords:
      return "records";
    case Kind::kStruct:
      return "struct";
    case Kind::kArray:
      return "[]" + type_name(*type.inner);
    case Kind::kNullable:
      return type_name(*type.inner);
  }
  return {};
}

bool is_array(const Type& type) {
  return type.kind == Kind::kArray ||
         (type.kind == Kind::kNullable && type.inner->kind == Kind::kArray);
}

template <std::integral T>
std::string number(const void* from) {
  T value;
  std::memcpy(&value, from, sizeof(T));
  return value == 0 ? std::string() : std::to_string(value);
}

std::string default_text(const Type& type, const void* value) {
  switch (type.kind) {
    case Kind::kBool:
      return *static_cast<const bool*>(value) ? "true" : "";
    case Kind::kInt8:
      return number<std::int8_t>(value);
    case Kind::kInt16:
      return number<std::int16_t>(value);
    case Kind::kInt32:
      return number<std::int32_t>(value);
    case Kind::kInt64:
      return number<std::int64_t>(value);
    case Kind::kNullable:
      return type.count(value) == 0 ? "null" : default_text(*type.inner, type.data(value));
    case Kind::kString:
      return std::string(*static_cast<const String*>(value));
    case Kind::kUuid:
    case Kind::kBytes:
    case Kind::kRecords:
    case Kind::kStruct:
    case Kind::kArray:
      return {};
  }
  return {};
}

void append_rows(const Type& object, const std::string& prefix, std::vector<FieldRow>& rows) {
  for (const Field& field : object.fields()) {
    const std::string path = prefix + std::string(field.name);
    rows.push_back({.path = path,
                    .type = type_name(*field.type),
                    .versions = to_string(field.versions),
                    .nullable = to_string(field.nullable),
                    .tag = field.tagged() ? std::to_string(field.tag) : "",
                    .default_value = default_text(*field.type, field.locate_in(object.defaults))});
    if (const Type* inner = struct_in(*field.type))
      append_rows(*inner, path + (is_array(*field.type) ? "[]." : "."), rows);
  }
}

}  // namespace

std::vector<FieldRow> describe(const Type& message) {
  std::vector<FieldRow> rows;
  append_rows(message, "", rows);
  return rows;
}

std::size_t nesting(const Type& message) {
  std::size_t deepest = 0;
  for (const Field& field : message.fields())
    if (const Type* inner = struct_in(*field.type)) deepest = std::max(deepest, nesting(*inner));
  return deepest + 1;
}

}  // namespace streamhouse::wire
