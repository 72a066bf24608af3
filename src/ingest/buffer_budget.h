#pragma once
/// \file  BufferBudget: the hard cap on bytes that are accepted but not committed (Z1). At the cap
/// unary calls are refused and streams stop being read.

#include <cstddef>

#include "runtime/signal.h"

namespace streamhouse::ingest {

/// Threading: the core's executor.
class BufferBudget {
 public:
  BufferBudget(runtime::Runtime& runtime, std::size_t limit) : limit_(limit), freed_(runtime) {}

  /// Takes `bytes` if they fit. A request larger than the whole limit never fits.
  bool try_reserve(std::size_t bytes);
  /// Requires: reserved before.
  void release(std::size_t bytes);
  /// Returns when `bytes` would fit, or at `deadline`; someone else may be faster: try again.
  runtime::Task<void> wait_for_room(std::size_t bytes, runtime::MonoTime deadline);

  std::size_t used() const { return used_; }
  std::size_t limit() const { return limit_; }

 private:
  bool fits(std::size_t bytes) const { return bytes <= limit_ - used_; }

  std::size_t limit_;
  std::size_t used_ = 0;
  runtime::Signal freed_;
};

}  // namespace streamhouse::ingest
