#pragma once
/// \file  PostgresMetadata: the metadata operations as synchronous functions over one connection to
/// PostgreSQL, or to what speaks its protocol. PostgresMetadataStore runs them on worker threads.

#include <optional>

#include "metadata/checked_row.h"
#include "metadata/metadata_store.h"
#include "metadata/postgres/driver/connection.h"

namespace streamhouse::metadata {

/// Each function has the contract of the operation of its name in MetadataStore. Any number of
/// agents may call at once. Each is one statement, or one transaction in which every statement sees
/// what was committed before it and first locks what it relies on; operations that only read see
/// one snapshot.
///
/// Rows are locked in this order, so that transactions wait for each other but never in a circle:
///   1. the counter of topic numbers        5. the floor of a shard's groups, then the group
///   2. sessions, by number as signed       6. segments, then objects, by key
///   3. topics, by number                   7. the counts of objects, by level and state
///   4. partitions, by key                  8. the counter of the change feed
///                                          9. the heartbeat row of an agent
/// What nobody else can see yet may be inserted at any time, and so may a row of a session's log:
/// whoever inserts there waits for nothing but another row of the same seq.
///
/// A call that found the connection broken is kUnavailable, or kUnknownOutcome if its COMMIT was
/// under way; Connection::failure() tells how to go on.
/// Threading: as the connection.
class PostgresMetadata {
 public:
  explicit PostgresMetadata(postgres::Connection& connection) : connection_(connection) {}

  // Topics: postgres_topics.cc, postgres_partitions.cc
  Result<Topic> create_topic(const NewTopic& topic);
  Result<std::optional<Topic>> delete_topic(const model::TopicId& id);
  Status purge_topic(model::TopicNo topic);
  Result<Topic> get_topic(const TopicRef& topic);
  Result<std::vector<Topic>> list_topics(model::TopicNo after, std::size_t limit);
  Result<Topic> update_topic_config(const std::string& name, const TopicChange& change);
  Result<Topic> create_partitions(const std::string& name, std::int32_t count);
  Result<Partition> get_partition(TopicPartition key);
  Result<std::vector<Partition>> list_partitions(model::TopicNo topic);
  Result<std::vector<Partition>> list_free_partitions(std::size_t limit);
  Status advance_log_start(TopicPartition key, SessionId owner, LeaderEpoch epoch,
                           Offset log_start);

  // The log: postgres_session_log.cc
  Result<Appended> append(SessionId session, Seq seq, const LogEntry& entry);
  Status checkpoint(SessionId session, Seq upto_seq, const segment::CheckpointTable& partitions);
  Result<std::optional<CheckpointRow>> get_checkpoint(SessionId session);
  Result<std::vector<LogRow>> tail(SessionId session, Seq after, std::size_t limit);
  Result<SelfSeal> self_seal(SessionId session, Seq seq);
  Result<Seq> trim(SessionId session, Seq upto_seq);

  // Take-over: postgres_takeover.cc
  Result<std::vector<Session>> list_due_sessions(const std::optional<std::string>& agent_id);
  Result<Session> get_session(SessionId session);
  Result<std::vector<Session>> list_sessions(SessionId after, std::size_t limit);
  Result<Seq> seal_session(SessionId session);
  Result<RecoveryView> load_recovery(SessionId session);
  Result<std::size_t> recover_partitions(SessionId session,
                                         const segment::CheckpointTable& final_states);
  Status finish_recovery(SessionId session);

  // Agents and leases: postgres_agents.cc, postgres_leases.cc
  Result<DatabaseMs> open_session(const NewSession& session);
  Result<HeartbeatReply> heartbeat(SessionId session, std::int64_t timeout_ms,
                                   ListOwned list_owned);
  Status deregister_agent(const std::string& agent_id, SessionId session);
  Result<Agent> get_agent(const std::string& agent_id);
  Result<std::vector<Agent>> list_agents(Liveness liveness);
  Result<std::vector<Result<Partition>>> acquire_leases(
      SessionId session, const std::vector<AcquireRequest>& requests);
  Result<Lease> get_lease(TopicPartition key);
  Result<std::vector<Lease>> list_leases(std::optional<model::TopicNo> topic);

  // Objects: postgres_spans.cc, postgres_objects.cc, postgres_replace.cc
  Result<std::vector<LoadedPartition>> load_partitions(const std::vector<TopicPartition>& keys);
  Result<std::vector<SpanLocation>> list_segments(TopicPartition key, Offset from,
                                                  std::size_t limit);
  Result<SpanLocation> find_segment(TopicPartition key, Offset offset);
  Result<std::size_t> delete_segments_before(TopicPartition key, Offset before, std::size_t limit);
  Result<std::vector<ObjectRow>> list_objects(const std::string& after, std::size_t limit);
  Result<std::vector<ObjectCount>> count_objects();
  Result<std::vector<ObjectRow>> list_dead(DatabaseMs dead_before_ms, std::size_t limit);
  Status forget_objects(const std::vector<std::string>& keys);
  Result<NamedObjects> named_objects(SessionId session);
  Status replace_objects(const Replacement& replacement);

  // Groups: postgres_groups.cc, postgres_offsets.cc
  Status save_group(const ShardGuard& guard, const Group& group);
  Status delete_group(const ShardGuard& guard, const std::string& group_id, std::int64_t commit_no);
  Result<LoadedGroup> load_group(const std::string& group_id);
  Result<std::vector<Group>> list_groups(const std::string& after, std::size_t limit);
  Status commit_offsets(const ShardGuard& guard, const std::string& group_id,
                        std::int64_t commit_no, const std::vector<CommittedOffset>& offsets);
  Status delete_offsets(const ShardGuard& guard, const std::string& group_id,
                        std::int64_t commit_no, const std::vector<TopicPartition>& keys);
  Result<std::vector<CommittedOffset>> fetch_offsets(const std::string& group_id,
                                                     const std::vector<TopicPartition>& keys);
  Result<std::size_t> expire_offsets(DatabaseMs before_ms, std::size_t limit);

  // Settings: postgres_settings.cc
  Result<model::ProducerId> allocate_producer_ids(std::int64_t count);
  Result<Changes> watch_changes(std::int64_t after_version, std::size_t limit);
  Result<Setting> get_setting(const std::string& key);
  Result<Setting> put_setting(const std::string& key, const base::Bytes& value,
                              std::int64_t expected_version);
  Status delete_setting(const std::string& key, std::int64_t expected_version);
  Result<std::vector<Setting>> list_settings(const std::string& prefix);
  Result<ClusterInfo> cluster_info();
  Result<DatabaseMs> database_now();

  // Moving: archive/
  Status read_rows(const std::shared_ptr<RowSink>& sink);
  Status begin_import(const ClusterRow& cluster, const std::string& archive);
  Status insert_rows(const std::vector<ArchiveRow>& rows);

 private:
  Result<Appended> insert_or_find(SessionId session, const CheckedRow& checked,
                                  const LogEntry& entry);
  postgres::Connection& db() { return connection_; }

  postgres::Connection& connection_;
};

}  // namespace streamhouse::metadata
