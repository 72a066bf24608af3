// Goal: whatever members do, each generation has one leader and one assignment that was written
// down before anybody heard of it, and members that stay come to a stable group. Method: random
// members that join, sync, beat, vanish and come back, from fixed seeds, with the rules checked at
// every answer.
#include <gtest/gtest.h>

#include <random>
#include <set>

#include "tests/groups/membership_world.h"

namespace streamhouse::groups {
namespace {

using namespace std::chrono_literals;
using enum MembershipError;
using test::bytes;
using test::text;
using World = test::MembershipWorld;

/// A client as it should be, which stops and comes back now and then.
struct RandomMember {
  std::string id = {};
  std::int32_t generation = -1;
  bool leads = false;
  std::vector<std::string> to_assign = {};
  std::optional<CallId> waits_for = {};
  enum class Next { kJoin, kSync, kBeat } next = Next::kJoin;
  bool away = false;
};

class RandomGroup {
 public:
  explicit RandomGroup(unsigned seed) : random_(seed), world_({.initial_rebalance_delay = 3s}) {
    members_.resize(1 + random_() % 5);
  }

  void step() {
    world_.pass(std::chrono::milliseconds(random_() % 3000));
    if (random_() % 3 != 0) world_.save();
    for (RandomMember& member : members_) {
      answered(member);
      if (random_() % 40 == 0) member.away = !member.away;
      if (!member.away && !member.waits_for) act(member);
    }
  }
  /// Everyone is there and nothing fails any more.
  void settle() {
    for (int i = 0; i < 100; ++i) {
      world_.pass(1s);
      world_.save();
      for (RandomMember& member : members_) {
        member.away = false;
        answered(member);
        if (!member.waits_for) act(member);
      }
    }
    EXPECT_EQ(world_.machine.phase(), GroupPhase::kStable);
    std::set<std::int32_t> generations;
    for (const RandomMember& member : members_) generations.insert(member.generation);
    EXPECT_EQ(generations.size(), 1u);
    EXPECT_EQ(world_.machine.record().members.size(), members_.size());
  }

 private:
  void act(RandomMember& member) {
    if (member.next == RandomMember::Next::kJoin) {
      JoinRequest request = World::request(member.id);
      request.new_member = JoinRequest::NewMember::kIsGivenAnIdFirst;
      member.waits_for = world_.join(std::move(request), "id-" + std::to_string(++ids_));
    } else if (member.next == RandomMember::Next::kSync) {
      std::vector<Assignment> assignments;
      for (const auto& id : member.to_assign)
        assignments.push_back({id, bytes(id + "@" + std::to_string(member.generation))});
      world_.machine.sync(
          world_.now, ++world_.calls,
          {.member = {member.id, {}, member.generation}, .assignments = std::move(assignments)});
      world_.collect();
      member.waits_for = world_.calls;
    } else {
      heed(member, world_.machine.heartbeat(world_.now, {member.id, {}, member.generation}));
    }
  }
  void heed(RandomMember& member, MembershipError error) {
    if (error == kNone) return;
    member.next = RandomMember::Next::kJoin;
    if (error == kUnknownMember) member.id.clear();
    EXPECT_TRUE(error == kUnknownMember || error == kRebalanceInProgress ||
                error == kIllegalGeneration)
        << static_cast<int>(error);
  }
  void answered(RandomMember& member) {
    if (!member.waits_for || !world_.answered(*member.waits_for)) return;
    const CallId call = *std::exchange(member.waits_for, std::nullopt);
    const auto& answer = world_.answers.at(call);
    if (const auto* joined = std::get_if<JoinAnswer>(&answer)) {
      if (joined->error == kMemberIdRequired) {
        member.id = joined->member_id;
      } else if (joined->error != kNone) {
        heed(member, joined->error);
      } else {
        take_join(member, *joined);
      }
      return;
    }
    const auto& synced = std::get<SyncAnswer>(answer);
    if (synced.error != kNone) return heed(member, synced.error);
    EXPECT_EQ(text(synced.assignment), member.id + "@" + std::to_string(member.generation)) << "G1";
    member.next = RandomMember::Next::kBeat;
  }
  void take_join(RandomMember& member, const JoinAnswer& joined) {
    const auto [leader, first] = leaders_.emplace(joined.generation, joined.leader_id);
    EXPECT_EQ(leader->second, joined.leader_id) << "one leader a generation";
    member.leads = joined.leader_id == joined.member_id;
    EXPECT_EQ(!joined.members.empty(), member.leads);
    member.generation = joined.generation;
    member.to_assign.clear();
    for (const JoinedMember& each : joined.members) member.to_assign.push_back(each.member_id);
    member.next = RandomMember::Next::kSync;
  }

  std::mt19937 random_;
  World world_;
  std::vector<RandomMember> members_;
  std::map<std::int32_t, std::string> leaders_;
  int ids_ = 0;
};

TEST(MembershipRandomTest, MembersAgreeInEveryGenerationAndInTheEnd) {
  for (unsigned seed = 0; seed < 500; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    RandomGroup group(seed);
    for (int i = 0; i < 200; ++i) group.step();
    group.settle();
    if (testing::Test::HasFailure()) return;
  }
}

}  // namespace
}  // namespace streamhouse::groups
