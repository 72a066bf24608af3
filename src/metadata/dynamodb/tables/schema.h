#pragma once
/// \file  The table itself: made if it is not there, refused if it is not ours or not safe.

#include "metadata/dynamodb/driver/table.h"
#include "metadata/settings.h"

namespace streamhouse::metadata::dynamodb {

/// Raised when an older program must not use a table any more.
inline constexpr std::int64_t kSchemaVersion = 1;

/// Whether a table with replicas in other regions is accepted: another region has not every
/// acknowledged write, and knows nothing of conditions that were checked here.
enum class Replicas : std::uint8_t { kRefuse, kAllow };

/// Makes the table (billed on demand) and what every table has, or finds both; any number of agents
/// may do so at once. A table that is only read is not made. Errors: kInvalid naming what has to be
/// set right: keys, rights, a table of another kind, replicas; kUnsupported for a table of a later
/// program, or one that nobody has used yet, if it is only read; kUnavailable and the like if
/// trying again may help.
Task<Status> prepare_table(Table& table, model::TopicId new_cluster_id, Replicas replicas);

/// Errors: kCorrupt if it is missing.
Task<Result<ClusterInfo>> read_cluster(Table& table);
/// As it stands at cluster_key().
Item item_of(const ClusterInfo& cluster);

}  // namespace streamhouse::metadata::dynamodb
