#pragma once
/// \file  How often this program has asked for memory: its operator new counts.

#include <cstdint>

namespace streamhouse::bench {

/// By all threads, since the start.
std::uint64_t allocation_count();

}  // namespace streamhouse::bench
