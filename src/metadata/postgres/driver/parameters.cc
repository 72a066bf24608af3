#include "metadata/postgres/driver/parameters.h"

namespace streamhouse::metadata::postgres {
namespace {

constexpr int kBinary = 1;

/// In network order.
template <class T>
void append(std::string& bytes, T value) {
  for (int shift = static_cast<int>(sizeof(T) - 1) * 8; shift >= 0; shift -= 8)
    bytes.push_back(static_cast<char>(value >> shift));
}

}  // namespace

void Parameters::put(TypeOid type, const char* data, std::size_t size) {
  types_.push_back(static_cast<std::uint32_t>(type));
  values_.push_back(data);
  lengths_.push_back(static_cast<int>(size));
  formats_.push_back(kBinary);
}

void Parameters::add_integer(std::int64_t value) {
  std::string& bytes = owned_.emplace_back();
  append(bytes, value);
  put(TypeOid::kInt8, bytes.data(), bytes.size());
}

std::string& Parameters::begin_array(TypeOid element, std::size_t count) {
  std::string& bytes = owned_.emplace_back();
  append<std::int32_t>(bytes, count == 0 ? 0 : 1);  // dimensions
  append<std::int32_t>(bytes, 0);                   // no NULLs
  append(bytes, static_cast<std::uint32_t>(element));
  if (count == 0) return bytes;
  append(bytes, static_cast<std::int32_t>(count));
  append<std::int32_t>(bytes, 1);  // the first index
  return bytes;
}

void Parameters::append_integer_element(std::string& bytes, std::int64_t value) {
  append<std::int32_t>(bytes, sizeof(value));
  append(bytes, value);
}

void Parameters::append_element(std::string& bytes, std::string_view element) {
  append(bytes, static_cast<std::int32_t>(element.size()));
  bytes.append(element);
}

}  // namespace streamhouse::metadata::postgres
