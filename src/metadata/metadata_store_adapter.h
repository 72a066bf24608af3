#pragma once
/// \file  MetadataStoreAdapter: a store that sends every operation through one function, so that
/// faults, metrics and the in-memory store are each written once and not once per operation.

#include <utility>

#include "metadata/metadata_store.h"
#include "metadata/operation.h"

namespace streamhouse::metadata {

/// `Derived` has a public template `perform(Operation, Call call)`, where `call(target)` makes the
/// call on anything that has functions of the operations' names, and returns what they return. The
/// call holds its arguments by value, can be copied, and can be made more than once.
/// All operations of one Derived take seconds to compile: its header declares `extern template
/// class MetadataStoreAdapter<Derived>`, its .cc defines perform, constructor and destructor and
/// instantiates the adapter. perform is never inlined, so that there is one to link to where the
/// adapter's functions were.
template <class Derived>
class MetadataStoreAdapter : public MetadataStore {
 public:
  // Topics
  Task<Result<Topic>> create_topic(NewTopic topic) override {
    return through(Operation::kCreateTopic,
                   [topic = std::move(topic)](auto& to) { return to.create_topic(topic); });
  }
  Task<Result<std::optional<Topic>>> delete_topic(model::TopicId id) override {
    return through(Operation::kDeleteTopic, [id](auto& to) { return to.delete_topic(id); });
  }
  Task<Status> purge_topic(model::TopicNo topic) override {
    return through(Operation::kPurgeTopic, [topic](auto& to) { return to.purge_topic(topic); });
  }
  Task<Result<Topic>> get_topic(TopicRef topic) override {
    return through(Operation::kGetTopic,
                   [topic = std::move(topic)](auto& to) { return to.get_topic(topic); });
  }
  Task<Result<std::vector<Topic>>> list_topics(model::TopicNo after, std::size_t limit) override {
    return through(Operation::kListTopics,
                   [after, limit](auto& to) { return to.list_topics(after, limit); });
  }
  Task<Result<Topic>> update_topic_config(std::string name, TopicChange change) override {
    return through(Operation::kUpdateTopicConfig,
                   [name = std::move(name), change = std::move(change)](auto& to) {
                     return to.update_topic_config(name, change);
                   });
  }
  Task<Result<Topic>> create_partitions(std::string name, std::int32_t count) override {
    return through(Operation::kCreatePartitions, [name = std::move(name), count](auto& to) {
      return to.create_partitions(name, count);
    });
  }
  Task<Result<Partition>> get_partition(TopicPartition key) override {
    return through(Operation::kGetPartition, [key](auto& to) { return to.get_partition(key); });
  }
  Task<Result<std::vector<Partition>>> list_partitions(model::TopicNo topic) override {
    return through(Operation::kListPartitions,
                   [topic](auto& to) { return to.list_partitions(topic); });
  }
  Task<Result<std::vector<Partition>>> list_free_partitions(std::size_t limit) override {
    return through(Operation::kListFreePartitions,
                   [limit](auto& to) { return to.list_free_partitions(limit); });
  }
  Task<Status> advance_log_start(TopicPartition key, SessionId owner, LeaderEpoch epoch,
                                 Offset log_start) override {
    return through(Operation::kAdvanceLogStart, [key, owner, epoch, log_start](auto& to) {
      return to.advance_log_start(key, owner, epoch, log_start);
    });
  }

