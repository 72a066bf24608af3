#include "wire/codec/equal.h"

#include <algorithm>
#include <cstring>

namespace streamhouse::wire {
namespace {

bool equal_records(const Records& a, const Records& b) {
  if (a.size() != b.size()) return false;
  const auto joined = [](const Records& records) {
    base::ByteVector bytes;
    for (const base::Bytes& piece : records.pieces)
      bytes.insert(bytes.end(), piece.view().begin(), piece.view().end());
    return bytes;
  };
  return joined(a) == joined(b);
}

bool equal_elements(const Type& type, const void* a, const void* b) {
  const std::size_t count = type.count(a);
  if (type.count(b) != count) return false;
  const auto* at_a = static_cast<const std::uint8_t*>(type.data(a));
  const auto* at_b = static_cast<const std::uint8_t*>(type.data(b));
  for (std::size_t i = 0; i < count; ++i, at_a += type.inner->size, at_b += type.inner->size)
    if (!equal_values(*type.inner, at_a, at_b)) return false;
  return true;
}

}  // namespace

bool equal_values(const Type& type, const void* a, const void* b) {
  switch (type.kind) {
    case Kind::kBool:
    case Kind::kInt8:
    case Kind::kInt16:
    case Kind::kInt32:
    case Kind::kInt64:
    case Kind::kUuid:
      return std::memcmp(a, b, type.size) == 0;
    case Kind::kString:
      return *static_cast<const String*>(a) == *static_cast<const String*>(b);
    case Kind::kBytes:
      return base::equal(*static_cast<const base::BytesView*>(a),
                         *static_cast<const base::BytesView*>(b));
    case Kind::kRecords:
      return equal_records(*static_cast<const Records*>(a), *static_cast<const Records*>(b));
    case Kind::kStruct:
      return std::ranges::all_of(type.fields(), [a, b](const Field& field) {
        return equal_values(*field.type, field.locate_in(a), field.locate_in(b));
      });
    case Kind::kArray:
    case Kind::kNullable:
      return equal_elements(type, a, b);
  }
  return false;
}

}  // namespace streamhouse::wire
