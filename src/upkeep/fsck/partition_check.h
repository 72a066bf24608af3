#pragma once
/// \file  check_partition: what is wrong with one partition, by one snapshot of it. Pure.

#include "metadata/objects.h"
#include "upkeep/fsck/checkpointed.h"
#include "upkeep/fsck/findings.h"

namespace streamhouse::upkeep {

/// L3: the spans tile [log start, high watermark), up to exactly there if nobody leads. L4: epochs
/// rise with offsets up to the row's, no checkpoint says more than the row and the log hold, and
/// the log start is not past the end. F2: the spans of one epoch lie in one session's log.
/// `checkpointed` was read before.
Findings check_partition(const metadata::LoadedPartition& loaded, const Checkpointed& checkpointed);

}  // namespace streamhouse::upkeep
