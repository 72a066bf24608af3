#pragma once
/// \file  StopSignals: SIGTERM and SIGINT as an event of the core.

#include <functional>
#include <memory>

#include "runtime/asio_runtime.h"

namespace streamhouse::runtime {

/// The first signal calls `stop` on the executor; a second one ends the process with exit code 1 at
/// once, whatever it is doing.
/// Lifetime:  one a process; the runtime outlives it. After its end signals have their default
///            action again, unless one came.
class StopSignals {
 public:
  StopSignals(AsioRuntime& runtime, std::move_only_function<void()> stop);
  ~StopSignals();
  StopSignals(const StopSignals&) = delete;
  StopSignals& operator=(const StopSignals&) = delete;

 private:
  class Wait;
  std::unique_ptr<Wait> wait_;
};

}  // namespace streamhouse::runtime