  // The session log
  Task<Result<Appended>> append(SessionId session, Seq seq, LogEntry entry) override {
    return through(Operation::kAppend, [session, seq, entry = std::move(entry)](auto& to) {
      return to.append(session, seq, entry);
    });
  }
  Task<Status> checkpoint(SessionId session, Seq upto_seq,
                          segment::CheckpointTable partitions) override {
    return through(Operation::kCheckpoint,
                   [session, upto_seq, partitions = std::move(partitions)](auto& to) {
                     return to.checkpoint(session, upto_seq, partitions);
                   });
  }
  Task<Result<std::optional<CheckpointRow>>> get_checkpoint(SessionId session) override {
    return through(Operation::kGetCheckpoint,
                   [session](auto& to) { return to.get_checkpoint(session); });
  }
  Task<Result<Seq>> trim(SessionId session, Seq upto_seq) override {
    return through(Operation::kTrim,
                   [session, upto_seq](auto& to) { return to.trim(session, upto_seq); });
  }
  Task<Result<std::vector<LogRow>>> tail(SessionId session, Seq after, std::size_t limit) override {
    return through(Operation::kTail,
                   [session, after, limit](auto& to) { return to.tail(session, after, limit); });
  }
  Task<Result<std::vector<Session>>> list_due_sessions(
      std::optional<std::string> agent_id) override {
    return through(Operation::kListDueSessions, [agent_id = std::move(agent_id)](auto& to) {
      return to.list_due_sessions(agent_id);
    });
  }
  Task<Result<Session>> get_session(SessionId session) override {
    return through(Operation::kGetSession, [session](auto& to) { return to.get_session(session); });
  }
  Task<Result<std::vector<Session>>> list_sessions(SessionId after, std::size_t limit) override {
    return through(Operation::kListSessions,
                   [after, limit](auto& to) { return to.list_sessions(after, limit); });
  }
  Task<Result<Seq>> seal_session(SessionId session) override {
    return through(Operation::kSealSession,
                   [session](auto& to) { return to.seal_session(session); });
  }
  Task<Result<RecoveryView>> load_recovery(SessionId session) override {
    return through(Operation::kLoadRecovery,
                   [session](auto& to) { return to.load_recovery(session); });
  }
  Task<Result<std::size_t>> recover_partitions(SessionId session,
                                               segment::CheckpointTable final_states) override {
    return through(Operation::kRecoverPartitions,
                   [session, final_states = std::move(final_states)](auto& to) {
                     return to.recover_partitions(session, final_states);
                   });
  }
  Task<Status> finish_recovery(SessionId session) override {
    return through(Operation::kFinishRecovery,
                   [session](auto& to) { return to.finish_recovery(session); });
  }
  Task<Result<SelfSeal>> self_seal(SessionId session, Seq seq) override {
    return through(Operation::kSelfSeal,
                   [session, seq](auto& to) { return to.self_seal(session, seq); });
  }

  // Agents and leases
  Task<Result<DatabaseMs>> open_session(NewSession session) override {
    return through(Operation::kOpenSession,
                   [session = std::move(session)](auto& to) { return to.open_session(session); });
  }
  Task<Result<HeartbeatReply>> heartbeat(SessionId session, std::int64_t timeout_ms,
                                         ListOwned list_owned) override {
    return through(Operation::kHeartbeat, [session, timeout_ms, list_owned](auto& to) {
      return to.heartbeat(session, timeout_ms, list_owned);
    });
  }
  Task<Status> deregister_agent(std::string agent_id, SessionId session) override {
    return through(Operation::kDeregisterAgent,
                   [agent_id = std::move(agent_id), session](auto& to) {
                     return to.deregister_agent(agent_id, session);
                   });
  }
  Task<Result<Agent>> get_agent(std::string agent_id) override {
    return through(Operation::kGetAgent,
                   [agent_id = std::move(agent_id)](auto& to) { return to.get_agent(agent_id); });
  }
  Task<Result<std::vector<Agent>>> list_agents(Liveness liveness) override {
    return through(Operation::kListAgents,
                   [liveness](auto& to) { return to.list_agents(liveness); });
  }
  Task<Result<std::vector<Result<Partition>>>> acquire_leases(
      SessionId session, std::vector<AcquireRequest> requests) override {
    return through(Operation::kAcquireLeases, [session, requests = std::move(requests)](auto& to) {
      return to.acquire_leases(session, requests);
    });
  }
  Task<Result<Lease>> get_lease(TopicPartition key) override {
    return through(Operation::kGetLease, [key](auto& to) { return to.get_lease(key); });
  }
  Task<Result<std::vector<Lease>>> list_leases(std::optional<model::TopicNo> topic) override {
    return through(Operation::kListLeases, [topic](auto& to) { return to.list_leases(topic); });
  }

