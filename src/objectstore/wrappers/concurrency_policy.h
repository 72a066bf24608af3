#pragma once
/// \file  ConcurrencyPolicy: how many requests a server is sent at once, by how it takes them.

#include <cstddef>
#include <cstdint>

#include "runtime/time.h"

namespace streamhouse::objectstore {

/// Additive increase, multiplicative decrease (Chiu and Jain, 1989): a limit's worth of successes
/// raises the limit by one while it is what holds requests back; being throttled halves it, once
/// for all requests that were under way together.
class ConcurrencyPolicy {
 public:
  struct Options {
    std::size_t limit_first = 32;
    std::size_t limit_min = 2;
    std::size_t limit_max = 64;
    runtime::Duration halve_interval = std::chrono::seconds(1);  ///< Between two halvings.
  };

  explicit ConcurrencyPolicy(Options options)
      : options_(options), limit_(static_cast<double>(options.limit_first)) {}

  std::size_t limit() const { return static_cast<std::size_t>(limit_); }
  /// A request went well while `in_use` were under way, itself included.
  void succeeded(std::size_t in_use);
  void throttled(runtime::MonoTime now);
  std::uint64_t halving_count() const { return halving_count_; }

 private:
  const Options options_;
  double limit_;
  runtime::MonoTime halve_again_at_ = runtime::MonoTime::min();
  std::uint64_t halving_count_ = 0;
};

}  // namespace streamhouse::objectstore
