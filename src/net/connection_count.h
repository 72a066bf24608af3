#pragma once
/// \file  How many connections a port of this host has, for servers that do not say themselves.

#include <cstddef>
#include <cstdint>

namespace streamhouse::net {

/// Established TCP connections whose local end has `port`, as the kernel lists them; 0 if it does
/// not. Cost: reads the list of all sockets.
std::size_t connection_count(std::uint16_t port);

}  // namespace streamhouse::net
