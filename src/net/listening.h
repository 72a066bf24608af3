#pragma once
/// \file  How the servers of this folder begin to listen.

#include <boost/asio/ip/tcp.hpp>

#include "base/error.h"
#include "net/address.h"

namespace streamhouse::net {

/// Opens `acceptor` on the first address that a host's name leads to. Returns the address with the
/// port that was chosen. Blocks while a name is looked up. Errors: kUnavailable, naming the
/// address.
base::Result<HostPort> begin_listening(const HostPort& address,
                                       boost::asio::ip::tcp::acceptor& acceptor);

}  // namespace streamhouse::net
