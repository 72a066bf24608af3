#pragma once
/// \file  plan_recovery: what the partitions of a sealed session ended with (rules P5, P6, P12).
/// Pure.

#include "metadata/session_log.h"

namespace streamhouse::cluster {

/// The final state of every partition that the session still owns: its newest valid checkpoint
/// entry, or else its row, and what the log says after that. Entries carry the epoch that was read.
/// Errors: kCorrupt if the log has a hole or overlap for a partition (L3), or a payload does not
/// decode.
base::Result<segment::CheckpointTable> plan_recovery(const metadata::RecoveryView& view);

}  // namespace streamhouse::cluster
