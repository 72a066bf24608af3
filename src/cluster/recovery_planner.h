#pragma once
/// \file  plan_recovery: what the partitions of a sealed session ended with (rules P5, P6, P12).
/// Pure.

#include "metadata/session_log.h"

namespace streamhouse::cluster {

struct RecoveryPlan {
  /// The final state of every partition that the session still owns: its newest valid checkpoint
  /// entry, or else its row, and what the log says after that. Entries carry the epoch that was
  /// read.
  segment::CheckpointTable states = {};
  /// Partitions that are left out, because where they end cannot be known.
  std::size_t damaged = 0;
  /// kCorrupt, of the first of them: its log has a hole or overlap (L3), or its producers, or a
  /// commit that may hold spans of it, do not decode.
  std::optional<base::Error> damage = {};
};
RecoveryPlan plan_recovery(const metadata::RecoveryView& view);

}  // namespace streamhouse::cluster
