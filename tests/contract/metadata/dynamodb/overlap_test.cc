// Goal: operations that overlap are as good as one after the other, although each is several
// requests: whatever one reads and decides, the other does not come between.
// Method: pairs of operations that touch the same rows; the first through a proxy that makes the
// second before request N, for some N (some_requests.h); answers and what is left are compared with
// those of the in-memory model in both orders (overlap.h).
#include "tests/contract/metadata/dynamodb/overlap.h"

namespace streamhouse::metadata::contract {
namespace {

constexpr std::size_t kAll = 1'000;
constexpr model::TopicNo kTopic{1};
const TopicPartition kZero{kTopic, model::PartitionIndex(0)};
const TopicPartition kOne{kTopic, model::PartitionIndex(1)};

Call create(const std::string& name, std::uint64_t id) {
  NewTopic topic = new_topic(name, 2);
  topic.id = topic_id(id);
  return call([topic](MetadataStore& to) { return to.create_topic(topic); });
}
Call delete_it() {
  return call([](MetadataStore& to) { return to.delete_topic(topic_id(1)); });
}
Call purge() {
  return call([](MetadataStore& to) { return to.purge_topic(kTopic); });
}
Call configure(const std::string& value) {
  const TopicChange change{.config = {{"k", value}}};
  return call([change](MetadataStore& to) { return to.update_topic_config("t", change); });
}
Call widen(std::int32_t count) {
  return call([count](MetadataStore& to) { return to.create_partitions("t", count); });
}
Call topics() {
  return all_of({call([](MetadataStore& to) { return to.list_topics(model::TopicNo(0), kAll); }),
                 call([](MetadataStore& to) { return to.list_partitions(kTopic); }),
                 call([](MetadataStore& to) { return to.watch_changes(0, kAll); })});
}

NewSession session(SessionId id, const std::string& agent) {
  return {.id = id, .agent = {.agent_id = agent, .address = agent + ":1"}, .timeout_ms = 600'000};
}
Call open(SessionId id, const std::string& agent) {
  NewSession wanted = session(id, agent);
  wanted.own_sessions = std::vector<SessionId>();
  return call([wanted](MetadataStore& to) { return to.open_session(wanted); });
}
Call beat(SessionId id) {
  return call([id](MetadataStore& to) { return to.heartbeat(id, 700'000, ListOwned::kYes); });
}
Call leave(SessionId id, const std::string& agent) {
  return call([id, agent](MetadataStore& to) { return to.deregister_agent(agent, id); });
}
Call acquire(SessionId id, const std::vector<TopicPartition>& keys) {
  std::vector<AcquireRequest> requests;
  for (const TopicPartition& key : keys) requests.push_back({.key = key, .since_seq = Seq(1)});
  return call([id, requests](MetadataStore& to) { return to.acquire_leases(id, requests); });
}
Call seal(SessionId id) {
  return call([id](MetadataStore& to) { return to.seal_session(id); });
}
Call leases() {
  return all_of({call([](MetadataStore& to) { return to.list_leases(std::nullopt); }),
                 call([](MetadataStore& to) { return to.list_sessions(SessionId(0), kAll); }),
                 call([](MetadataStore& to) { return to.list_agents(Liveness::kAll); }),
                 call([](MetadataStore& to) { return to.list_free_partitions(kAll); }),
                 call([](MetadataStore& to) { return to.watch_changes(0, kAll); })});
}

Call append(std::int64_t seq) {
  const CommitEntry entry = commit({span(kZero, seq * 10, seq * 10 + 10)});
  return call([=](MetadataStore& to) { return to.append(kFirst, Seq(seq), entry); });
}
segment::PartitionCheckpoint state(TopicPartition key) {
  auto one = entry(key, 1, 40);
  one.producers = base::Bytes(base::ByteVector(3'000, 7));  // in chunks
  return one;
}
Call let_go(std::int64_t seq) {
  const ReleaseEntry entry = release({state(kZero), state(kOne)});
  return call([=](MetadataStore& to) { return to.append(kFirst, Seq(seq), entry); });
}
Call seal_self(std::int64_t seq) {
  return call([=](MetadataStore& to) { return to.self_seal(kFirst, Seq(seq)); });
}
Call check(std::int64_t upto) {
  return call([=](MetadataStore& to) { return to.checkpoint(kFirst, Seq(upto), {state(kZero)}); });
}
Call trim(std::int64_t upto) {
  return call([=](MetadataStore& to) { return to.trim(kFirst, Seq(upto)); });
}
Call start_at(std::int64_t offset) {
  return call([=](MetadataStore& to) {
    return to.advance_log_start(kZero, kFirst, LeaderEpoch(1), Offset(offset));
  });
}
Call compact(SessionId compactor, const std::string& key,
             const std::vector<TopicPartition>& partitions = {kZero}) {
  std::vector<Segment> segments;
  for (const TopicPartition& partition : partitions) {
    Segment& segment = segments.emplace_back(Segment{.key = partition, .record_count = 10});
    segment.location = {.offsets = {Offset(10), Offset(20)}, .object_key = key, .length = 9};
  }
  const Replacement replacement{.compactor = compactor,
                                .log = kFirst,
                                .upto_seq = Seq(1),
                                .inputs = {Seq(1)},
                                .objects = {{.key = key, .level = 1, .size = 50}},
                                .segments = segments};
  return call([=](MetadataStore& to) { return to.replace_objects(replacement); });
}
Call recover() {
  return call(
      [](MetadataStore& to) { return to.recover_partitions(kFirst, {state(kZero), state(kOne)}); });
}
Call finish() {
  return call([](MetadataStore& to) { return to.finish_recovery(kFirst); });
}
Call recovery() {
  return call([](MetadataStore& to) { return to.load_recovery(kFirst); });
}
Call logs() {
  return all_of({call([](MetadataStore& to) { return to.tail(kFirst, Seq(-1), kAll); }),
                 call([](MetadataStore& to) { return to.get_checkpoint(kFirst); }),
                 call([](MetadataStore& to) { return to.list_objects("", kAll); }),
                 call([](MetadataStore& to) { return to.list_partitions(kTopic); })});
}

ShardGuard guard() { return {.shard = kZero, .owner = kFirst, .epoch = LeaderEpoch(1)}; }
Call commit_offset(std::int64_t number, std::int64_t offset) {
  CommittedOffset one{.key = kOne, .offset = Offset(offset)};
  one.expires_ms = kNow + offset;
  return call([=](MetadataStore& to) { return to.commit_offsets(guard(), "g", number, {one}); });
}
Call forget_offset(std::int64_t number) {
  return call([=](MetadataStore& to) { return to.delete_offsets(guard(), "g", number, {kOne}); });
}
Call save(std::int64_t number) {
  const Group group{.group_id = "g", .commit_no = number, .generation = 3, .state = "Stable"};
  return call([=](MetadataStore& to) { return to.save_group(guard(), group); });
}
Call drop_group(std::int64_t number) {
  return call([=](MetadataStore& to) { return to.delete_group(guard(), "g", number); });
}
Call expire() {
  return call([](MetadataStore& to) { return to.expire_offsets(kNow + 50, kAll); });
}
Call group() {
  return call([](MetadataStore& to) { return to.load_group("g"); });
}
Call fetched() {
  return call([](MetadataStore& to) { return to.fetch_offsets("g", {kZero, kOne}); });
}
Call groups() {
  return all_of({group(), call([](MetadataStore& to) { return to.list_groups("", kAll); }),
                 call([](MetadataStore& to) { return to.watch_changes(0, kAll); })});
}

/// A topic, and two sessions of which the first leads it if `leads`.
enum class Leads : std::uint8_t { kNothing, kAll };
void begin(Caller caller, Leads leads) {
  create("t", 1)(caller);
  caller.must(caller.store.open_session(session(kFirst, "first")));
  caller.must(caller.store.open_session(session(kSecond, "second")));
  if (leads == Leads::kAll) acquire(kFirst, {kZero, kOne})(caller);
}

TEST_F(DynamodbOverlapTest, OfTopics) {
  prepare_ = [](Caller caller) { create("t", 1)(caller); };
  look_ = topics();
  expect_serial("one name", create("x", 7), create("x", 8));
  expect_serial("a name that becomes free", create("t", 7), delete_it());
  expect_serial("change and growth", configure("a"), widen(5));
}

TEST_F(DynamodbOverlapTest, OfDeletedTopics) {
  prepare_ = [](Caller caller) { all_of({create("t", 1), delete_it()})(caller); };
  look_ = topics();
  expect_serial("purge and successor", purge(), create("t", 7));
}

TEST_F(DynamodbOverlapTest, OfAgents) {
  prepare_ = [](Caller caller) { begin(caller, Leads::kNothing); };
  look_ = leases();
  expect_serial("one agent id", open(kThird, "third"), open(SessionId(4), "third"));
  expect_serial("beat and seal", beat(kFirst), seal(kFirst));
  expect_serial("beat and leave", beat(kFirst), leave(kFirst, "first"));
}

TEST_F(DynamodbOverlapTest, OfLeases) {
  prepare_ = [](Caller caller) { begin(caller, Leads::kNothing); };
  look_ = leases();
  expect_serial("two leaders", acquire(kFirst, {kZero, kOne}), acquire(kSecond, {kOne}));
  expect_serial("lease and seal", acquire(kFirst, {kZero}), seal(kFirst));
  expect_serial("lease and end of the topic", acquire(kFirst, {kZero}), delete_it());
}

TEST_F(DynamodbOverlapTest, OfOneLog) {
  prepare_ = [](Caller caller) {
    begin(caller, Leads::kAll);
    all_of({append(1), append(2), check(1)})(caller);
  };
  look_ = logs();
  expect_serial("append and seal", append(3), seal(kFirst));
  expect_serial("append and self-seal", append(3), seal_self(3));
  expect_serial("release and seal", let_go(3), seal(kFirst));
  expect_serial("checkpoint and seal", check(2), seal(kFirst));
}

TEST_F(DynamodbOverlapTest, OfLogsThatShrink) {
  prepare_ = [](Caller caller) {
    begin(caller, Leads::kAll);
    all_of({append(1), append(2), check(2)})(caller);
  };
  look_ = logs();
  expect_serial("trim and log start", trim(1), start_at(20));
  expect_serial("compaction and seal", compact(kSecond, "s/a"), seal(kFirst));
  expect_serial("two compactions", compact(kSecond, "s/a"), compact(kFirst, "s/b"));
}

TEST_F(DynamodbOverlapTest, OfACompactionAndThePurgeOfATopicInIt) {
  constexpr model::TopicNo kOther{2};
  prepare_ = [](Caller caller) {
    begin(caller, Leads::kAll);
    all_of({append(1), append(2), check(2), create("other", 7),
            call([](MetadataStore& to) { return to.delete_topic(topic_id(7)); })})(caller);
  };
  const Call delete_segments =
      call([](MetadataStore& to) { return to.delete_segments_before(kZero, Offset(20), kAll); });
  // An object dies with its last segment, neither before nor never.
  look_ = all_of({logs(), start_at(20), delete_segments, logs()});
  const TopicPartition other{kOther, model::PartitionIndex(0)};
  const Call purge_other = call([=](MetadataStore& to) { return to.purge_topic(kOther); });
  expect_serial("compaction and purge", compact(kSecond, "s/a", {kZero, other}), purge_other);
}

TEST_F(DynamodbOverlapTest, OfTakeOvers) {
  prepare_ = [](Caller caller) {
    begin(caller, Leads::kAll);
    all_of({append(1), check(1), seal(kFirst)})(caller);
  };
  look_ = logs();
  expect_serial("two recoverers", recover(), recover());
  expect_serial("view and end", recovery(), all_of({recover(), finish()}));
}

TEST_F(DynamodbOverlapTest, OfGroups) {
  prepare_ = [](Caller caller) {
    begin(caller, Leads::kAll);
    commit_offset(1, 10)(caller);
  };
  look_ = groups();
  expect_serial("two commits", commit_offset(2, 20), commit_offset(2, 30));
  expect_serial("commit and hand-over", commit_offset(2, 20), let_go(1));
  expect_serial("commit and end", commit_offset(2, 20), drop_group(2));
  expect_serial("expiry and commit", expire(), commit_offset(2, 70));
  expect_serial("view and commit", group(), commit_offset(2, 20));
  expect_serial("offsets and a second life", fetched(),
                all_of({drop_group(2), commit_offset(3, 30)}));
}

TEST_F(DynamodbOverlapTest, OfSettings) {
  const auto put = [](const std::string& value, std::int64_t version) {
    const base::Bytes bytes{std::string(value)};
    return call([=](MetadataStore& to) { return to.put_setting("k", bytes, version); });
  };
  const Call remove = call([](MetadataStore& to) { return to.delete_setting("k", 1); });
  const Call allocate = call([](MetadataStore& to) { return to.allocate_producer_ids(10); });
  prepare_ = [&](Caller caller) { put("a", 0)(caller); };
  look_ = call([](MetadataStore& to) { return to.list_settings(""); });
  expect_serial("two values", put("b", 1), put("c", 1));
  expect_serial("value and removal", put("b", 1), remove);
  expect_serial("producer ids", allocate, allocate);
}

TEST_F(DynamodbOverlapTest, WhatIsCutOffIsFinishedByItsRepeat) {
  prepare_ = [](Caller caller) {
    begin(caller, Leads::kAll);
    all_of({append(1), append(2), check(1)})(caller);
  };
  look_ = all_of({logs(), topics()});
  expect_repeatable("topic", create("x", 7));
  expect_repeatable("heartbeat", beat(kFirst));
  expect_repeatable("checkpoint", check(2));
  expect_repeatable("compaction", compact(kSecond, "s/a"));
}

TEST_F(DynamodbOverlapTest, LeasesThatAreCutOffAreFinishedByTheirRepeat) {
  prepare_ = [](Caller caller) { begin(caller, Leads::kNothing); };
  look_ = leases();
  expect_repeatable("lease", acquire(kFirst, {kZero, kOne}));
  expect_repeatable(
      "session", call([](MetadataStore& to) { return to.open_session(session(kThird, "third")); }));
}

TEST_F(DynamodbOverlapTest, WritesOfGroupsThatAreCutOffAreFinishedByTheirRepeat) {
  prepare_ = [](Caller caller) {
    begin(caller, Leads::kAll);
    commit_offset(1, 10)(caller);
  };
  look_ = groups();
  expect_repeatable("commit", commit_offset(2, 20));
  expect_repeatable("removal", forget_offset(2));
  expect_repeatable("members", save(2));
  expect_repeatable("end", drop_group(2));
  expect_repeatable("expiry", expire());
}

}  // namespace
}  // namespace streamhouse::metadata::contract
