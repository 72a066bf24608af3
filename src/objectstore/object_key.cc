#include "objectstore/object_key.h"

#include <algorithm>

namespace streamhouse::objectstore {

using base::Errc;
using base::Error;
using base::Status;

namespace {

constexpr std::size_t kQuotedBytesMax = 100;

bool is_key_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.';
}

Error invalid(std::string_view kind, std::string_view text, std::string_view rule) {
  return base::make_error(Errc::kInvalid,
                          std::string(kind) + " " + printable(text) + " " + std::string(rule));
}

/// The rules that a key's beginning must obey too; `last` is the component still being spelt.
Status check_characters(std::string_view kind, std::string_view text) {
  if (text.size() > kKeyBytesMax) return invalid(kind, text, "is longer than 512 bytes");
  std::size_t start = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '/') {
      if (i == start) return invalid(kind, text, "has an empty component");
      start = i + 1;
      continue;
    }
    if (!is_key_character(text[i]))
      return invalid(kind, text, "has a character other than a-z, 0-9, '-', '_', '.' and '/'");
    if (text[i] == '.' && i == start)
      return invalid(kind, text, "has a component that begins with a dot");
    if (i - start >= kKeyComponentBytesMax)
      return invalid(kind, text, "has a component longer than 255 bytes");
  }
  return {};
}

}  // namespace

Status check_key(std::string_view key) {
  if (key.empty()) return invalid("object key", key, "is empty");
  if (key.back() == '/') return invalid("object key", key, "ends with a slash");
  return check_characters("object key", key);
}

Status check_prefix(std::string_view prefix) { return check_characters("key prefix", prefix); }

Status check_list(std::string_view prefix, std::size_t limit) {
  if (limit == 0 || limit > kListLimitMax)
    return base::make_error(Errc::kInvalid,
                            "list limit " + std::to_string(limit) + " is not within 1..1000");
  return check_prefix(prefix);
}

bool is_key_component(std::string_view name) {
  return !name.empty() && name.front() != '.' && name.size() <= kKeyComponentBytesMax &&
         std::ranges::all_of(name, is_key_character);
}

std::vector<std::string> split_components(std::string_view key) {
  std::vector<std::string> components;
  while (!key.empty()) {
    const auto slash = std::min(key.find('/'), key.size());
    components.emplace_back(key.substr(0, slash));
    key.remove_prefix(std::min(slash + 1, key.size()));
  }
  return components;
}

KeyPath split_key(std::string_view key) {
  const auto slash = key.rfind('/');
  if (slash == std::string_view::npos) return {"", std::string(key)};
  return {std::string(key.substr(0, slash)), std::string(key.substr(slash + 1))};
}

std::string printable(std::string_view text) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string out = "'";
  for (const char c : text.substr(0, kQuotedBytesMax)) {
    if (c >= ' ' && c <= '~') {
      out += c;
      continue;
    }
    const auto byte = static_cast<unsigned char>(c);
    out += "\\x";
    out += kDigits[byte >> 4];
    out += kDigits[byte & 15];
  }
  if (text.size() > kQuotedBytesMax) out += "...";
  return out + "'";
}

}  // namespace streamhouse::objectstore
