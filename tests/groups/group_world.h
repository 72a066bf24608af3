#pragma once
/// \file  GroupWorld: a coordinator that leads every group's shard, another that may take over, and
/// members that call them.

#include "groups/group_coordinator.h"
#include "groups/group_shard.h"
#include "metadata/wrappers/fault_metadata_store.h"
#include "tests/core/session_world.h"
#include "tests/groups/membership_world.h"

namespace streamhouse::groups::test {

using core_testing::milliseconds;
using core_testing::Pending;
using core_testing::seconds;
using model::Offset;

class GroupWorld : public core_testing::SessionWorld {
 protected:
  static constexpr ClientId kClient{1};

  void SetUp() override {
    SessionWorld::SetUp();
    for (const metadata::Partition& row : lease_topic(kOffsetsPartitions)) lead(partitions_, row);
    topic_ = *tables_.get_topic("orders");
    coordinator_ = make(metadata_);
  }
  std::unique_ptr<GroupCoordinator> make(metadata::MetadataStore& store, GroupConfig config = {}) {
    return std::make_unique<GroupCoordinator>(GroupCoordinator::Ports{agent_, store, partitions_},
                                              session_.id(), topic_, config, group_);
  }
  void lead(partition::PartitionTable& table, const metadata::Partition& row) {
    auto log = partition::PartitionLog::open(agent_, row);
    ASSERT_TRUE(log);
    table.add(*log);
  }
  model::TopicPartition shard(const std::string& group) {
    return {model::TopicNo(1), shard_of(group, kOffsetsPartitions)};
  }
  metadata::ShardGuard guard(const std::string& group) {
    return {.shard = shard(group), .owner = session_.id(), .epoch = model::LeaderEpoch(1)};
  }

  /// The lease of the group's shard ends; the coordinator is not told.
  void free_shard(const std::string& group) {
    ASSERT_TRUE(tables_.seal_session(session_.id()));
    ASSERT_TRUE(tables_.load_recovery(session_.id()));
    const segment::CheckpointTable freed = {
        {.partition = shard(group), .epoch = model::LeaderEpoch(1)}};
    ASSERT_EQ(tables_.recover_partitions(session_.id(), freed).value(), 1u);
  }
  /// Another agent leads the group's shard; the first coordinator is not told. Once.
  void take_over(const std::string& group, GroupConfig config = {}) {
    free_shard(group);
    const metadata::NewSession session{.id = model::SessionId(5),
                                       .agent = {.agent_id = "agent-2", .address = "agent-2:1"},
                                       .timeout_ms = 1'000'000'000};
    ASSERT_TRUE(tables_.open_session(session));
    const auto row = tables_.get_partition(shard(group));
    const auto led = tables_.acquire_leases(
        session.id,
        {{.key = shard(group), .expected_epoch = row->epoch, .since_seq = model::Seq(1)}});
    ASSERT_TRUE(led && led->front());
    lead(other_partitions_, *led->front());
    other_ = std::make_unique<GroupCoordinator>(
        GroupCoordinator::Ports{agent_, metadata_, other_partitions_}, session.id, topic_, config,
        group_);
  }

  static JoinRequest request(std::string member_id = "", std::string metadata = "m") {
    JoinRequest request = MembershipWorld::request(std::move(member_id), std::move(metadata));
    request.client_id = "client";
    return request;
  }
  Pending<base::Result<JoinAnswer>> join(JoinRequest request, const std::string& group = "readers",
                                         ClientId client = kClient) {
    return begin(coordinator_->join(client, group, std::move(request)));
  }
  static SyncRequest sync_request(const JoinAnswer& joined,
                                  std::vector<Assignment> assignments = {}) {
    return {.member = {.member_id = joined.member_id, .generation = joined.generation},
            .assignments = std::move(assignments)};
  }
  static MemberClaim claim(const JoinAnswer& joined) {
    return {.member_id = joined.member_id, .generation = joined.generation};
  }
  /// One generation of so many members, who have their assignments: "0", "1", ... The first leads.
  std::vector<JoinAnswer> make_stable(std::size_t count, const std::string& group = "readers") {
    std::vector<Pending<base::Result<JoinAnswer>>> joins;
    for (std::size_t i = 0; i < count; ++i) joins.push_back(join(request(), group));
    run(seconds(10));
    std::vector<JoinAnswer> members;
    for (const auto& join : joins) {
      SH_CHECK(join->has_value() && join->value().has_value(), "joined");
      members.push_back(**join->operator->());
    }
    for (JoinAnswer& each : members)
      if (each.member_id == each.leader_id) std::swap(each, members.front());
    std::vector<Assignment> assignments;
    for (std::size_t i = 0; i < count; ++i)
      assignments.push_back({members[i].member_id, bytes(std::to_string(i))});
    for (std::size_t i = 0; i < count; ++i) {
      auto sync = sync_request(members[i], i == 0 ? assignments : std::vector<Assignment>{});
      syncs_.push_back(begin(coordinator_->sync(kClient, group, std::move(sync))));
    }
    run(seconds(1));
    return members;
  }
  MembershipError heartbeat(const JoinAnswer& member, GroupCoordinator* at = nullptr) {
    const auto answer = wait((at ? *at : *coordinator_).heartbeat("readers", claim(member)));
    SH_CHECK(answer.has_value(), "the coordinator answers");
    return *answer;
  }

  static std::vector<metadata::CommittedOffset> offsets(std::int32_t partition,
                                                        std::int64_t offset) {
    return {{.key = key(partition), .offset = Offset(offset)}};
  }
  Pending<base::Result<MembershipError>> begin_commit(const MemberClaim& member,
                                                      std::int32_t partition, std::int64_t offset) {
    return begin(coordinator_->commit(
        {.group_id = "readers", .member = member, .offsets = offsets(partition, offset)}));
  }
  /// "ok", the error, or "refused": by the group.
  static std::string shown(const base::Result<MembershipError>& answer) {
    return answer && *answer != kNone ? "refused" : outcome(answer);
  }
  /// Of a client that is no member.
  std::string commit(const std::string& group, std::int32_t partition, std::int64_t offset) {
    return shown(
        wait(coordinator_->commit({.group_id = group, .offsets = offsets(partition, offset)})));
  }
  /// "PARTITION=OFFSET ..." as the database has it.
  std::string stored(const std::string& group) {
    const auto loaded = tables_.load_group(group);
    if (!loaded) return std::string(base::errc_name(loaded.error().code));
    std::string shown;
    for (const auto& offset : loaded->offsets) {
      shown += std::to_string(offset.key.partition.value()) + "=" +
               std::to_string(offset.offset.value()) + " ";
    }
    return shown;
  }

  metadata::Topic topic_;
  partition::PartitionTable partitions_{1u << 20};
  partition::PartitionTable other_partitions_{1u << 20};
  std::unique_ptr<GroupCoordinator> coordinator_;
  std::unique_ptr<GroupCoordinator> other_;  ///< After take_over().
  std::vector<Pending<base::Result<SyncAnswer>>> syncs_;
};

}  // namespace streamhouse::groups::test
