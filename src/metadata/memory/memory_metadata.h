#pragma once
/// \file  MemoryMetadata: the metadata operations as synchronous functions over plain tables. It is
/// the executable specification that every store is compared with, and the database of simulated
/// clusters.

#include <functional>

#include "metadata/memory/memory_tables.h"

namespace streamhouse::metadata {

/// Deterministic: the same calls with the same clock give the same answers and the same tables.
/// Each function has the contract of the operation of its name in MetadataStore.
/// Threading: one thread at a time.
/// Invariant: check_invariants() in metadata/memory/memory_invariants.h.
class MemoryMetadata {
 public:
  /// The database's clock. It may jump, as real ones do.
  using Clock = std::function<DatabaseMs()>;

  MemoryMetadata(Clock clock, model::TopicId cluster_id);

  /// The whole state. Restoring an older snapshot is a failover that lost what came after it.
  const MemoryTables& tables() const { return tables_; }
  void restore(MemoryTables tables) { tables_ = std::move(tables); }

  // Topics: memory_topics.cc, memory_partitions.cc
  Result<Topic> create_topic(NewTopic topic);
  Result<std::optional<Topic>> delete_topic(const model::TopicId& id);
  Status purge_topic(model::TopicNo topic);
  Result<Topic> get_topic(const TopicRef& topic) const;
  Result<std::vector<Topic>> list_topics(model::TopicNo after, std::size_t limit) const;
  Result<Topic> update_topic_config(const std::string& name, const TopicChange& change);
  Result<Topic> create_partitions(const std::string& name, std::int32_t count);
  Result<Partition> get_partition(TopicPartition key) const;
  Result<std::vector<Partition>> list_partitions(model::TopicNo topic) const;
  Result<std::vector<Partition>> list_free_partitions(std::size_t limit) const;
  Status advance_log_start(TopicPartition key, SessionId owner, LeaderEpoch epoch,
                           Offset log_start);

  // The log: memory_session_log.cc
  Result<Appended> append(SessionId session, Seq seq, const LogEntry& entry);
  Status checkpoint(SessionId session, Seq upto_seq, segment::CheckpointTable partitions);
  Result<std::optional<CheckpointRow>> get_checkpoint(SessionId session) const;
  Result<Seq> trim(SessionId session, Seq upto_seq);
  Result<std::vector<LogRow>> tail(SessionId session, Seq after, std::size_t limit) const;
  Result<SelfSeal> self_seal(SessionId session, Seq seq);

  // Take-over: memory_takeover.cc
  Result<std::vector<Session>> list_due_sessions(const std::optional<std::string>& agent_id) const;
  Result<Session> get_session(SessionId session) const;
  Result<std::vector<Session>> list_sessions(SessionId after, std::size_t limit) const;
  Result<Seq> seal_session(SessionId session);
  Result<RecoveryView> load_recovery(SessionId session) const;
  Result<std::size_t> recover_partitions(SessionId session,
                                         const segment::CheckpointTable& final_states);
  Status finish_recovery(SessionId session);

  // Agents and leases: memory_leases.cc
  Result<DatabaseMs> open_session(NewSession session);
  Result<HeartbeatReply> heartbeat(SessionId session, std::int64_t timeout_ms,
                                   ListOwned list_owned);
  Status deregister_agent(const std::string& agent_id, SessionId session);
  Result<Agent> get_agent(const std::string& agent_id) const;
  Result<std::vector<Agent>> list_agents(Liveness liveness) const;
  Result<std::vector<Result<Partition>>> acquire_leases(
      SessionId session, const std::vector<AcquireRequest>& requests);
  Result<Lease> get_lease(TopicPartition key) const;
  Result<std::vector<Lease>> list_leases(std::optional<model::TopicNo> topic) const;

  // Objects: memory_objects.cc, memory_replace.cc
  Result<std::vector<LoadedPartition>> load_partitions(
      const std::vector<TopicPartition>& keys) const;
  Result<std::vector<SpanLocation>> list_segments(TopicPartition key, Offset from,
                                                  std::size_t limit) const;
  Result<SpanLocation> find_segment(TopicPartition key, Offset offset) const;
  Result<std::size_t> delete_segments_before(TopicPartition key, Offset before, std::size_t limit);
  Status replace_objects(const Replacement& replacement);
  Result<std::vector<ObjectRow>> list_objects(const std::string& after, std::size_t limit) const;
  Result<std::vector<ObjectCount>> count_objects() const;
  Result<std::vector<ObjectRow>> list_dead(DatabaseMs dead_before_ms, std::size_t limit) const;
  Status forget_objects(const std::vector<std::string>& keys);
  Result<NamedObjects> named_objects(SessionId session) const;

