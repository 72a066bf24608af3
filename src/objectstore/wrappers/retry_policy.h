#pragma once
/// \file  RetryPolicy: whether a call that failed is made again.

#include <chrono>
#include <cstdint>

#include "base/error.h"

namespace streamhouse::objectstore {

/// Bounds each call's attempts and time, and, with a budget, the share of all attempts that are
/// retries: when much fails, retries stop adding load of their own.
class RetryPolicy {
 public:
  using Duration = std::chrono::nanoseconds;

  struct Options {
    std::uint32_t attempts_max = 8;                ///< Of one call, the first included.
    Duration time_max = std::chrono::seconds(20);  ///< No attempt begins later after the first.
    double budget_per_call = 0.2;                  ///< Retries that each call pays in.
    double budget_max = 50;  ///< Retries that can be saved up; the budget begins full.
  };

  /// An attempt that failed.
  struct Attempt {
    std::uint32_t number = 1;  ///< 1 = the first of its call.
    Duration elapsed{0};       ///< Since the first began.
    base::Errc code = base::Errc::kInternal;
  };

  explicit RetryPolicy(Options options) : options_(options), budget_(options.budget_max) {}

  /// A call begins.
  void begin_call();
  /// Whether another attempt follows after `delay`. If so, it is paid for.
  bool allow(const Attempt& failed, Duration delay);
  /// Attempts that followed a failed one.
  std::uint64_t retry_count() const { return retry_count_; }

 private:
  const Options options_;
  double budget_;
  std::uint64_t retry_count_ = 0;
};

}  // namespace streamhouse::objectstore
