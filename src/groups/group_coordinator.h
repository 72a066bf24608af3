#pragma once
/// \file  GroupCoordinator: the groups whose shard this agent leads: their members and their
/// committed offsets. A stale coordinator's write changes nothing (G2), an acknowledged commit is
/// what the next one answers (G3), and no two members hear of one partition in one generation (G1).

#include "groups/due_groups.h"
#include "groups/group_writer.h"

namespace streamhouse::groups {

struct GroupConfig {
  MembershipLimits membership = {};
  /// A group without members to which nothing was written for so long is removed with its offsets.
  runtime::Duration retention = std::chrono::hours(7 * 24);
  runtime::Duration visit_interval = std::chrono::minutes(10);    ///< Between looks at all groups.
  std::size_t members_bytes_max = 256u << 20;                     ///< In memory, of all groups.
  runtime::Duration commit_patience = std::chrono::seconds(5);    ///< Of commit_in_time().
  runtime::Duration snapshot_interval = std::chrono::minutes(1);  ///< Of GroupSnapshots.
};

struct CommitRequest {
  std::string group_id = {};
  MemberClaim member = {};  ///< As it is: a client that assigns partitions to itself.
  std::vector<metadata::CommittedOffset> offsets = {};
};

struct DescribedGroup {
  metadata::Group group = {};  ///< State and generation of now, where they are known.
  MembershipRecord membership = {};
  std::vector<metadata::CommittedOffset> offsets = {};  ///< By key.
};

/// Errors of every call that names a group, if it is not said otherwise: kNotLeader; kCorrupt, if
/// the group's members cannot be read; those of the store. What the group itself refuses is a
/// MembershipError instead, never kNotCoordinator.
/// Lifetime:  one session.
/// Threading: the core's executor.
class GroupCoordinator {
 public:
  struct Ports {
    runtime::Runtime& runtime;
    metadata::MetadataStore& metadata;
    partition::PartitionTable& partitions;
    GroupSnapshots* snapshots = nullptr;  ///< None: groups are in the database only.
  };
  GroupCoordinator(Ports ports, model::SessionId session, const metadata::Topic& offsets_topic,
                   const GroupConfig& config, runtime::TaskGroup& group);

  /// Looks at all groups from now on, every `visit_interval`: members that nobody has heard of
  /// since the last coordinator are expired, and groups past their retention removed.
  void start();
  /// From now on every answer is kNotLeader, also to the calls that wait.
  void stop();

  /// The partition whose leader coordinates the group.
  model::TopicPartition shard_of_group(const std::string& group_id) const {
    return table_.shard_of_group(group_id);
  }

  /// Answers when the next generation begins, or the group refuses. What the request holds is kept:
  /// its bytes should not be slices of something larger. Errors besides: kThrottled, if there is no
  /// memory for what is new in it; kStopped, see end_calls().
  runtime::Task<base::Result<JoinAnswer>> join(ClientId client, std::string group_id,
                                               JoinRequest request);
  /// Answers when the leader has assigned and that is durable. Errors and bytes as join().
  runtime::Task<base::Result<SyncAnswer>> sync(ClientId client, std::string group_id,
                                               SyncRequest request);
  runtime::Task<base::Result<MembershipError>> heartbeat(std::string group_id, MemberClaim member);
  /// One answer for each member, in order.
  runtime::Task<base::Result<std::vector<MembershipError>>> leave(std::string group_id,
                                                                  std::vector<MemberClaim> members);
  /// The client is gone: its joins and syncs that wait answer kStopped, those whose group is still
  /// being loaded once it is.
  void end_calls(ClientId client);

  /// Upserts offsets, all or none, if the member may; creates the group. Returns when they are
  /// durable. Errors besides: kGroupNotFound, if a member of some generation commits for a group
  /// that is not there; kPartitionNotFound, kConflict (another coordinator wrote: try again),
  /// kUnknownOutcome.
  runtime::Task<base::Result<MembershipError>> commit(CommitRequest request);
  /// commit(), for members, who must be heard of meanwhile: kUnknownOutcome also when its patience
  /// is over. A commit that is under way then goes on, one that waits for others is not made.
  runtime::Task<base::Result<MembershipError>> commit_in_time(CommitRequest request);
  /// Those of `keys` that are committed, by key, as the store has them: any agent may answer. A
  /// coordinator that was replaced without knowing it must not answer from memory (G3).
  runtime::Task<base::Result<std::vector<metadata::CommittedOffset>>> fetch(
      std::string group_id, std::vector<model::TopicPartition> keys);
  enum class GroupWithMembers : std::uint8_t { kRefuse, kAllow };
  /// Errors besides: kGroupNotFound; kConflict, if the group has members and that is refused.
  runtime::Task<base::Status> delete_offsets(std::string group_id,
                                             std::vector<model::TopicPartition> keys,
                                             GroupWithMembers with_members);

