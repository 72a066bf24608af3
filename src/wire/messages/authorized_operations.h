#pragma once
/// \file  What stands for the operations that a client may perform, where it did not ask.

#include <cstdint>
#include <limits>

namespace streamhouse::wire {

/// Else each allowed operation is one bit.
constexpr std::int32_t kOperationsNotAsked = std::numeric_limits<std::int32_t>::min();

}  // namespace streamhouse::wire
