#pragma once
/// \file  Ctrl-C.

namespace streamhouse::cli {

/// From now on SIGINT ends the process at once with Exit::kInterrupted, and writing to a closed
/// pipe is an error to handle instead of a signal.
void install_signal_handlers();

/// While one of these lives SIGINT only raises it: the work comes to a good end by itself.
/// Invariant: at most one lives at a time.
class InterruptFlag {
 public:
  InterruptFlag();
  InterruptFlag(const InterruptFlag&) = delete;
  InterruptFlag& operator=(const InterruptFlag&) = delete;
  ~InterruptFlag();
  bool raised() const;
};

}  // namespace streamhouse::cli