  /// Creates the group if it is not there. Errors as commit().
  runtime::Task<base::Result<metadata::Group>> ensure(std::string group_id);
  /// With its offsets. Errors besides: kGroupNotFound; kConflict, if it has members.
  runtime::Task<base::Status> remove(std::string group_id);
  /// Offsets as the store has them; members as they are now where they are in this memory, else as
  /// they were written down last. Any agent may answer. Errors: kGroupNotFound, kCorrupt.
  runtime::Task<base::Result<DescribedGroup>> describe(std::string group_id);
  /// Every group that is coordinated here, by id.
  runtime::Task<base::Result<std::vector<metadata::Group>>> list();
  /// Puts state, generation and protocol type of now into groups that the store has listed.
  void show_present(std::vector<metadata::Group>& groups) const;

  static constexpr std::size_t kGroupsMax = GroupTable::kGroupsMax;
  static constexpr runtime::Duration kIdleMax = GroupTable::kIdleMax;
  std::size_t groups_in_memory() const { return table_.size(); }
  std::size_t members_bytes() const { return members_bytes_; }
  /// Whether a group's state was in memory or not, when it was asked for. Reads ask the store.
  const runtime::CacheUse& use() const { return writer_.use(); }

 private:
  struct Live {
    State state;
    std::size_t bytes = 0;
  };
  /// A join or a sync that has no answer yet.
  struct Waiting {
    std::shared_ptr<MembershipCalls> members = {};  ///< Nobody's while the group is being loaded.
    bool client_gone = false;
  };
  using WaitingCalls = std::multimap<ClientId, Waiting>;

  // coordinated_members.cc
  runtime::Task<base::Result<State>> enter(std::string group_id);
  runtime::Task<base::Status> load(State state);
  std::string fresh_member_id(const JoinRequest& request);
  base::Status check_room(std::size_t bytes) const;
  runtime::Task<base::Result<State>> enter(std::string group_id, WaitingCalls::iterator call);
  runtime::Task<base::Result<JoinAnswer>> join_group(WaitingCalls::iterator call,
                                                     std::string group_id, JoinRequest request);
  runtime::Task<base::Result<SyncAnswer>> sync_group(WaitingCalls::iterator call,
                                                     std::string group_id, SyncRequest request);
  void settle(const State& state);
  void follow(const State& state);
  void let_go(const std::string& group_id);
  runtime::Task<void> write_members(State state, std::shared_ptr<MembershipCalls> members,
                                    MembershipRecord record);
  runtime::Task<void> keep_time();
  void tick(const std::string& group_id);
  void forget_lost_groups();

  // coordinated_offsets.cc
  using CommitAnswer = runtime::OneShot<base::Result<MembershipError>>;
  runtime::Task<void> commit_before(runtime::MonoTime deadline, State state, CommitRequest request,
                                    CommitAnswer answer);
  runtime::Task<base::Result<MembershipError>> commit_in_turn(State state, CommitRequest request);
  runtime::Task<base::Status> save_in_turn(State state);
  runtime::Task<base::Status> delete_offsets_in_turn(State state,
                                                     std::vector<model::TopicPartition> keys,
                                                     GroupWithMembers with_members);
  runtime::Task<base::Status> remove_in_turn(State state);

  // group_coordinator.cc
  State in_memory(const std::string& group_id) const;
  runtime::Task<void> visit_again_and_again();
  runtime::Task<base::Status> visit_groups();
  runtime::Task<base::Result<metadata::DatabaseMs>> database_time();
  runtime::Task<void> visit(metadata::Group stored, metadata::DatabaseMs now);
  runtime::Task<base::Status> remove_if_unchanged(State state, std::int64_t commit_no);
  bool over() const { return stopped_ || group_.stopping(); }

  Ports ports_;
  GroupConfig config_;
  runtime::TaskGroup& group_;
  GroupTable table_;
  GroupWriter writer_;
  bool stopped_ = false;
  runtime::TimerId first_visit_ = 0;
  /// Groups whose members time alone may change, or whose calls wait.
  std::map<std::string, Live> live_;
  std::size_t members_bytes_ = 0;  ///< Of all of them.
  DueGroups due_;
  WaitingCalls waiting_;
  bool keeping_time_ = false;
  runtime::Signal wake_;
};

}  // namespace streamhouse::groups
