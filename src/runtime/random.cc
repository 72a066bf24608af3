#include "runtime/random.h"

#include <sys/random.h>

#include <bit>

#include "base/check.h"

namespace streamhouse::runtime {
namespace {

/// splitmix64 (Steele, Lea, Flood, "Fast splittable pseudorandom number generators", 2014).
std::uint64_t split_mix(std::uint64_t& state) {
  state += 0x9e3779b97f4a7c15;
  std::uint64_t z = state;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
  z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
  return z ^ (z >> 31);
}

}  // namespace

Random::Random(std::uint64_t seed) {
  for (auto& word : state_) word = split_mix(seed);
}

std::uint64_t Random::next() {
  const std::uint64_t result = std::rotl(state_[1] * 5, 7) * 9;
  const std::uint64_t shifted = state_[1] << 17;
  state_[2] ^= state_[0];
  state_[3] ^= state_[1];
  state_[1] ^= state_[2];
  state_[0] ^= state_[3];
  state_[2] ^= shifted;
  state_[3] = std::rotl(state_[3], 45);
  return result;
}

std::uint64_t Random::below(std::uint64_t bound) {
  SH_CHECK(bound > 0, "a range has at least one value");
  // Values below 2^64 mod bound are drawn again, so that every remainder is equally likely.
  const std::uint64_t uneven = (0 - bound) % bound;
  std::uint64_t value = next();
  while (value < uneven) value = next();
  return value % bound;
}

std::int64_t Random::between(std::int64_t low, std::int64_t high) {
  SH_CHECK(low <= high, "low end first");
  const auto base = static_cast<std::uint64_t>(low);
  const std::uint64_t width = static_cast<std::uint64_t>(high) - base;
  const std::uint64_t step = width + 1 == 0 ? next() : below(width + 1);
  return static_cast<std::int64_t>(base + step);
}

bool Random::chance(double probability) { return uniform() < probability; }

double Random::uniform() { return static_cast<double>(next() >> 11) * 0x1.0p-53; }

std::uint64_t entropy_seed() {
  std::uint64_t seed = 0;
  const auto got = getrandom(&seed, sizeof(seed), 0);
  SH_CHECK(got == sizeof(seed), "the kernel answers for eight bytes of entropy at once");
  return seed;
}

}  // namespace streamhouse::runtime