  // Objects
  Task<Result<std::vector<LoadedPartition>>> load_partitions(
      std::vector<TopicPartition> keys) override {
    return through(Operation::kLoadPartitions,
                   [keys = std::move(keys)](auto& to) { return to.load_partitions(keys); });
  }
  Task<Result<std::vector<SpanLocation>>> list_segments(TopicPartition key, Offset from,
                                                        std::size_t limit) override {
    return through(Operation::kListSegments,
                   [key, from, limit](auto& to) { return to.list_segments(key, from, limit); });
  }
  Task<Result<SpanLocation>> find_segment(TopicPartition key, Offset offset) override {
    return through(Operation::kFindSegment,
                   [key, offset](auto& to) { return to.find_segment(key, offset); });
  }
  Task<Result<std::size_t>> delete_segments_before(TopicPartition key, Offset before,
                                                   std::size_t limit) override {
    return through(Operation::kDeleteSegmentsBefore, [key, before, limit](auto& to) {
      return to.delete_segments_before(key, before, limit);
    });
  }
  Task<Status> replace_objects(Replacement replacement) override {
    return through(Operation::kReplaceObjects, [replacement = std::move(replacement)](auto& to) {
      return to.replace_objects(replacement);
    });
  }
  Task<Result<std::vector<ObjectRow>>> list_objects(std::string after, std::size_t limit) override {
    return through(Operation::kListObjects, [after = std::move(after), limit](auto& to) {
      return to.list_objects(after, limit);
    });
  }
  Task<Result<std::vector<ObjectCount>>> count_objects() override {
    return through(Operation::kCountObjects, [](auto& to) { return to.count_objects(); });
  }
  Task<Result<std::vector<ObjectRow>>> list_dead(DatabaseMs dead_before_ms,
                                                 std::size_t limit) override {
    return through(Operation::kListDead, [dead_before_ms, limit](auto& to) {
      return to.list_dead(dead_before_ms, limit);
    });
  }
  Task<Status> forget_objects(std::vector<std::string> keys) override {
    return through(Operation::kForgetObjects,
                   [keys = std::move(keys)](auto& to) { return to.forget_objects(keys); });
  }
  Task<Result<NamedObjects>> named_objects(SessionId session) override {
    return through(Operation::kNamedObjects,
                   [session](auto& to) { return to.named_objects(session); });
  }

