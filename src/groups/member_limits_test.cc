// Goal: members take no more memory than is allowed, and none repeats for ever what can never be
// written down. Method: a coordinator over the in-memory database, which holds only so much, in
// simulated time.

#include "metadata/metadata_store_adapter.h"
#include "tests/groups/group_world.h"

namespace streamhouse::groups {
namespace {

using core_testing::milliseconds;
using core_testing::seconds;
using test::text;
using enum MembershipError;

/// A database that refuses what is larger than it can hold.
class SmallDatabase final : public metadata::MetadataStoreAdapter<SmallDatabase> {
 public:
  explicit SmallDatabase(metadata::MetadataStore& inner) : inner_(inner) {}
  static constexpr std::size_t kMembersBytesMax = 1000;

  runtime::Task<base::Status> save_group(metadata::ShardGuard guard,
                                         metadata::Group group) override {
    if (group.members.size() > kMembersBytesMax)
      co_return base::Status(base::Errc::kTooLarge, "a group of too many bytes");
    co_return co_await inner_.save_group(guard, std::move(group));
  }
  template <class Call>
  std::invoke_result_t<Call&, metadata::MetadataStore&> perform(metadata::Operation, Call call) {
    return call(inner_);
  }

 private:
  metadata::MetadataStore& inner_;
};

class MemberLimitsTest : public test::GroupWorld {};

TEST_F(MemberLimitsTest, MembersTakeNoMoreMemoryThanIsAllowed) {
  coordinator_ = make(metadata_, {.members_bytes_max = 5'000});
  const auto first = join(request("", std::string(2'000, 'm')));
  run(milliseconds(10));
  EXPECT_GT(coordinator_->members_bytes(), 2'000u);
  const auto second = join(request("", std::string(4'000, 'm')), "others");
  run(milliseconds(10));
  EXPECT_EQ(outcome(second), "throttled");
  const auto third = join(request(), "others");
  run(seconds(10));
  const JoinAnswer joined = (*third)->value();
  EXPECT_EQ(joined.error, kNone);
  const std::vector<Assignment> many(1'000, Assignment{.member_id = "x", .content = {}});
  const auto synced = wait(coordinator_->sync(kClient, "others", sync_request(joined, many)));
  EXPECT_EQ(outcome(synced), "throttled") << "what has no bytes takes memory, too";
}

TEST_F(MemberLimitsTest, MembersGoOnWithWhatTheyHaveWhenThereIsNoMemoryForMore) {
  coordinator_ = make(metadata_, {.members_bytes_max = 3'500});
  const std::string much(2'000, 'm');
  JoinRequest joining = request("", much);
  joining.instance_id = "desk";
  const auto first = join(joining);
  run(seconds(10));
  JoinAnswer member = (*first)->value();
  auto sync = sync_request(member, {{member.member_id, test::bytes("p0")}});
  ASSERT_TRUE(wait(coordinator_->sync(kClient, "readers", std::move(sync))));
  const auto restarted = join(joining);
  run(seconds(1));
  ASSERT_EQ(outcome(restarted), "ok") << "it takes the place of what it had";
  member = (*restarted)->value();
  const auto again = join(request(member.member_id, much.substr(1)));
  run(seconds(1));
  ASSERT_EQ(outcome(again), "ok");
  EXPECT_EQ((*again)->value().generation, 2);
  const auto more = join(request((*again)->value().member_id, much + much));
  run(milliseconds(10));
  EXPECT_EQ(outcome(more), "throttled");
}

TEST_F(MemberLimitsTest, AnAssignmentThatCannotBeWrittenIsRefusedForGood) {
  SmallDatabase database(metadata_);
  coordinator_ = make(database);
  const auto members = make_stable(2);
  ASSERT_TRUE(wait(coordinator_->leave("readers", {claim(members[1])})));
  const auto again = join(request(members[0].member_id));
  run(milliseconds(10));
  const JoinAnswer joined = (*again)->value();
  const auto assign = [&](const JoinAnswer& member, std::string content) {
    auto request = sync_request(member, {{member.member_id, test::bytes(std::move(content))}});
    return begin(coordinator_->sync(kClient, "readers", std::move(request)));
  };
  const auto refused = assign(joined, std::string(2'000, 'p'));
  run(seconds(1));
  ASSERT_EQ(outcome(refused), "ok") << "it is known here";
  EXPECT_EQ((*refused)->value().error, kCannotBeWritten);
  EXPECT_EQ(heartbeat(joined), kRebalanceInProgress) << "they may agree on something smaller";
  const auto third = join(request(members[0].member_id));
  run(milliseconds(10));
  EXPECT_EQ((*third)->value().generation, 3);
  const auto smaller = assign((*third)->value(), "p");
  run(milliseconds(10));
  ASSERT_EQ(outcome(smaller), "ok");
  EXPECT_EQ(text((*smaller)->value().assignment), "p");
  EXPECT_EQ(tables_.load_group("readers")->group.generation, 3);
}

TEST_F(MemberLimitsTest, AStaticMemberWhoseNewIdCannotBeWrittenDownIsToldSo) {
  SmallDatabase database(metadata_);
  coordinator_ = make(database);
  JoinRequest joining = request();
  joining.instance_id = "desk";
  const auto first = join(joining);
  run(seconds(10));
  const JoinAnswer before = (*first)->value();
  auto sync = sync_request(before, {{before.member_id, test::bytes("p0")}});
  ASSERT_TRUE(wait(coordinator_->sync(kClient, "readers", std::move(sync))));
  JoinRequest wordy = joining;
  wordy.client_id = std::string(2'000, 'c');
  const auto second = join(wordy);
  run(seconds(1));
  ASSERT_EQ(outcome(second), "ok");
  EXPECT_EQ((*second)->value().error, kCannotBeWritten);
  const auto third = join(joining);
  run(seconds(1));
  ASSERT_EQ(outcome(third), "ok");
  EXPECT_EQ((*third)->value().error, kNone);
}

}  // namespace
}  // namespace streamhouse::groups
