#pragma once
/// \file  Random: the one source of chance. Seeded from the kernel in production, from the seed in
/// simulation.

#include <cstdint>

namespace streamhouse::runtime {

/// xoshiro256** (Blackman and Vigna, "Scrambled linear pseudorandom number generators", 2018),
/// seeded by splitmix64. Not for secrets. Threading: one thread at a time.
class Random {
 public:
  explicit Random(std::uint64_t seed);
  /// All 64 bits uniform.
  std::uint64_t next();
  /// Uniform in [0, bound). Requires: bound > 0.
  std::uint64_t below(std::uint64_t bound);
  /// Uniform in [low, high]. Requires: low <= high.
  std::int64_t between(std::int64_t low, std::int64_t high);
  /// True with the given probability.
  bool chance(double probability);
  /// Uniform in [0, 1).
  double uniform();
  /// A generator whose stream is independent of what this one yields later.
  Random fork() { return Random(next()); }

 private:
  std::uint64_t state_[4];
};

/// 64 bits from the operating system's entropy source.
std::uint64_t entropy_seed();

}  // namespace streamhouse::runtime