  // Groups
  Task<Status> save_group(ShardGuard guard, Group group) override {
    return through(Operation::kSaveGroup, [guard, group = std::move(group)](auto& to) {
      return to.save_group(guard, group);
    });
  }
  Task<Status> commit_offsets(ShardGuard guard, std::string group_id, std::int64_t commit_no,
                              std::vector<CommittedOffset> offsets) override {
    return through(Operation::kCommitOffsets, [guard, group_id = std::move(group_id), commit_no,
                                               offsets = std::move(offsets)](auto& to) {
      return to.commit_offsets(guard, group_id, commit_no, offsets);
    });
  }
  Task<Status> delete_offsets(ShardGuard guard, std::string group_id, std::int64_t commit_no,
                              std::vector<TopicPartition> keys) override {
    return through(Operation::kDeleteOffsets,
                   [guard, group_id = std::move(group_id), commit_no, keys = std::move(keys)](
                       auto& to) { return to.delete_offsets(guard, group_id, commit_no, keys); });
  }
  Task<Status> delete_group(ShardGuard guard, std::string group_id,
                            std::int64_t commit_no) override {
    return through(Operation::kDeleteGroup,
                   [guard, group_id = std::move(group_id), commit_no](auto& to) {
                     return to.delete_group(guard, group_id, commit_no);
                   });
  }
  Task<Result<LoadedGroup>> load_group(std::string group_id) override {
    return through(Operation::kLoadGroup,
                   [group_id = std::move(group_id)](auto& to) { return to.load_group(group_id); });
  }
  Task<Result<std::vector<CommittedOffset>>> fetch_offsets(
      std::string group_id, std::vector<TopicPartition> keys) override {
    return through(Operation::kFetchOffsets,
                   [group_id = std::move(group_id), keys = std::move(keys)](auto& to) {
                     return to.fetch_offsets(group_id, keys);
                   });
  }
  Task<Result<std::vector<Group>>> list_groups(std::string after, std::size_t limit) override {
    return through(Operation::kListGroups, [after = std::move(after), limit](auto& to) {
      return to.list_groups(after, limit);
    });
  }
  Task<Result<std::size_t>> expire_offsets(DatabaseMs before_ms, std::size_t limit) override {
    return through(Operation::kExpireOffsets,
                   [before_ms, limit](auto& to) { return to.expire_offsets(before_ms, limit); });
  }

  // Settings
  Task<Result<model::ProducerId>> allocate_producer_ids(std::int64_t count) override {
    return through(Operation::kAllocateProducerIds,
                   [count](auto& to) { return to.allocate_producer_ids(count); });
  }
  Task<Result<Changes>> watch_changes(std::int64_t after_version, std::size_t limit) override {
    return through(Operation::kWatchChanges, [after_version, limit](auto& to) {
      return to.watch_changes(after_version, limit);
    });
  }
  Task<Result<Setting>> get_setting(std::string key) override {
    return through(Operation::kGetSetting,
                   [key = std::move(key)](auto& to) { return to.get_setting(key); });
  }
  Task<Result<Setting>> put_setting(std::string key, base::Bytes value,
                                    std::int64_t expected_version) override {
    return through(Operation::kPutSetting,
                   [key = std::move(key), value = std::move(value), expected_version](auto& to) {
                     return to.put_setting(key, value, expected_version);
                   });
  }
  Task<Status> delete_setting(std::string key, std::int64_t expected_version) override {
    return through(Operation::kDeleteSetting, [key = std::move(key), expected_version](auto& to) {
      return to.delete_setting(key, expected_version);
    });
  }
  Task<Result<std::vector<Setting>>> list_settings(std::string prefix) override {
    return through(Operation::kListSettings,
                   [prefix = std::move(prefix)](auto& to) { return to.list_settings(prefix); });
  }
  Task<Result<ClusterInfo>> cluster_info() override {
    return through(Operation::kClusterInfo, [](auto& to) { return to.cluster_info(); });
  }
  Task<Result<DatabaseMs>> database_now() override {
    return through(Operation::kDatabaseNow, [](auto& to) { return to.database_now(); });
  }

  // Moving
  Task<Status> read_rows(std::shared_ptr<RowSink> sink) override {
    return through(Operation::kReadRows,
                   [sink = std::move(sink)](auto& to) { return to.read_rows(sink); });
  }
  Task<Status> begin_import(ClusterRow cluster, std::string archive) override {
    return through(Operation::kBeginImport, [cluster, archive = std::move(archive)](auto& to) {
      return to.begin_import(cluster, archive);
    });
  }
  Task<Status> insert_rows(std::vector<ArchiveRow> rows) override {
    return through(Operation::kInsertRows,
                   [rows = std::move(rows)](auto& to) { return to.insert_rows(rows); });
  }

 private:
  friend Derived;
  MetadataStoreAdapter() = default;

  template <class Call>
  auto through(Operation operation, Call call) {
    return static_cast<Derived*>(this)->perform(operation, std::move(call));
  }
};

}  // namespace streamhouse::metadata
