#pragma once
/// \file  Backoff: how long to wait before the next try. Exponential with jitter, so that many
/// callers that failed together do not come back together.

#include "runtime/random.h"
#include "runtime/time.h"

namespace streamhouse::runtime {

class Backoff {
 public:
  struct Limits {
    Duration first = std::chrono::milliseconds(5);
    Duration longest = std::chrono::seconds(1);
  };
  Backoff() = default;
  explicit Backoff(Limits limits) : limits_(limits) {}

  /// Uniform in [ceiling / 2, ceiling], where the ceiling doubles with each call.
  Duration next(Random& random);
  void reset() { attempts_ = 0; }
  int attempts() const { return attempts_; }

 private:
  Limits limits_;
  int attempts_ = 0;
};

}  // namespace streamhouse::runtime
