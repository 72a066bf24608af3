#pragma once
/// \file  Addresses as people write them: `127.0.0.1:9090`, `[::1]:9090`, `agent-1.example:9090`.

#include <cstdint>
#include <string>
#include <string_view>

#include "base/error.h"

namespace streamhouse::net {

struct HostPort {
  std::string host;  ///< IPv4, IPv6 (without brackets) or a name.
  std::uint16_t port = 0;

  friend bool operator==(const HostPort&, const HostPort&) = default;
};

/// Errors: kInvalid, naming `text` and what is wrong with it. Port 0 is allowed: a listener
/// chooses.
base::Result<HostPort> parse_host_port(std::string_view text);

/// The form that parse_host_port() reads.
std::string to_string(const HostPort& address);

}  // namespace streamhouse::net
