#pragma once
/// \file  DynamodbMetadataStore: the metadata in one DynamoDB table that any number of agents
/// share.

#include <map>
#include <optional>

#include "metadata/dynamodb/driver/table.h"
#include "metadata/metadata_store.h"

namespace streamhouse::metadata {

/// Every operation reads, decides, and writes in one transaction that holds only if what it read is
/// unchanged; it is tried again while others were faster. What needs more items than DynamoDB takes
/// in a transaction is done in steps, each right by itself and found done by a repeat:
///   append of a release, recover_partitions   each partition is freed once, under one epoch
///   acquire_leases                            each request is answered by itself
///   trim, delete_segments_before              a shorter prefix goes first, then the rest
///   commit_offsets, delete_offsets            stored as a whole first, then spread
///   purge_topic                               gone at once, then removed
///   insert_rows                               some rows at a time, while nobody may use them
/// docs/design/0005-dynamodb-metadata.md has the reasons, docs/dynamodb.md the table.
/// Lifetime:  the table outlives it.
/// Threading: the runtime's executor.
class DynamodbMetadataStore final : public MetadataStore {
 public:
  explicit DynamodbMetadataStore(dynamodb::Table& table) : table_(table) {}

  std::uint64_t rows_written() const override { return table_.rows_written(); }
  /// Removes what is left of topics that were purged, also by agents that died over it: nobody else
  /// knows of those topics any more. Errors: kUnavailable if some of it is left at `deadline`.
  Task<Status> finish_purges(runtime::MonoTime deadline = runtime::MonoTime::max());

  // Topics: dynamodb_topics.cc, dynamodb_purge.cc, dynamodb_partitions.cc
  Task<Result<Topic>> create_topic(NewTopic topic) override;
  Task<Result<std::optional<Topic>>> delete_topic(model::TopicId id) override;
  Task<Status> purge_topic(model::TopicNo topic) override;
  Task<Result<Topic>> get_topic(TopicRef topic) override;
  Task<Result<std::vector<Topic>>> list_topics(model::TopicNo after, std::size_t limit) override;
  Task<Result<Topic>> update_topic_config(std::string name, TopicChange change) override;
  Task<Result<Topic>> create_partitions(std::string name, std::int32_t count) override;
  Task<Result<Partition>> get_partition(TopicPartition key) override;
  Task<Result<std::vector<Partition>>> list_partitions(model::TopicNo topic) override;
  Task<Result<std::vector<Partition>>> list_free_partitions(std::size_t limit) override;
  Task<Status> advance_log_start(TopicPartition key, SessionId owner, LeaderEpoch epoch,
                                 Offset log_start) override;

  // The log: dynamodb_append.cc, dynamodb_session_log.cc, dynamodb_trim.cc
  Task<Result<Appended>> append(SessionId session, Seq seq, LogEntry entry) override;
  Task<Status> checkpoint(SessionId session, Seq upto_seq,
                          segment::CheckpointTable partitions) override;
  Task<Result<std::optional<CheckpointRow>>> get_checkpoint(SessionId session) override;
  Task<Result<Seq>> trim(SessionId session, Seq upto_seq) override;
  Task<Result<std::vector<LogRow>>> tail(SessionId session, Seq after, std::size_t limit) override;
  Task<Result<SelfSeal>> self_seal(SessionId session, Seq seq) override;

  // Take-over: dynamodb_takeover.cc
  Task<Result<std::vector<Session>>> list_due_sessions(
      std::optional<std::string> agent_id) override;
  Task<Result<Session>> get_session(SessionId session) override;
  Task<Result<std::vector<Session>>> list_sessions(SessionId after, std::size_t limit) override;
  Task<Result<Seq>> seal_session(SessionId session) override;
  Task<Result<RecoveryView>> load_recovery(SessionId session) override;
  Task<Result<std::size_t>> recover_partitions(SessionId session,
                                               segment::CheckpointTable final_states) override;
  Task<Status> finish_recovery(SessionId session) override;

  // Agents and leases: dynamodb_agents.cc, dynamodb_leases.cc
  Task<Result<DatabaseMs>> open_session(NewSession session) override;
  Task<Result<HeartbeatReply>> heartbeat(SessionId session, std::int64_t timeout_ms,
                                         ListOwned list_owned) override;
  Task<Status> deregister_agent(std::string agent_id, SessionId session) override;
  Task<Result<Agent>> get_agent(std::string agent_id) override;
  Task<Result<std::vector<Agent>>> list_agents(Liveness liveness) override;
  Task<Result<std::vector<Result<Partition>>>> acquire_leases(
      SessionId session, std::vector<AcquireRequest> requests) override;
  Task<Result<Lease>> get_lease(TopicPartition key) override;
  Task<Result<std::vector<Lease>>> list_leases(std::optional<model::TopicNo> topic) override;

