// Goal: whatever members do, each generation has one leader and one assignment that was written
// down before anybody heard of it, what is written down is whole, and members that stay come to a
// stable group. Method: random members that join, sync, beat, vanish and come back, some of them
// static, two of those under one instance id, which they do not always name, from fixed seeds, with
// the rules checked at every answer and every write.
#include <gtest/gtest.h>

#include <random>
#include <set>

#include "groups/membership/member_records.h"
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
  std::optional<std::string> instance_id = {};  ///< Of a static one.
  bool shares_instance = false;                 ///< Another claims to be the same.
  bool is_promised = false;                     ///< Has its id, but not joined with it.
};

class RandomGroup {
 public:
  explicit RandomGroup(unsigned seed) : random_(seed), world_({.initial_rebalance_delay = 3s}) {
    members_.resize(1 + random_() % 5);
    for (RandomMember& member : members_)
      if (random_() % 2 == 0)
        member.instance_id = "desk-" + std::to_string(&member - members_.data());
    if (members_.size() < 3 || random_() % 2 == 0) return;
    for (std::size_t i = 0; i < 2; ++i) {
      members_[i].instance_id = "shared";
      members_[i].shares_instance = true;
    }
  }

  void step() {
    world_.pass(std::chrono::milliseconds(random_() % 3000));
    if (random_() % 3 != 0) save();
    for (RandomMember& member : members_) {
      answered(member);
      if (random_() % 40 == 0) member.away = !member.away;
      if (random_() % 60 == 0) restart(member);
      if (random_() % 200 == 0) leave(member);
      if (!member.away && !member.waits_for) act(member);
    }
  }
  /// Everyone is there and nothing fails any more.
  void settle() {
    for (RandomMember& member : members_)
      if (member.shares_instance) restart(member);
    for (RandomMember& member : members_)
      if (std::exchange(member.shares_instance, false)) member.instance_id.reset();
    for (int i = 0; i < 100; ++i) {
      world_.pass(1s);
      save();
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
  /// What a member has is whole: everyone's share of the generation that the record is of.
  void save() {
    if (const auto record = world_.machine.take_save()) {
      EXPECT_EQ(membership_fault(*record), "");
      for (const MemberRecord& member : record->members)
        EXPECT_EQ(text(member.assignment), share(member.member_id, record->generation));
      world_.machine.saved(world_.now, record->generation);
    }
    world_.collect();
  }
  /// What the leader assigns to a member, whoever is in its place.
  std::string share(const std::string& member_id, std::int32_t generation) {
    return places_[member_id] + "@" + std::to_string(generation);
  }
  /// It comes back as a program that was started again, and knows nothing.
  static void restart(RandomMember& member) {
    member = {.instance_id = member.instance_id, .shares_instance = member.shares_instance};
  }
  void leave(RandomMember& member) {
    const auto error = world_.machine.leave(world_.now, claim(member));
    world_.collect();
    if (error == kNone) restart(member);
  }
  /// A static member need not say that it is one, once it has its id.
  MemberClaim claim(const RandomMember& member) {
    const bool says = member.instance_id && !member.is_promised && random_() % 3 != 0;
    return {member.id, says ? member.instance_id : std::nullopt, member.generation};
  }
  void act(RandomMember& member) {
    if (member.next == RandomMember::Next::kJoin) {
      join(member);
    } else if (member.next == RandomMember::Next::kSync) {
      std::vector<Assignment> assignments;
      for (const auto& id : member.to_assign)
        assignments.push_back({id, bytes(share(id, member.generation))});
      world_.machine.sync(world_.now, ++world_.calls,
                          {.member = claim(member), .assignments = std::move(assignments)});
      world_.collect();
      member.waits_for = world_.calls;
    } else {
      heed(member, world_.machine.heartbeat(world_.now, claim(member)));
    }
  }
  void join(RandomMember& member) {
    JoinRequest request = World::request(member.id);
    request.new_member = JoinRequest::NewMember::kIsGivenAnIdFirst;
    request.can_skip_assignment = random_() % 2 == 0;
    const std::string fresh_id = "id-" + std::to_string(++ids_);
    places_[fresh_id] = fresh_id;
    if (member.id.empty()) {
      request.instance_id = member.instance_id;
      places_[fresh_id] = member.instance_id.value_or(fresh_id);
    } else if (member.is_promised) {
      if (random_() % 8 == 0) request.instance_id = "promised";  // as no client should
    } else {
      request.instance_id = claim(member).instance_id;
    }
    member.waits_for = world_.join(std::move(request), fresh_id);
  }
  void heed(RandomMember& member, MembershipError error) {
    if (error == kNone) return;
    EXPECT_TRUE(error == kUnknownMember || error == kRebalanceInProgress ||
                error == kIllegalGeneration || (error == kFencedInstance && member.shares_instance))
        << static_cast<int>(error);
    if (error == kFencedInstance) return restart(member);
    member.next = RandomMember::Next::kJoin;
    if (error != kUnknownMember) return;
    member.id.clear();
    member.is_promised = false;
  }
  void answered(RandomMember& member) {
    if (!member.waits_for || !world_.answered(*member.waits_for)) return;
    const CallId call = *std::exchange(member.waits_for, std::nullopt);
    const auto& answer = world_.answers.at(call);
    if (const auto* joined = std::get_if<JoinAnswer>(&answer)) {
      if (joined->error == kMemberIdRequired) {
        member.id = joined->member_id;
        member.is_promised = true;
      } else if (joined->error != kNone) {
        heed(member, joined->error);
      } else {
        take_join(member, *joined);
      }
      return;
    }
    const auto& synced = std::get<SyncAnswer>(answer);
    if (synced.error != kNone) return heed(member, synced.error);
    EXPECT_EQ(text(synced.assignment), share(member.id, member.generation)) << "G1";
    member.next = RandomMember::Next::kBeat;
  }
  void take_join(RandomMember& member, const JoinAnswer& joined) {
    const std::string& place = places_[joined.leader_id];
    const auto [leader, first] = leaders_.emplace(joined.generation, place);
    EXPECT_EQ(leader->second, place) << "one leader a generation";
    member.id = joined.member_id;
    member.is_promised = false;
    member.leads = joined.leader_id == joined.member_id;
    EXPECT_EQ(!joined.members.empty(), member.leads);
    member.generation = joined.generation;
    member.to_assign.clear();
    for (const JoinedMember& each : joined.members)
      if (!joined.skip_assignment) member.to_assign.push_back(each.member_id);
    member.next = RandomMember::Next::kSync;
  }

  std::mt19937 random_;
  World world_;
  std::vector<RandomMember> members_;
  std::map<std::int32_t, std::string> leaders_;
  std::map<std::string, std::string> places_;  ///< Member id -> instance id of a static member.
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
