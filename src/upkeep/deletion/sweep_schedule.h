#pragma once
/// \file  SweepSchedule: when which session is looked at. Pure; time is passed in.

#include <map>
#include <set>

#include "model/ids.h"
#include "runtime/time.h"

namespace streamhouse::upkeep {

/// A sealed session is swept at once, then again at growing intervals: a put that its sender has
/// long forgotten may still land.
/// Memory: about 100 bytes a session.
class SweepSchedule {
 public:
  SweepSchedule(runtime::Duration first, runtime::Duration longest)
      : first_(first), longest_(longest) {}

  bool is_due(model::SessionId session, runtime::MonoTime now) const;
  /// A sweep of the sealed session has ended.
  void swept(model::SessionId session, runtime::MonoTime now);

 private:
  struct Visit {
    runtime::MonoTime next;
    runtime::Duration pause;
  };

  runtime::Duration first_;
  runtime::Duration longest_;
  std::map<model::SessionId, Visit> visits_;
};

}  // namespace streamhouse::upkeep
