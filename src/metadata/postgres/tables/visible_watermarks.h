#pragma once
/// \file  Visible high watermarks, as they stand packed beside a session's newest checkpoint.

#include <map>
#include <span>
#include <vector>

#include "metadata/postgres/driver/connection.h"
#include "metadata/rules/visible_watermarks.h"

namespace streamhouse::metadata::postgres {

/// Their fields as columns: parallel arrays.
struct VisibleColumns {
  VisibleColumns() = default;
  explicit VisibleColumns(const VisibleWatermarks& visible);

  std::vector<model::TopicNo> topics = {};
  std::vector<model::PartitionIndex> partitions = {};
  std::vector<LeaderEpoch> epochs = {};
  std::vector<Offset> high_watermarks = {};
};

/// Empty if the session has no checkpoint.
Result<VisibleWatermarks> visible_of(Connection& db, SessionId session);
/// After another checkpoint of the session, without the partitions that it leads no more.
Result<VisibleWatermarks> visible_after(Connection& db, SessionId session,
                                        const segment::CheckpointTable& entries);
/// Of every session that has a checkpoint.
Result<std::map<SessionId, VisibleWatermarks>> visible_of_all(Connection& db);

/// Raises those of rows that have a leader to what its checkpoints have shown. Rows that are to
/// agree with one another: in one snapshot with them.
Status raise_visible(Connection& db, std::span<Partition> rows);

}  // namespace streamhouse::metadata::postgres
