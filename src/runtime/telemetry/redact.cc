#include "runtime/telemetry/redact.h"

#include <algorithm>
#include <cctype>
#include <initializer_list>

namespace streamhouse::runtime {
namespace {

constexpr std::string_view kBlank = "***";
constexpr std::string_view kTokenEnds = " \t\r\n\"'<>";

bool is_name_char(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '-';
}

/// A URL's password lies between the first `:` after the scheme and the last `@` of the word.
std::string redact_user_info(std::string_view word) {
  const std::size_t scheme = word.find("://");
  if (scheme == std::string_view::npos) return std::string(word);
  const std::size_t colon = word.find(':', scheme + 3);
  const std::size_t at = word.rfind('@');
  if (colon == std::string_view::npos || at == std::string_view::npos || at < colon)
    return std::string(word);
  std::string shown(word.substr(0, colon + 1));
  shown += kBlank;
  shown += word.substr(at);
  return shown;
}

std::string redact_parameters(std::string_view word) {
  std::string shown;
  while (true) {
    const std::size_t equals = word.find('=');
    if (equals == std::string_view::npos) return shown.append(word);
    std::size_t name = equals;
    while (name > 0 && is_name_char(word[name - 1])) --name;
    shown.append(word.substr(0, equals + 1));
    const std::size_t end = std::min(word.find('&', equals), word.size());
    const bool secret = names_secret(word.substr(name, equals - name));
    shown.append(secret ? kBlank : word.substr(equals + 1, end - equals - 1));
    word.remove_prefix(end);
  }
}

}  // namespace

bool names_secret(std::string_view name) {
  std::string lower(name);
  for (char& c : lower) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  for (const std::string_view part : {"password", "passwd", "secret", "token"})
    if (lower.contains(part)) return true;
  return false;
}

std::string redact(std::string_view text) {
  std::string shown;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find_first_of(kTokenEnds), text.size());
    shown += redact_parameters(redact_user_info(text.substr(0, end)));
    const std::size_t next = std::min(text.find_first_not_of(kTokenEnds, end), text.size());
    shown += text.substr(end, next - end);
    text.remove_prefix(next);
  }
  return shown;
}

}  // namespace streamhouse::runtime
