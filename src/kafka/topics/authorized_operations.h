#pragma once
/// \file  What clients may do, for those who ask: everything, as in a Kafka without an authorizer.

#include <cstdint>

#include "wire/messages/authorized_operations.h"

namespace streamhouse::kafka {

/// Bits by Kafka's number of an operation: 3 read, 4 write, 5 create, 6 delete, 7 alter, 8
/// describe, 9 cluster action, 10 describe configs, 11 alter configs, 12 idempotent write.
constexpr std::int32_t kTopicOperations =
    1 << 3 | 1 << 4 | 1 << 5 | 1 << 6 | 1 << 7 | 1 << 8 | 1 << 10 | 1 << 11;
constexpr std::int32_t kClusterOperations =
    1 << 5 | 1 << 7 | 1 << 8 | 1 << 9 | 1 << 10 | 1 << 11 | 1 << 12;

constexpr std::int32_t kGroupOperations = 1 << 3 | 1 << 6 | 1 << 8;

constexpr std::int32_t operations(bool asked, std::int32_t allowed) {
  return asked ? allowed : wire::kOperationsNotAsked;
}

}  // namespace streamhouse::kafka
