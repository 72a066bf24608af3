// Goal: agents that meet at one item again and again all come to their end, and what they do not
// share they do not wait for. Method: as in agents_test.cc, several rounds of calls at once.
#include "tests/contract/metadata/dynamodb/agents_at_once.h"

namespace streamhouse::metadata::contract {
namespace {

using base::Errc;

TEST_F(DynamodbAgentsTest, GroupsOfOneShardAllCommitThoughTheyMeetAtItsItem) {
  constexpr std::int64_t kCommits = 3;
  const Topic shard = must(store().create_topic(new_topic("__consumer_offsets")));
  open(0);
  must(store().acquire_leases(session_of(0), {{.key = key_of(shard), .since_seq = Seq(1)}}));
  const ShardGuard guard{.shard = key_of(shard), .owner = session_of(0), .epoch = LeaderEpoch(1)};
  const auto id = [](std::size_t i) { return "group-" + std::to_string(i); };
  for (std::int64_t number = 1; number <= kCommits; ++number) {
    std::vector<Task<Status>> calls;
    for (std::size_t i = 0; i < 2 * kAgents; ++i)
      calls.push_back(store(i % kAgents)
                          .commit_offsets(guard, id(i), number,
                                          {{.key = key_of(shard), .offset = Offset(number * 10)}}));
    for (const auto& answer : at_once(std::move(calls)))
      EXPECT_TRUE(answer.has_value()) << to_string(answer.error());
  }
  for (std::size_t i = 0; i < 2 * kAgents; ++i) {
    const LoadedGroup loaded = must(store().load_group(id(i)));
    EXPECT_EQ(loaded.group.commit_no, kCommits);
    ASSERT_EQ(loaded.offsets.size(), 1u);
    EXPECT_EQ(loaded.offsets[0].offset, Offset(kCommits * 10));
  }
  EXPECT_EQ(count(ChangeKind::kGroup), 2 * kAgents) << "each appeared once";
}

TEST_F(DynamodbAgentsTest, ASettingThatAllRaiseIsRaisedByEach) {
  const auto raise = [](DynamodbMetadataStore& to, std::string mine,
                        int times) -> Task<Result<int>> {
    int won = 0;
    while (won < times) {
      const auto read = co_await to.get_setting("count");
      const std::int64_t version = read ? read->version : 0;
      const base::Bytes value{std::string(mine)};
      const auto put = co_await to.put_setting("count", value, version);
      won += put ? 1 : 0;
      if (!put && put.error().code != Errc::kConflict) co_return put.error();
    }
    co_return won;
  };
  constexpr int kTimes = 3;
  std::vector<Task<Result<int>>> calls;
  for (std::size_t i = 0; i < kAgents; ++i)
    calls.push_back(raise(store(i), "of agent " + std::to_string(i), kTimes));
  for (const auto& answer : at_once(std::move(calls))) EXPECT_TRUE(answer.has_value());
  EXPECT_EQ(must(store().get_setting("count")).version,
            static_cast<std::int64_t>(kTimes * kAgents));
}

TEST_F(DynamodbAgentsTest, ATopicThatIsPurgedByAllIsGoneOnce) {
  const Topic topic = must(store().create_topic(new_topic("orders", 3)));
  must(store().delete_topic(topic.id));
  std::vector<Task<Status>> calls;
  for (std::size_t i = 0; i < kAgents; ++i) calls.push_back(store(i).purge_topic(topic.no));
  for (const auto& answer : at_once(std::move(calls)))
    EXPECT_TRUE(answer.has_value()) << to_string(answer.error());
  EXPECT_TRUE(must(store().list_topics(model::TopicNo(0), 9)).empty());
  EXPECT_EQ(count(ChangeKind::kTopic), 3u) << "created, deleted, purged";
  EXPECT_EQ(must(store().create_topic(new_topic("orders"))).no, model::TopicNo(2));
}

TEST_F(DynamodbAgentsTest, HeartbeatsOfAllAgentsNeverHinderEachOther) {
  open_all();
  std::vector<Task<Result<HeartbeatReply>>> calls;
  for (int round = 0; round < 3; ++round)
    for (std::size_t i = 0; i < kAgents; ++i)
      calls.push_back(store(i).heartbeat(session_of(i), 500'000, ListOwned::kNo));
  for (const auto& answer : at_once(std::move(calls)))
    EXPECT_TRUE(answer.has_value()) << to_string(answer.error());
  EXPECT_EQ(must(store().list_agents(Liveness::kAlive)).size(), kAgents);
  EXPECT_TRUE(must(store().list_due_sessions(std::nullopt)).empty());
  EXPECT_EQ(count(ChangeKind::kAgent), kAgents) << "only opening is a change";
}

TEST_F(DynamodbAgentsTest, LogsOfDifferentSessionsGrowAtOnce) {
  open_all();
  constexpr std::int64_t kRows = 5;
  const auto write = [](DynamodbMetadataStore& to, SessionId session) -> Task<Result<Seq>> {
    for (std::int64_t seq = 1; seq <= kRows; ++seq) {
      const auto salt = static_cast<std::uint32_t>(seq);
      const auto appended = co_await to.append(session, Seq(seq), any_commit(salt));
      if (!appended) co_return appended.error();
    }
    co_return Seq(kRows);
  };
  std::vector<Task<Result<Seq>>> calls;
  for (std::size_t i = 0; i < kAgents; ++i) calls.push_back(write(store(i), session_of(i)));
  for (const auto& answer : at_once(std::move(calls))) EXPECT_TRUE(answer.has_value());
  for (std::size_t i = 0; i < kAgents; ++i)
    EXPECT_EQ(must(store().tail(session_of(i), Seq(0), 100)).size(), 5u);
  const auto counts = must(store().count_objects());
  ASSERT_EQ(counts.size(), 1u);
  EXPECT_EQ(counts[0].objects, kRows * kAgents);
}

}  // namespace
}  // namespace streamhouse::metadata::contract
