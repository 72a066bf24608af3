#pragma once
/// \file  SqliteMetadata: the metadata operations as synchronous functions over one SQLite
/// database. SqliteMetadataStore runs them on a worker thread.

#include <memory>
#include <optional>

#include "metadata/metadata_store.h"
#include "metadata/sqlite/driver/connection.h"
#include "metadata/sqlite/driver/database_lock.h"

namespace streamhouse::metadata {

struct SqliteOptions {
  std::string path = {};  ///< Of the database file; missing directories are made.
  /// Agent id and address, for whoever finds the database in use.
  std::string holder = {};
  model::TopicId new_cluster_id = {};  ///< The cluster's id if the database is new.
  std::string vfs = {};                ///< A registered SQLite VFS; empty = the system's own.
};

/// Each function has the contract of the operation of its name in MetadataStore, and is one
/// transaction that is synced to disk before it returns. A write that finds the disk full is
/// kUnavailable and leaves nothing behind; one whose COMMIT fails with an I/O error is
/// kUnknownOutcome, and its repetition tells. Damage is kCorrupt.
/// Lifetime:  holds the database's lock from open() to destruction.
/// Threading: one thread at a time.
class SqliteMetadata {
 public:
  /// Takes the lock, applies missing migrations. `now`: the time, see set_time(). Errors: kConflict
  /// naming the holder if another process has the lock; kUnsupported if a newer program made the
  /// database; kCorrupt; kUnavailable.
  static Result<std::unique_ptr<SqliteMetadata>> open(const SqliteOptions& options, DatabaseMs now);
  /// For looking only, also while an agent holds the lock: every write is kUnsupported.
  static Result<std::unique_ptr<SqliteMetadata>> open_read_only(const SqliteOptions& options,
                                                                DatabaseMs now);
  /// Over a database that is migrated; without a lock for looking only.
  SqliteMetadata(std::optional<sqlite::DatabaseLock> lock,
                 std::unique_ptr<sqlite::Connection> connection, DatabaseMs now);

  /// The database's clock as of the calls that follow.
  void set_time(DatabaseMs now) { now_ = now; }
  /// Rows inserted, changed and deleted since open().
  std::uint64_t rows_written() const { return connection_->rows_written(); }

  // Topics: sqlite_topics.cc, sqlite_partitions.cc
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

  // The log: sqlite_session_log.cc
  Result<Appended> append(SessionId session, Seq seq, const LogEntry& entry);
  Status checkpoint(SessionId session, Seq upto_seq, const segment::CheckpointTable& partitions);
  Result<std::optional<CheckpointRow>> get_checkpoint(SessionId session);
  Result<std::vector<LogRow>> tail(SessionId session, Seq after, std::size_t limit);
  Result<SelfSeal> self_seal(SessionId session, Seq seq);
  Result<Seq> trim(SessionId session, Seq upto_seq);

  // Take-over: sqlite_takeover.cc
  Result<std::vector<Session>> list_due_sessions(const std::optional<std::string>& agent_id);
  Result<Session> get_session(SessionId session);
  Result<std::vector<Session>> list_sessions(SessionId after, std::size_t limit);
  Result<Seq> seal_session(SessionId session);
  Result<RecoveryView> load_recovery(SessionId session);
  Result<std::size_t> recover_partitions(SessionId session,
                                         const segment::CheckpointTable& final_states);
  Status finish_recovery(SessionId session);

  // Agents and leases: sqlite_agents.cc, sqlite_leases.cc
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

  // Objects: sqlite_spans.cc, sqlite_objects.cc, sqlite_replace.cc
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

  // Groups: sqlite_groups.cc, sqlite_offsets.cc
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

  // Settings: sqlite_settings.cc
  Result<model::ProducerId> allocate_producer_ids(std::int64_t count);
  Result<Changes> watch_changes(std::int64_t after_version, std::size_t limit);
  Result<Setting> get_setting(const std::string& key);
  Result<Setting> put_setting(const std::string& key, const base::Bytes& value,
                              std::int64_t expected_version);
  Status delete_setting(const std::string& key, std::int64_t expected_version);
  Result<std::vector<Setting>> list_settings(const std::string& prefix);
  Result<ClusterInfo> cluster_info();
  Result<DatabaseMs> database_now() { return now_; }

  // Moving: archive/
  Status read_rows(const std::shared_ptr<RowSink>& sink);
  Status begin_import(const ClusterRow& cluster, const std::string& archive);
  Status insert_rows(const std::vector<ArchiveRow>& rows);

 private:
  sqlite::Connection& db() { return *connection_; }

  std::optional<sqlite::DatabaseLock> lock_;  ///< Freed after the connection is closed.
  std::unique_ptr<sqlite::Connection> connection_;
  DatabaseMs now_;
};

}  // namespace streamhouse::metadata
