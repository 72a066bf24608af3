#include "net/address.h"

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>
#include <optional>

namespace streamhouse::net {
namespace {

using base::Errc;
using base::Result;

constexpr std::size_t kNameBytesMax = 253;  // RFC 1035

bool is_ipv4(const std::string& text) {
  in_addr address{};
  return inet_pton(AF_INET, text.c_str(), &address) == 1;
}

bool is_ipv6(const std::string& text) {
  in6_addr address{};
  return inet_pton(AF_INET6, text.c_str(), &address) == 1;
}

bool is_name_char(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
         c == '.' || c == '_';
}

/// Digits and dots alone are meant as an IPv4 address, so they must be one.
bool is_host(const std::string& host) {
  if (host.find_first_not_of("0123456789.") == std::string::npos) return is_ipv4(host);
  return host.size() <= kNameBytesMax && std::ranges::all_of(host, is_name_char);
}

std::optional<std::uint16_t> parse_port(std::string_view text) {
  std::uint16_t port = 0;
  const auto* end = text.data() + text.size();
  const auto [stopped, error] = std::from_chars(text.data(), end, port);
  if (error != std::errc() || stopped != end) return std::nullopt;
  return port;
}

}  // namespace

Result<HostPort> parse_host_port(std::string_view text) {
  const auto refuse = [text](const char* why) {
    return base::make_error(Errc::kInvalid, "address '" + std::string(text) + "': " + why);
  };
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos) return refuse("expected HOST:PORT");
  const auto port = parse_port(text.substr(colon + 1));
  if (!port) return refuse("the port is no number from 0 to 65535");
  std::string host(text.substr(0, colon));
  if (host.empty()) return refuse("the host is missing");
  if (host.front() == '[') {
    if (host.back() != ']') return refuse("the bracket is not closed");
    host = host.substr(1, host.size() - 2);
    if (!is_ipv6(host)) return refuse("no IPv6 address between the brackets");
  } else if (host.contains(':')) {
    return refuse("an IPv6 address goes into brackets");
  } else if (!is_host(host)) {
    return refuse("neither an IP address nor a host name");
  }
  return HostPort{std::move(host), *port};
}

std::string to_string(const HostPort& address) {
  const bool ipv6 = address.host.contains(':');
  const std::string host = ipv6 ? "[" + address.host + "]" : address.host;
  return host + ":" + std::to_string(address.port);
}

}  // namespace streamhouse::net
