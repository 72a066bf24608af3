#include "metadata/postgres/driver/stored_text.h"

namespace streamhouse::metadata::postgres {

namespace {

constexpr std::string_view kMark = "\xef\xb7\x90";
constexpr std::string_view kMarkedMark = "\xef\xb7\x90\xef\xb7\x90";
constexpr std::string_view kMarkedZero = "\xef\xb7\x90\x30";

}  // namespace

std::string to_stored_text(std::string_view text) {
  std::string stored;
  stored.reserve(text.size());
  while (!text.empty()) {
    const bool is_mark = text.starts_with(kMark);
    const std::string_view plain = text.substr(0, 1);
    stored += is_mark ? kMarkedMark : text.front() == '\0' ? kMarkedZero : plain;
    text.remove_prefix(is_mark ? kMark.size() : 1);
  }
  return stored;
}

std::string from_stored_text(std::string_view stored) {
  std::string text;
  text.reserve(stored.size());
  while (!stored.empty()) {
    const bool is_mark = stored.starts_with(kMarkedMark);
    const bool is_zero = stored.starts_with(kMarkedZero);
    text += is_mark ? kMark : is_zero ? std::string_view("\0", 1) : stored.substr(0, 1);
    stored.remove_prefix(is_mark ? kMarkedMark.size() : is_zero ? kMarkedZero.size() : 1);
  }
  return text;
}

}  // namespace streamhouse::metadata::postgres
