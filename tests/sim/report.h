#pragma once
/// \file  What a simulated run tells on stdout.

#include "run_seed.h"

namespace streamhouse::sim {

/// The trace, what happened in numbers, the digest; then print_violations().
void print(const SeedReport& report);
/// `seed N: INVARIANT (kind) detail`, a line each.
void print_violations(const SeedReport& report);
/// 0, or 1 if an invariant was violated.
int exit_code(const SeedReport& report);

}  // namespace streamhouse::sim
