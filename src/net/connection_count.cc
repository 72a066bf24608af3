#include "net/connection_count.h"

#include <charconv>
#include <fstream>
#include <optional>
#include <sstream>
#include <string>
#include <string_view>

namespace streamhouse::net {
namespace {

std::optional<unsigned> parse_hex(std::string_view text) {
  unsigned value = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value, 16);
  if (error != std::errc{} || stop != end) return std::nullopt;
  return value;
}

/// A line of proc(5)'s net/tcp: number, local address:port, remote address:port, state, ...
bool is_established(const std::string& line, std::uint16_t port) {
  constexpr unsigned kEstablished = 1;
  std::istringstream fields(line);
  std::string number;
  std::string local;
  std::string remote;
  std::string state;
  if (!(fields >> number >> local >> remote >> state)) return false;
  const auto local_port = parse_hex(std::string_view(local).substr(local.rfind(':') + 1));
  return local_port == port && parse_hex(state) == kEstablished;
}

}  // namespace

std::size_t connection_count(std::uint16_t port) {
  std::size_t count = 0;
  for (const char* const path : {"/proc/self/net/tcp", "/proc/self/net/tcp6"}) {
    std::ifstream sockets(path);
    for (std::string line; std::getline(sockets, line);) {
      if (is_established(line, port)) ++count;
    }
  }
  return count;
}

}  // namespace streamhouse::net
