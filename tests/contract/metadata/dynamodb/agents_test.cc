// Goal: many agents on one table hurt each other nowhere: whoever is faster wins, the others see
// it, and nothing is given out, counted or freed twice. Method: agents with connections of their
// own on the real server that scripts/with_dynamodb starts, all calls of a round under way at once;
// then the table is read and compared with the answers.
#include <set>

#include "segment/object_key.h"
#include "tests/contract/metadata/dynamodb/agents_at_once.h"

namespace streamhouse::metadata::contract {
namespace {

using base::Errc;

TEST_F(DynamodbAgentsTest, TopicsGetNumbersInARowAndANameBelongsToOne) {
  std::vector<Task<Result<Topic>>> calls;
  for (std::size_t i = 0; i < kAgents; ++i) {
    NewTopic same = new_topic("same", 2);
    same.id = topic_id(50 + i);
    calls.push_back(store(i).create_topic(same));
    NewTopic own = new_topic("own-" + std::to_string(i), 2);
    own.id = topic_id(60 + i);
    calls.push_back(store(i).create_topic(own));
  }
  const auto answers = at_once(std::move(calls));
  std::set<std::uint32_t> numbers;
  std::size_t refused = 0;
  for (const auto& answer : answers) {
    if (answer)
      EXPECT_TRUE(numbers.insert(answer->no.value()).second);
    else
      refused += answer.error().code == Errc::kTopicExists ? 1 : 0;
  }
  EXPECT_EQ(refused, kAgents - 1);
  ASSERT_EQ(numbers.size(), kAgents + 1);
  EXPECT_EQ(*numbers.begin(), 1u);
  EXPECT_EQ(*numbers.rbegin(), kAgents + 1) << "no number is left out";
  EXPECT_EQ(count(ChangeKind::kTopic), kAgents + 1);
}

TEST_F(DynamodbAgentsTest, ATopicThatSeveralCreateUnderOneIdIsCreatedOnce) {
  std::vector<Task<Result<Topic>>> calls;
  for (std::size_t i = 0; i < kAgents; ++i)
    calls.push_back(store(i).create_topic(new_topic("orders", 3)));
  const auto answers = at_once(std::move(calls));
  for (const auto& answer : answers) {
    ASSERT_TRUE(answer.has_value()) << to_string(answer.error());
    EXPECT_EQ(answer->no, model::TopicNo(1));
  }
  EXPECT_EQ(count(ChangeKind::kTopic), 1u);
}

TEST_F(DynamodbAgentsTest, ChangesOfOneTopicAllCount) {
  const Topic topic = must(store().create_topic(new_topic("orders")));
  std::vector<Task<Result<Topic>>> calls;
  for (std::size_t i = 0; i < kAgents; ++i) {
    TopicChange change;
    change.config["key-" + std::to_string(i)] = "value";
    calls.push_back(store(i).update_topic_config("orders", change));
  }
  for (const auto& answer : at_once(std::move(calls))) EXPECT_TRUE(answer.has_value());
  const Topic changed = must(store().get_topic("orders"));
  EXPECT_EQ(changed.config.size(), kAgents);
  EXPECT_EQ(changed.version, topic.version + static_cast<std::int64_t>(kAgents));
}

TEST_F(DynamodbAgentsTest, EachPartitionGetsOneLeader) {
  constexpr std::int32_t kPartitions = 40;
  const Topic topic = must(store().create_topic(new_topic("orders", kPartitions)));
  open_all();
  using Answers = std::vector<Result<Partition>>;
  std::vector<Task<Result<Answers>>> calls;
  for (std::size_t i = 0; i < kAgents; ++i) {
    std::vector<AcquireRequest> requests;
    for (std::int32_t index = 0; index < kPartitions; ++index)
      requests.push_back({.key = key_of(topic, index), .since_seq = Seq(1)});
    calls.push_back(store(i).acquire_leases(session_of(i), requests));
  }
  std::map<TopicPartition, SessionId> leaders;
  for (const auto& answers : at_once(std::move(calls))) {
    ASSERT_TRUE(answers.has_value()) << to_string(answers.error());
    for (const auto& answer : *answers) {
      if (!answer) {
        EXPECT_EQ(answer.error().code, Errc::kConflict);
        continue;
      }
      EXPECT_TRUE(leaders.emplace(answer->key, answer->owner).second) << "two leaders (F2)";
      EXPECT_EQ(answer->epoch, LeaderEpoch(1));
    }
  }
  EXPECT_EQ(leaders.size(), static_cast<std::size_t>(kPartitions));
  for (const Partition& row : must(store().list_partitions(topic.no)))
    EXPECT_EQ(leaders.at(row.key), row.owner);
  EXPECT_EQ(count(ChangeKind::kLease), static_cast<std::size_t>(kPartitions));
}

TEST_F(DynamodbAgentsTest, OfProcessesWithOneAgentIdOneReopens) {
  std::vector<Task<Result<DatabaseMs>>> calls;
  for (std::size_t i = 0; i < kAgents; ++i)
    calls.push_back(store(i).open_session({.id = session_of(i),
                                           .agent = {.agent_id = "shared", .address = "h:1"},
                                           .timeout_ms = 60'000,
                                           .own_sessions = std::vector<SessionId>{}}));
  std::size_t opened = 0;
  for (const auto& answer : at_once(std::move(calls))) {
    opened += answer ? 1 : 0;
    if (!answer) EXPECT_EQ(answer.error().code, Errc::kConflict) << to_string(answer.error());
  }
  EXPECT_EQ(opened, 1u) << "rule P7";
  EXPECT_EQ(must(store().list_sessions(SessionId(0), 10)).size(), 1u);
}

TEST_F(DynamodbAgentsTest, OneSealIsPutWhoeverTakesOver) {
  open_all();
  for (int seq = 1; seq <= 3; ++seq) must(store(0).append(session_of(0), Seq(seq), any_commit()));
  std::vector<Task<Result<Seq>>> calls;
  for (std::size_t i = 1; i < kAgents; ++i) calls.push_back(store(i).seal_session(session_of(0)));
  for (const auto& answer : at_once(std::move(calls))) {
    ASSERT_TRUE(answer.has_value());
    EXPECT_EQ(*answer, Seq(4));
  }
  EXPECT_EQ(must(store().tail(session_of(0), Seq(0), 10)).size(), 4u);
}

TEST_F(DynamodbAgentsTest, ASessionThatIsSealedMeanwhileLeadsNothingNew) {
  constexpr int kRounds = 4;
  const Topic topic = must(store().create_topic(new_topic("orders", 8)));
  for (int round = 0; round < kRounds; ++round) {
    const SessionId session(100 + static_cast<std::uint64_t>(round));
    must(store().open_session({.id = session, .agent = {.agent_id = "a"}, .timeout_ms = 60'000}));
    std::vector<AcquireRequest> requests;
    for (const Partition& row : must(store().list_partitions(topic.no)))
      requests.push_back({.key = row.key, .expected_epoch = row.epoch, .since_seq = Seq(1)});
    using Answers = std::vector<Result<Partition>>;
    std::vector<Result<Answers>> acquired;
    std::vector<Result<Seq>> sealed;
    runtime::TaskGroup group(runtime_);
    group.spawn(keep(store(1).acquire_leases(session, requests), acquired));
    group.spawn(keep(store(2).seal_session(session), sealed));
    runtime_.run_until_ended(group.close());
    ASSERT_TRUE(sealed.at(0).has_value());
    const RecoveryView view = must(store(3).load_recovery(session));
    const bool has_won = acquired.at(0).has_value();
    EXPECT_EQ(view.owned.size(), has_won ? requests.size() : 0u);
    if (!has_won) EXPECT_EQ(acquired[0].error().code, Errc::kFenced);
    segment::CheckpointTable table;
    for (const Partition& row : view.owned) table.push_back(entry(row.key, row.epoch.value(), 0));
    must(store(3).recover_partitions(session, table));
    must(store(3).finish_recovery(session));
  }
}

TEST_F(DynamodbAgentsTest, RecoverersFreeEachPartitionOnce) {
  constexpr std::int32_t kPartitions = 120;
  const Topic topic = must(store().create_topic(new_topic("orders", kPartitions)));
  open_all();
  std::vector<AcquireRequest> requests;
  segment::CheckpointTable table;
  for (std::int32_t i = 0; i < kPartitions; ++i) {
    requests.push_back({.key = key_of(topic, i), .since_seq = Seq(1)});
    table.push_back(entry(key_of(topic, i), 1, i));
  }
  must(store(0).acquire_leases(session_of(0), requests));
  must(store(1).seal_session(session_of(0)));
  const std::int64_t before = must(store().watch_changes(0, 0)).latest;
  std::vector<Task<Result<std::size_t>>> calls;
  for (std::size_t i = 1; i < kAgents; ++i)
    calls.push_back(store(i).recover_partitions(session_of(0), table));
  std::size_t freed = 0;
  for (const auto& answer : at_once(std::move(calls))) {
    ASSERT_TRUE(answer.has_value()) << to_string(answer.error());
    freed += *answer;
  }
  EXPECT_EQ(freed, static_cast<std::size_t>(kPartitions));
  EXPECT_EQ(must(store().watch_changes(0, 0)).latest, before + kPartitions);
  for (const Partition& row : must(store().list_partitions(topic.no))) {
    EXPECT_EQ(row.epoch, LeaderEpoch(2));
    EXPECT_EQ(row.high_watermark, Offset(row.key.partition.value()));
  }
  std::vector<Task<Status>> ends;
  for (std::size_t i = 1; i < kAgents; ++i) ends.push_back(store(i).finish_recovery(session_of(0)));
  for (const auto& answer : at_once(std::move(ends))) EXPECT_TRUE(answer.has_value());
  EXPECT_EQ(must(store().get_session(session_of(0))).state, SessionState::kRecovered);
}

TEST_F(DynamodbAgentsTest, ProducerIdsAreNeverHandedOutTwice) {
  std::vector<Task<Result<model::ProducerId>>> calls;
  for (std::size_t i = 0; i < 3 * kAgents; ++i)
    calls.push_back(store(i % kAgents).allocate_producer_ids(100));
  std::set<std::int64_t> first;
  for (const auto& answer : at_once(std::move(calls))) {
    ASSERT_TRUE(answer.has_value());
    EXPECT_TRUE(first.insert(answer->value()).second);
    EXPECT_EQ(answer->value() % 100, 0);
  }
  EXPECT_EQ(*first.rbegin(), static_cast<std::int64_t>(3 * kAgents - 1) * 100);
}

TEST_F(DynamodbAgentsTest, ASettingIsWonByOne) {
  std::vector<Task<Result<Setting>>> calls;
  for (std::size_t i = 0; i < kAgents; ++i)
    calls.push_back(store(i).put_setting("freeze", base::Bytes("agent " + std::to_string(i)), 0));
  std::optional<Setting> won;
  for (const auto& answer : at_once(std::move(calls))) {
    if (!answer) {
      EXPECT_EQ(answer.error().code, Errc::kConflict);
      continue;
    }
    EXPECT_FALSE(won.has_value()) << "two won";
    won = *answer;
  }
  ASSERT_TRUE(won.has_value());
  EXPECT_EQ(must(store().get_setting("freeze")).value, won->value);
}

TEST_F(DynamodbAgentsTest, CoordinatorsOfOneEpochCommitOneByOne) {
  const Topic shard = must(store().create_topic(new_topic("__consumer_offsets")));
  open(0);
  must(store().acquire_leases(session_of(0), {{.key = key_of(shard), .since_seq = Seq(1)}}));
  const ShardGuard guard{.shard = key_of(shard), .owner = session_of(0), .epoch = LeaderEpoch(1)};
  std::vector<Task<Status>> calls;
  for (std::size_t i = 0; i < kAgents; ++i)
    calls.push_back(store(i).commit_offsets(
        guard, "g", 1, {{.key = key_of(shard), .offset = Offset(static_cast<std::int64_t>(i))}}));
  for (const auto& answer : at_once(std::move(calls)))
    EXPECT_TRUE(answer.has_value()) << "the first, or found as done";
  EXPECT_EQ(must(store().load_group("g")).group.commit_no, 1);
  std::vector<Task<Status>> next;
  next.push_back(store(1).commit_offsets(guard, "g", 2, {}));
  next.push_back(store(2).commit_offsets(guard, "g", 4, {}));
  std::size_t refused = 0;
  for (const auto& answer : at_once(std::move(next))) refused += answer ? 0 : 1;
  EXPECT_EQ(refused, 1u) << "number 4 follows nothing";
  EXPECT_EQ(count(ChangeKind::kGroup), 1u);
}

TEST_F(DynamodbAgentsTest, OfTwoCompactionsOfTheSameRowsOneIsApplied) {
  const Topic topic = must(store().create_topic(new_topic("orders")));
  open_all();
  must(store().acquire_leases(session_of(0), {{.key = key_of(topic), .since_seq = Seq(1)}}));
  for (int seq = 1; seq <= 4; ++seq)
    must(store().append(session_of(0), Seq(seq),
                        commit({span(key_of(topic), 5 * seq - 5, 5 * seq)})));
  must(store().checkpoint(session_of(0), Seq(4), {}));
  std::vector<Task<Status>> calls;
  for (std::size_t i = 1; i < kAgents; ++i) {
    Replacement wanted{.compactor = session_of(i), .log = session_of(0), .upto_seq = Seq(3)};
    wanted.inputs = {Seq(1), Seq(2), Seq(3)};
    const std::string object = segment::to_key(segment::SegmentKey{
        .topic = topic.id, .compactor = session_of(i), .number = static_cast<std::int64_t>(i)});
    wanted.objects = {{.key = object, .level = 1, .size = 400}};
    Segment segment{.key = key_of(topic), .record_count = 15};
    segment.location = {.offsets = {Offset(0), Offset(15)}, .object_key = object, .length = 300};
    wanted.segments = {segment};
    calls.push_back(store(i).replace_objects(wanted));
  }
  std::size_t applied = 0;
  for (const auto& answer : at_once(std::move(calls))) {
    applied += answer ? 1 : 0;
    if (!answer) EXPECT_EQ(answer.error().code, Errc::kConflict) << to_string(answer.error());
  }
  EXPECT_EQ(applied, 1u);
  const auto spans = must(store().list_segments(key_of(topic), Offset(0), 10));
  ASSERT_EQ(spans.size(), 2u);
  EXPECT_EQ(spans[0].offsets, (model::OffsetRange{Offset(0), Offset(15)}));
  EXPECT_EQ(spans[1].offsets, (model::OffsetRange{Offset(15), Offset(20)}));
  EXPECT_EQ(must(store().list_objects("seg/", 10)).size(), 1u);
}

TEST_F(DynamodbAgentsTest, TrimsAtOnceLeaveOneDeadObjectForEachCommit) {
  open_all();
  for (int seq = 1; seq <= 6; ++seq) must(store().append(session_of(0), Seq(seq), any_commit()));
  must(store().checkpoint(session_of(0), Seq(6), {}));
  std::vector<Task<Result<Seq>>> calls;
  for (std::size_t i = 0; i < kAgents; ++i)
    calls.push_back(store(i).trim(session_of(0), Seq(2 + static_cast<std::int64_t>(i))));
  for (const auto& answer : at_once(std::move(calls)))
    EXPECT_TRUE(answer.has_value()) << to_string(answer.error());
  EXPECT_EQ(must(store().get_session(session_of(0))).trimmed_to, Seq(5));
  EXPECT_EQ(must(store().list_objects("", 10)).size(), 5u);
  const auto counts = must(store().count_objects());
  ASSERT_EQ(counts.size(), 2u);
  EXPECT_EQ(counts[0].objects, 1u);
  EXPECT_EQ(counts[1].objects, 5u);
}

/// Moves a partition from session to session, appending five offsets each time.
Task<void> hand_on(DynamodbAgentsTest&, std::vector<DynamodbMetadataStore*> stores,
                   TopicPartition key, int times, std::vector<std::string>& failures) {
  std::vector<std::int64_t> seqs(stores.size(), 0);
  for (int i = 0; i < times; ++i) {
    const std::size_t agent = static_cast<std::size_t>(i) % stores.size();
    const std::int64_t seq = seqs[agent] + 1;
    seqs[agent] += 2;
    std::vector<AcquireRequest> requests = {
        {.key = key, .expected_epoch = LeaderEpoch(2 * i), .since_seq = Seq(seq)}};
    auto acquired = co_await stores[agent]->acquire_leases(session_of(agent), std::move(requests));
    if (!acquired || !acquired->front()) failures.emplace_back("acquire");
    CommitEntry row = commit({span(key, 5 * i, 5 * i + 5, 2 * i + 1)});
    const auto appended = co_await stores[agent]->append(session_of(agent), Seq(seq), row);
    if (!appended) failures.emplace_back("append");
    ReleaseEntry freed = release({entry(key, 2 * i + 1, 5 * i + 5)});
    const auto released = co_await stores[agent]->append(session_of(agent), Seq(seq + 1), freed);
    if (!released) failures.emplace_back("release");
  }
}

/// Loads it again and again: spans must tile from 0, and reach a high watermark that is theirs.
Task<void> load_often(DynamodbMetadataStore& store, TopicPartition key, int times,
                      std::vector<std::string>& failures) {
  for (int i = 0; i < times; ++i) {
    std::vector<TopicPartition> keys = {key};
    const auto loaded = co_await store.load_partitions(std::move(keys));
    if (!loaded) {
      if (loaded.error().code != Errc::kUnavailable) failures.push_back(to_string(loaded.error()));
      continue;
    }
    Offset next(0);
    for (const SpanLocation& span : loaded->front().spans) {
      if (span.offsets.base != next) failures.push_back("a gap at " + std::to_string(next.value()));
      next = span.offsets.next;
    }
    if (next < loaded->front().row.high_watermark) failures.emplace_back("spans are missing");
  }
}

TEST_F(DynamodbAgentsTest, APartitionThatMovesIsLoadedWithoutAGap) {
  const Topic topic = must(store().create_topic(new_topic("orders")));
  open_all();
  std::vector<DynamodbMetadataStore*> stores;
  for (std::size_t i = 0; i + 1 < kAgents; ++i) stores.push_back(&store(i));
  std::vector<std::string> failures;
  runtime::TaskGroup group(runtime_);
  group.spawn(hand_on(*this, stores, key_of(topic), 12, failures));
  group.spawn(load_often(store(kAgents - 1), key_of(topic), 12, failures));
  runtime_.run_until_ended(group.close());
  EXPECT_THAT(failures, testing::IsEmpty());
  const auto loaded = must(store().load_partitions({key_of(topic)}));
  EXPECT_EQ(loaded.front().spans.size(), 12u);
  EXPECT_EQ(loaded.front().row.high_watermark, Offset(60));
}

TEST_F(DynamodbAgentsTest, WhatIsFreeIsSeenByEveryAgentAtOnce) {
  const Topic topic = must(store().create_topic(new_topic("orders", 3)));
  open_all();
  EXPECT_EQ(must(store(1).list_free_partitions(10)).size(), 3u);
  must(store(0).acquire_leases(session_of(0), {{.key = key_of(topic, 1), .since_seq = Seq(1)}}));
  EXPECT_EQ(must(store(1).list_free_partitions(10)).size(), 2u) << "not as it was remembered";
  EXPECT_EQ(must(store(1).list_free_partitions(10)).size(), 2u);
  EXPECT_EQ(must(store(1).list_free_partitions(1)).size(), 1u);
  must(store(2).create_partitions("orders", 5));
  EXPECT_EQ(must(store(1).list_free_partitions(10)).size(), 4u);
  must(store(0).append(session_of(0), Seq(1), release({entry(key_of(topic, 1), 1, 7)})));
  const auto free = must(store(1).list_free_partitions(10));
  ASSERT_EQ(free.size(), 5u);
  EXPECT_EQ(free[1].high_watermark, Offset(7));
  must(store(2).delete_topic(topic.id));
  EXPECT_TRUE(must(store(1).list_free_partitions(10)).empty());
}

TEST_F(DynamodbAgentsTest, AnotherProcessGoesOnWithALogWhereItEnded) {
  open(0);
  must(store(0).append(session_of(0), Seq(1), any_commit(1)));
  must(store(1).append(session_of(0), Seq(2), any_commit(2)));
  EXPECT_EQ(must(store(0).append(session_of(0), Seq(2), any_commit(2))), Appended::kBefore);
  const auto other =
      runtime::run_task(runtime_, store(0).append(session_of(0), Seq(2), any_commit(9)));
  EXPECT_EQ(other.error().code, Errc::kRegressed) << "another row stands there";
  must(store(0).append(session_of(0), Seq(3), any_commit(3)));
  must(store(1).seal_session(session_of(0)));
  const auto late =
      runtime::run_task(runtime_, store(0).append(session_of(0), Seq(4), any_commit(4)));
  EXPECT_EQ(late.error().code, Errc::kFenced);
  const auto counts = must(store().count_objects());
  ASSERT_EQ(counts.size(), 1u);
  EXPECT_EQ(counts[0].objects, 3u) << "totals follow whoever appends";
}

}  // namespace
}  // namespace streamhouse::metadata::contract
