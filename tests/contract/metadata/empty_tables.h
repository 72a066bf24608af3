#pragma once
/// \file  SQL that leaves the tables of PostgreSQL and its kin as a new database has them. Opening
/// it makes the cluster.

#include <string_view>

namespace streamhouse::metadata::contract {

inline constexpr std::string_view kEmptyTables =
    "DELETE FROM sh_topics; DELETE FROM sh_partitions; DELETE FROM sh_partition_producers;"
    "DELETE FROM sh_agents; DELETE FROM sh_sessions; DELETE FROM sh_commits;"
    "DELETE FROM sh_checkpoints; DELETE FROM sh_objects; DELETE FROM sh_segments;"
    "DELETE FROM sh_groups; DELETE FROM sh_group_floors; DELETE FROM sh_offsets;"
    "DELETE FROM sh_changes; DELETE FROM sh_settings; UPDATE sh_counters SET value = 0;"
    "UPDATE sh_object_counts SET objects = 0, bytes = 0; DELETE FROM sh_cluster";

}  // namespace streamhouse::metadata::contract
