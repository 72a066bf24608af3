#pragma once
/// \file  show(): any answer of a metadata store as text, field by field, so that two stores can be
/// compared and a difference read. Errors show their code only: texts may differ.

#include <boost/pfr.hpp>
#include <map>
#include <optional>
#include <string>
#include <type_traits>
#include <variant>
#include <vector>

#include "base/hex.h"
#include "metadata/metadata_store.h"

namespace streamhouse::metadata::contract {

template <class T>
std::string show(const T& value);

template <class T>
concept Named = requires(const T& value) { value.value(); };

template <class T>
std::string show_each(const T& range) {
  std::string text = "[";
  for (const auto& item : range) text += (text.size() > 1 ? ", " : "") + show(item);
  return text + "]";
}

template <class T>
std::string show_fields(const T& value) {
  std::string text = "{";
  boost::pfr::for_each_field(
      value, [&text](const auto& field) { text += (text.size() > 1 ? ", " : "") + show(field); });
  return text + "}";
}

inline std::string show_one(const std::string& text) { return "'" + text + "'"; }
inline std::string show_one(const base::Bytes& bytes) { return "0x" + base::to_hex(bytes.view()); }
inline std::string show_one(const model::TopicId& id) { return to_string(id); }
template <class K, class V>
std::string show_one(const std::pair<K, V>& pair) {
  return show(pair.first) + "=" + show(pair.second);
}
template <class K, class V>
std::string show_one(const std::map<K, V>& map) {
  return show_each(map);
}
template <class T>
std::string show_one(const std::vector<T>& list) {
  return show_each(list);
}
template <class T>
std::string show_one(const std::optional<T>& value) {
  return value ? show(*value) : "none";
}
template <class T>
std::string show_one(const base::Result<T>& result) {
  if (!result) return std::string(base::errc_name(result.error().code));
  if constexpr (std::is_void_v<T>)
    return "ok";
  else
    return show(*result);
}

template <class T>
std::string show(const T& value) {
  if constexpr (std::is_enum_v<T>)
    return std::to_string(static_cast<int>(value));
  else if constexpr (std::is_arithmetic_v<T>)
    return std::to_string(value);
  else if constexpr (requires { show_one(value); })
    return show_one(value);
  else if constexpr (Named<T>)
    return std::to_string(value.value());
  else
    return show_fields(value);
}

}  // namespace streamhouse::metadata::contract
