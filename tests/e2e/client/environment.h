#pragma once
/// \file  What a run of these tests may be told from outside.

#include <cstdlib>
#include <string>

#include "runtime/random.h"

namespace streamhouse::e2e {

inline std::uint64_t number_from_environment(const char* name, std::uint64_t otherwise) {
  const char* const text = std::getenv(name);
  return text == nullptr ? otherwise : std::stoull(text);
}

/// E2E_SEED, or a new one for each run. Tests name it when they fail.
inline std::uint64_t chosen_seed() {
  return number_from_environment("E2E_SEED", runtime::entropy_seed());
}

}  // namespace streamhouse::e2e
