#include "metadata/operation.h"

#include <array>

namespace streamhouse::metadata {

namespace {

constexpr std::array<OperationInfo, kOperationCount> kOperations{{
    {"create_topic", OperationGroup::kTopics, Access::kWrite},
    {"delete_topic", OperationGroup::kTopics, Access::kWrite},
    {"purge_topic", OperationGroup::kTopics, Access::kWrite},
    {"get_topic", OperationGroup::kTopics, Access::kRead},
    {"list_topics", OperationGroup::kTopics, Access::kRead},
    {"update_topic_config", OperationGroup::kTopics, Access::kWrite},
    {"create_partitions", OperationGroup::kTopics, Access::kWrite},
    {"get_partition", OperationGroup::kTopics, Access::kRead},
    {"list_partitions", OperationGroup::kTopics, Access::kRead},
    {"list_free_partitions", OperationGroup::kTopics, Access::kRead},
    {"advance_log_start", OperationGroup::kTopics, Access::kWrite},
    {"append", OperationGroup::kLog, Access::kWrite},
    {"checkpoint", OperationGroup::kLog, Access::kWrite},
    {"get_checkpoint", OperationGroup::kLog, Access::kRead},
    {"trim", OperationGroup::kLog, Access::kWrite},
    {"tail", OperationGroup::kLog, Access::kRead},
    {"list_due_sessions", OperationGroup::kLog, Access::kRead},
    {"get_session", OperationGroup::kLog, Access::kRead},
    {"list_sessions", OperationGroup::kLog, Access::kRead},
    {"seal_session", OperationGroup::kLog, Access::kWrite},
    {"load_recovery", OperationGroup::kLog, Access::kRead},
    {"recover_partitions", OperationGroup::kLog, Access::kWrite},
    {"finish_recovery", OperationGroup::kLog, Access::kWrite},
    {"self_seal", OperationGroup::kLog, Access::kWrite},
    {"open_session", OperationGroup::kLeases, Access::kWrite},
    {"heartbeat", OperationGroup::kLeases, Access::kWrite},
    {"deregister_agent", OperationGroup::kLeases, Access::kWrite},
    {"get_agent", OperationGroup::kLeases, Access::kRead},
    {"list_agents", OperationGroup::kLeases, Access::kRead},
    {"acquire_leases", OperationGroup::kLeases, Access::kWrite},
    {"get_lease", OperationGroup::kLeases, Access::kRead},
    {"list_leases", OperationGroup::kLeases, Access::kRead},
    {"load_partitions", OperationGroup::kObjects, Access::kRead},
    {"list_segments", OperationGroup::kObjects, Access::kRead},
    {"find_segment", OperationGroup::kObjects, Access::kRead},
    {"delete_segments_before", OperationGroup::kObjects, Access::kWrite},
    {"replace_objects", OperationGroup::kObjects, Access::kWrite},
    {"list_objects", OperationGroup::kObjects, Access::kRead},
    {"count_objects", OperationGroup::kObjects, Access::kRead},
    {"list_dead", OperationGroup::kObjects, Access::kRead},
    {"forget_objects", OperationGroup::kObjects, Access::kWrite},
    {"named_objects", OperationGroup::kObjects, Access::kRead},
    {"save_group", OperationGroup::kGroups, Access::kWrite},
    {"commit_offsets", OperationGroup::kGroups, Access::kWrite},
    {"delete_offsets", OperationGroup::kGroups, Access::kWrite},
    {"delete_group", OperationGroup::kGroups, Access::kWrite},
    {"load_group", OperationGroup::kGroups, Access::kRead},
    {"fetch_offsets", OperationGroup::kGroups, Access::kRead},
    {"list_groups", OperationGroup::kGroups, Access::kRead},
    {"expire_offsets", OperationGroup::kGroups, Access::kWrite},
    {"allocate_producer_ids", OperationGroup::kSettings, Access::kWrite},
    {"watch_changes", OperationGroup::kSettings, Access::kRead},
    {"get_setting", OperationGroup::kSettings, Access::kRead},
    {"put_setting", OperationGroup::kSettings, Access::kWrite},
    {"delete_setting", OperationGroup::kSettings, Access::kWrite},
    {"list_settings", OperationGroup::kSettings, Access::kRead},
    {"cluster_info", OperationGroup::kSettings, Access::kRead},
    {"database_now", OperationGroup::kSettings, Access::kRead},
    {"read_rows", OperationGroup::kArchive, Access::kRead},
    {"begin_import", OperationGroup::kArchive, Access::kWrite},
    {"insert_rows", OperationGroup::kArchive, Access::kWrite},
}};

}  // namespace

const OperationInfo& info(Operation operation) {
  return kOperations[static_cast<std::size_t>(operation)];
}

}  // namespace streamhouse::metadata