  // Objects: dynamodb_spans.cc, dynamodb_objects.cc, dynamodb_replace.cc
  Task<Result<std::vector<LoadedPartition>>> load_partitions(
      std::vector<TopicPartition> keys) override;
  Task<Result<std::vector<SpanLocation>>> list_segments(TopicPartition key, Offset from,
                                                        std::size_t limit) override;
  Task<Result<SpanLocation>> find_segment(TopicPartition key, Offset offset) override;
  Task<Result<std::size_t>> delete_segments_before(TopicPartition key, Offset before,
                                                   std::size_t limit) override;
  Task<Status> replace_objects(Replacement replacement) override;
  Task<Result<std::vector<ObjectRow>>> list_objects(std::string after, std::size_t limit) override;
  Task<Result<std::vector<ObjectCount>>> count_objects() override;
  Task<Result<std::vector<ObjectRow>>> list_dead(DatabaseMs dead_before_ms,
                                                 std::size_t limit) override;
  Task<Status> forget_objects(std::vector<std::string> keys) override;
  Task<Result<NamedObjects>> named_objects(SessionId session) override;

  // Groups: dynamodb_groups.cc, dynamodb_offsets.cc
  Task<Status> save_group(ShardGuard guard, Group group) override;
  Task<Status> commit_offsets(ShardGuard guard, std::string group_id, std::int64_t commit_no,
                              std::vector<CommittedOffset> offsets) override;
  Task<Status> delete_offsets(ShardGuard guard, std::string group_id, std::int64_t commit_no,
                              std::vector<TopicPartition> keys) override;
  Task<Status> delete_group(ShardGuard guard, std::string group_id,
                            std::int64_t commit_no) override;
  Task<Result<LoadedGroup>> load_group(std::string group_id) override;
  Task<Result<std::vector<CommittedOffset>>> fetch_offsets(
      std::string group_id, std::vector<TopicPartition> keys) override;
  Task<Result<std::vector<Group>>> list_groups(std::string after, std::size_t limit) override;
  Task<Result<std::size_t>> expire_offsets(DatabaseMs before_ms, std::size_t limit) override;

  // Settings: dynamodb_settings.cc
  Task<Result<model::ProducerId>> allocate_producer_ids(std::int64_t count) override;
  Task<Result<Changes>> watch_changes(std::int64_t after_version, std::size_t limit) override;
  Task<Result<Setting>> get_setting(std::string key) override;
  Task<Result<Setting>> put_setting(std::string key, base::Bytes value,
                                    std::int64_t expected_version) override;
  Task<Status> delete_setting(std::string key, std::int64_t expected_version) override;
  Task<Result<std::vector<Setting>>> list_settings(std::string prefix) override;
  Task<Result<ClusterInfo>> cluster_info() override;
  Task<Result<DatabaseMs>> database_now() override;

  // Moving: archive/
  Task<Status> read_rows(std::shared_ptr<RowSink> sink) override;
  Task<Status> begin_import(ClusterRow cluster, std::string archive) override;
  Task<Status> insert_rows(std::vector<ArchiveRow> rows) override;

 private:
  /// The end of a log that this process wrote itself a moment ago.
  struct OwnEnd {
    Seq seq = {};
    std::int64_t total_objects = 0;
    std::int64_t total_bytes = 0;
    DatabaseMs written_ms = 0;
  };
  /// The free partitions as of a version of the change feed, in which every change of theirs
  /// stands; what was read soon after that version appeared may lack some of it.
  struct FreePartitions {
    std::int64_t version = 0;
    std::size_t limit = 0;
    std::vector<Partition> rows = {};
    DatabaseMs version_ms = 0;  ///< When the version was first seen.
    DatabaseMs read_ms = 0;
    bool serves(std::int64_t version_now, std::size_t limit_now, DatabaseMs now) const;
  };

  Task<Result<Appended>> append_commit(SessionId session, LogRow row);
  Task<Result<Appended>> append_release(SessionId session, LogRow row,
                                        segment::CheckpointTable partitions);
  /// In one put without a look at the row before, where this process wrote that; nullopt where it
  /// did not. kLost, kLostOrDone: something stands at the row's place.
  Task<Result<std::optional<dynamodb::Written>>> append_behind_own(SessionId session, LogRow row);
  void remember_end(SessionId session, OwnEnd end);
  Task<Status> finish_purge(model::TopicNo no, runtime::MonoTime deadline);
  /// Of those of a replacement, and counts what is left of their objects.
  Task<Status> forget_segments_of_gone(std::vector<Segment> segments);
  Task<Result<std::vector<Lease>>> leases_of(std::vector<Partition> rows);
  /// Removes changes before `oldest_kept`, unless that was done; if it fails, with the next call.
  Task<void> drop_changes(std::int64_t oldest_kept);
  /// A change that is missing, though there are newer ones: whether it has been so for kGapMs.
  bool is_lost(std::int64_t version);
  static constexpr DatabaseMs kGapMs = 60'000;

  dynamodb::Table& table_;
  std::map<SessionId, OwnEnd> own_ends_;
  std::optional<FreePartitions> free_;
  std::int64_t oldest_kept_ = 0;  ///< Changes before it were removed.
  /// The change that was missing last.
  struct Gap {
    std::int64_t version = 0;
    DatabaseMs seen_ms = 0;
  } gap_;
};

}  // namespace streamhouse::metadata