  // Groups: memory_groups.cc
  Status save_group(const ShardGuard& guard, Group group);
  Status commit_offsets(const ShardGuard& guard, const std::string& group_id,
                        std::int64_t commit_no, const std::vector<CommittedOffset>& offsets);
  Status delete_offsets(const ShardGuard& guard, const std::string& group_id,
                        std::int64_t commit_no, const std::vector<TopicPartition>& keys);
  Status delete_group(const ShardGuard& guard, const std::string& group_id, std::int64_t commit_no);
  Result<LoadedGroup> load_group(const std::string& group_id) const;
  Result<std::vector<CommittedOffset>> fetch_offsets(const std::string& group_id,
                                                     const std::vector<TopicPartition>& keys) const;
  Result<std::vector<Group>> list_groups(const std::string& after, std::size_t limit) const;
  Result<std::size_t> expire_offsets(DatabaseMs before_ms, std::size_t limit);

  // Settings: memory_settings.cc
  Result<model::ProducerId> allocate_producer_ids(std::int64_t count);
  Result<Changes> watch_changes(std::int64_t after_version, std::size_t limit) const;
  Result<Setting> get_setting(const std::string& key) const;
  Result<Setting> put_setting(const std::string& key, base::Bytes value,
                              std::int64_t expected_version);
  Status delete_setting(const std::string& key, std::int64_t expected_version);
  Result<std::vector<Setting>> list_settings(const std::string& prefix) const;
  Result<ClusterInfo> cluster_info() const { return tables_.cluster; }
  Result<DatabaseMs> database_now() const { return clock_(); }

  // Moving: memory_archive.cc
  Status read_rows(const std::shared_ptr<RowSink>& sink) const;
  Status begin_import(const ClusterRow& cluster, const std::string& archive);
  Status insert_rows(const std::vector<ArchiveRow>& rows);

 private:
  using Sessions = std::map<SessionId, SessionRecord>;

  Topic* find_live_topic(const std::string& name);
  bool has_unrecovered_owner(const Partition& row) const;
  bool has_unrecovered_owner(model::TopicNo topic) const;
  void add_partitions(const Topic& topic, std::int32_t first);
  Topic touch_topic(Topic& topic);

  SessionRecord* find_session(SessionId session);
  const SessionRecord* find_session(SessionId session) const;
  bool is_live(SessionId session) const;
  void insert_row(SessionRecord& record, CheckedRow row);
  void seal(SessionRecord& record, Seq seq);
  Result<Appended> look_at(const SessionRecord* record, const LogRow& wanted) const;
  bool trim_allows(const SessionRecord& record, const CheckedRow& row) const;
  void drop_prefix(SessionRecord& record, Seq upto_seq);
  /// Rules P6 and P10: frees the partition with its final state, if the entry's guard holds.
  bool free_partition(SessionId owner, const segment::PartitionCheckpoint& entry);

  Result<Partition> acquire_one(SessionId session, const AcquireRequest& request);
  Lease lease_of(const Partition& row) const;
  std::vector<Partition> owned_by(SessionId session) const;

  Status check_replacement(const Replacement& replacement) const;
  Status check_inputs(const SessionRecord& log, const Replacement& replacement) const;
  void insert_segments(const Replacement& replacement);
  /// Returns the segment after the forgotten one.
  std::map<MemoryTables::SegmentKey, Segment>::iterator forget_segment(
      std::map<MemoryTables::SegmentKey, Segment>::iterator segment);

  Status check_guard(const ShardGuard& guard) const;
  enum class GroupWrite : std::uint8_t {
    kApply,
    kDone,  ///< This very write was applied before.
  };
  /// Errors: kConflict.
  Result<GroupWrite> check_commit_no(const ShardGuard& guard, const std::string& group_id,
                                     std::int64_t commit_no) const;
  GroupRecord& write_group(const std::string& group_id, std::int64_t commit_no);

  void add_change(ChangeKind kind, std::string key);
  void add_lease_change(TopicPartition key);

  Clock clock_;
  MemoryTables tables_;
};

}  // namespace streamhouse::metadata
