#pragma once
/// \file  A rebuild's plan as the rows of an archive, which is then imported like any other.

#include "upkeep/rebuild/rebuild_planner.h"

namespace streamhouse::upkeep {

/// Passes every row, in the order of an archive. `facts` are those that `plan` was made of. The
/// same facts give the same rows. Errors: kCorrupt naming a session whose rows have a gap that no
/// log has; the sink's.
base::Status pass_rows(const BucketFacts& facts, const RebuildPlan& plan, metadata::RowSink& sink);

}  // namespace streamhouse::upkeep
