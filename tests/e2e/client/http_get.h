#pragma once
/// \file  What an agent's HTTP listener says.

#include <string>

namespace streamhouse::e2e {

/// The body of GET `path` from `address`, a host:port with a number as host.
std::string http_get(const std::string& address, const std::string& path);

/// The value of a sample in the Prometheus text of `address`, as `streamhouse_buffered_bytes`.
double metric(const std::string& address, const std::string& name);

}  // namespace streamhouse::e2e
