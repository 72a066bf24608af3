#pragma once
/// \file  HeartbeatRecord: for how long a process's own heartbeats have succeeded, as rule P8
/// counts it: by its own clock, whatever that does (F6).

#include "runtime/time.h"

namespace streamhouse::sim {

class HeartbeatRecord {
 public:
  explicit HeartbeatRecord(runtime::Duration session_timeout) : timeout_(session_timeout) {}

  /// The process learnt that its session is open.
  void opened(runtime::MonoTime now) { steady_since_ = newest_ = now; }
  /// A heartbeat that was sent then succeeded. One of an earlier session may be answered late.
  void succeeded(runtime::MonoTime sent) {
    if (sent < newest_) return;
    if (sent - newest_ > timeout_) steady_since_ = sent;
    newest_ = sent;
    if (newest_ - steady_since_ >= timeout_) was_steady_ = true;
  }
  /// They did so for a full session timeout, some time. (A take-over that was begun then may go on
  /// although they have failed since.)
  bool was_steady() const { return was_steady_; }

 private:
  runtime::Duration timeout_;
  runtime::MonoTime steady_since_{};
  runtime::MonoTime newest_{};
  bool was_steady_ = false;
};

}  // namespace streamhouse::sim
