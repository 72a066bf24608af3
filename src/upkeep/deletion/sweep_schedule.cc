#include "upkeep/deletion/sweep_schedule.h"

#include <algorithm>

namespace streamhouse::upkeep {

bool SweepSchedule::is_due(model::SessionId session, runtime::MonoTime now) const {
  const auto visit = visits_.find(session);
  return visit == visits_.end() || now >= visit->second.next;
}

void SweepSchedule::swept(model::SessionId session, runtime::MonoTime now) {
  const auto [visit, is_first] = visits_.try_emplace(session);
  Visit& next = visit->second;
  next.pause = is_first ? first_ : std::min(next.pause * 2, longest_);
  next.next = now + next.pause;
}

}  // namespace streamhouse::upkeep
