// Goal: what only DynamoDB makes difficult is right: what is too large for an item or a
// transaction, a service that throttles, fails and loses answers, agents that start at once, wrong
// tables. Method: the real server that scripts/with_dynamodb starts, directly and through its
// failing proxy.
#include <gmock/gmock.h>

#include <algorithm>

#include "metadata/checked_row.h"
#include "metadata/dynamodb/items/blobs.h"
#include "metadata/dynamodb/items/keys.h"
#include "metadata/dynamodb/opened_dynamodb.h"
#include "metadata/dynamodb/tables/changes.h"
#include "metadata/dynamodb/tables/group_rows.h"
#include "metadata/dynamodb/tables/object_rows.h"
#include "metadata/dynamodb/tables/sessions.h"
#include "runtime/task_group.h"
#include "tests/contract/metadata_store_contract.h"
#include "tests/metadata/dynamodb_process.h"

namespace streamhouse::metadata::contract {
namespace {

using base::Errc;
using namespace std::chrono_literals;
using testing::HasSubstr;

/// A process on a table, by its own way to the server.
struct Agent {
  Agent(runtime::AsioRuntime& runtime, const std::string& name,
        const std::string& endpoint = tests::dynamodb_endpoint(),
        dynamodb::RetryPolicy::Options retries = {})
      : process(runtime, endpoint, retries),
        table(process.client, name, dynamodb::Access::kReadWrite) {}
  tests::DynamodbProcess process;
  dynamodb::Table table;
  DynamodbMetadataStore store{table};
};

class DynamodbServerTest : public ::testing::Test {
 protected:
  DynamodbServerTest() { tests::prepare(runtime_, agent_.table); }

  template <class T>
  Result<T> run(Task<Result<T>> task) {
    return runtime::run_task(runtime_, std::move(task));
  }
  template <class T>
  T must(Task<Result<T>> task) {
    Result<T> result = run(std::move(task));
    if (!result) throw std::runtime_error(to_string(result.error()));
    if constexpr (!std::is_void_v<T>) return *std::move(result);
  }
  DynamodbMetadataStore& store() { return agent_.store; }

  Topic lead_all(std::int32_t partitions) {
    Topic topic = must(store().create_topic(new_topic("wide", partitions)));
    must(store().open_session({.id = kFirst, .agent = {.agent_id = "a"}, .timeout_ms = 60'000}));
    std::vector<AcquireRequest> requests;
    for (std::int32_t i = 0; i < partitions; ++i)
      requests.push_back({.key = key_of(topic, i), .since_seq = Seq(1)});
    for (const auto& answer : must(store().acquire_leases(kFirst, requests)))
      EXPECT_TRUE(answer.has_value());
    return topic;
  }

  runtime::AsioRuntime runtime_;
  const std::string name_ = tests::new_table_name();
  Agent agent_{runtime_, name_};
};

base::Bytes pattern(std::size_t size) {
  base::ByteVector bytes(size);
  for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<std::uint8_t>(i * i >> 3);
  return base::Bytes(std::move(bytes));
}

TEST_F(DynamodbServerTest, BlobsOfAnySizeComeBackAndDamageIsSeen) {
  for (const std::size_t size : {0u, 100u, 350u << 10, (350u << 10) + 1, 2u << 20}) {
    const dynamodb::BlobPlace place{.pk = "B#test", .name = "n" + std::to_string(size)};
    const base::Bytes bytes = pattern(size);
    const auto ref =
        must(dynamodb::store_blob(agent_.table, place, bytes, dynamodb::kInlineBytesMax));
    EXPECT_EQ(ref.chunks.empty(), size <= dynamodb::kInlineBytesMax);
    dynamodb::Item item;
    ref.set(item, "payload");
    EXPECT_EQ(must(dynamodb::load_blob(agent_.table, place.pk, item, "payload")), bytes);
    if (ref.chunks.empty()) continue;
    must(agent_.table.write_all({{.kind = dynamodb::Write::Kind::kRemove,
                                  .key = {place.pk, ref.chunks + dynamodb::padded(1)}}}));
    EXPECT_EQ(run(dynamodb::load_blob(agent_.table, place.pk, item, "payload")).error().code,
              Errc::kCorrupt);
  }
}

/// Spans of topics that do not exist, more than an item holds.
CommitEntry large_commit() {
  std::vector<segment::Span> spans;
  for (std::int32_t i = 0; i < 60'000; ++i)
    spans.push_back(span({model::TopicNo(9), model::PartitionIndex(i)}, i * 1'000'003LL,
                         i * 1'000'003LL + 1 + i % 7));
  return commit(spans);
}

TEST_F(DynamodbServerTest, ARowThatIsLargerThanAnItemIsReadWholeAndTrimmedWhole) {
  must(store().open_session({.id = kFirst, .agent = {.agent_id = "a"}, .timeout_ms = 60'000}));
  const CommitEntry large = large_commit();
  ASSERT_GT(large.spans.size(), 500'000u);
  EXPECT_EQ(must(store().append(kFirst, Seq(1), large)), Appended::kNow);
  EXPECT_EQ(must(store().append(kFirst, Seq(1), large)), Appended::kBefore);
  must(store().append(kFirst, Seq(2), any_commit()));
  const auto rows = must(store().tail(kFirst, Seq(0), 10));
  ASSERT_EQ(rows.size(), 2u);
  EXPECT_EQ(rows[0].payload, large.spans);
  must(store().checkpoint(kFirst, Seq(2), {}));
  EXPECT_EQ(must(store().trim(kFirst, Seq(1))), Seq(1));
  const std::string chunks = dynamodb::session_blobs_key(kFirst);
  EXPECT_TRUE(must(agent_.table.query(dynamodb::Range::whole(chunks))).empty());
}

TEST_F(DynamodbServerTest, ACheckpointThatIsLargerThanAnItemReplacesTheOneBefore) {
  const Topic topic = lead_all(4);
  must(store().append(kFirst, Seq(1), any_commit()));
  must(store().append(kFirst, Seq(2), any_commit()));
  segment::CheckpointTable table;
  for (std::int32_t i = 0; i < 4; ++i) {
    table.push_back(entry(key_of(topic, i), 1, 10 + i));
    table.back().producers = pattern(200'000);
  }
  must(store().checkpoint(kFirst, Seq(1), table));
  table[0].high_watermark = Offset(99);
  must(store().checkpoint(kFirst, Seq(2), table));
  must(store().checkpoint(kFirst, Seq(2), table));
  const auto checkpoint = must(store().get_checkpoint(kFirst));
  ASSERT_TRUE(checkpoint.has_value());
  EXPECT_EQ(checkpoint->partitions, table);
  EXPECT_EQ(must(store().get_partition(key_of(topic, 0))).visible_high_watermark, Offset(99));
  const auto chunks =
      must(agent_.table.query(dynamodb::Range::whole(dynamodb::session_blobs_key(kFirst))));
  EXPECT_EQ(chunks.size(), 3u) << "800 KB in chunks of 350 KiB; none of the older one";
  must(store().append(kFirst, Seq(3), release(table)));
  const Partition freed = must(store().get_partition(key_of(topic, 2)));
  EXPECT_EQ(freed.owner, model::kNoSession);
  EXPECT_EQ(freed.producers, pattern(200'000));
}

TEST_F(DynamodbServerTest, AReleaseOfMoreThanATransactionHoldsIsFinishedByWhoeverRepeatsIt) {
  constexpr std::int32_t kCount = 230;
  const Topic topic = lead_all(kCount);
  segment::CheckpointTable table;
  for (std::int32_t i = 0; i < kCount; ++i) table.push_back(entry(key_of(topic, i), 1, i));
  // As if the agent had died behind its row.
  const CheckedRow row = *check_row(Seq(1), release(table));
  dynamodb::Item item = dynamodb::item_of(dynamodb::StoredRow{.row = row.row});
  item.set(dynamodb::kPayload, row.row.payload);
  must(agent_.table.put({.key = dynamodb::row_key(kFirst, Seq(1)), .item = item}));
  EXPECT_TRUE(must(store().list_free_partitions(1)).empty());
  Agent other(runtime_, name_);
  EXPECT_EQ(must(other.store.append(kFirst, Seq(1), release(table))), Appended::kBefore);
  EXPECT_EQ(must(store().list_free_partitions(1'000)).size(), static_cast<std::size_t>(kCount));
  EXPECT_EQ(must(store().get_partition(key_of(topic, kCount - 1))).high_watermark,
            Offset(kCount - 1));
  std::vector<AcquireRequest> requests;
  for (const auto& one : table)
    requests.push_back(
        {.key = one.partition, .expected_epoch = LeaderEpoch(2), .since_seq = Seq(2)});
  must(store().acquire_leases(kFirst, requests));
  must(other.store.append(kFirst, Seq(1), release(table)));
  EXPECT_TRUE(must(store().list_free_partitions(1)).empty()) << "its epochs are over";
}

TEST_F(DynamodbServerTest, MoreOffsetsThanATransactionHoldsAreCommittedAllOrNone) {
  constexpr std::int32_t kCount = 400;
  const Topic topic = lead_all(kCount);
  const ShardGuard guard{.shard = key_of(topic), .owner = kFirst, .epoch = LeaderEpoch(1)};
  std::vector<CommittedOffset> offsets;
  for (std::int32_t i = 0; i < kCount; ++i)
    offsets.push_back({.key = key_of(topic, i), .offset = Offset(i), .metadata = "of mine"});
  must(store().commit_offsets(guard, "g", 1, offsets));
  EXPECT_EQ(must(store().load_group("g")).offsets.size(), offsets.size());
  for (CommittedOffset& one : offsets) one.offset = one.offset + 1'000;
  must(store().commit_offsets(guard, "g", 2, offsets));
  must(store().commit_offsets(guard, "g", 2, offsets));
  const auto fetched = must(store().fetch_offsets("g", {key_of(topic, 399), key_of(topic, 1)}));
  ASSERT_EQ(fetched.size(), 2u);
  EXPECT_EQ(fetched[0].offset, Offset(1'001));
  EXPECT_EQ(fetched[1].offset, Offset(1'399));
  std::vector<TopicPartition> keys;
  for (std::int32_t i = 0; i < 399; ++i) keys.push_back(key_of(topic, i));
  must(store().delete_offsets(guard, "g", 3, keys));
  EXPECT_EQ(must(store().load_group("g")).offsets.size(), 1u);
  const auto left =
      must(agent_.table.query(dynamodb::Range::prefix(dynamodb::group_items_key("g"), "W")));
  EXPECT_TRUE(left.empty()) << "what was pending is spread";
}

TEST_F(DynamodbServerTest, OffsetsThatAreNotSpreadYetAreShownAndSpreadByTheNextWrite) {
  const Topic topic = lead_all(3);
  const ShardGuard guard{.shard = key_of(topic), .owner = kFirst, .epoch = LeaderEpoch(1)};
  const auto at = [&](std::int32_t index, std::int64_t offset) {
    return CommittedOffset{.key = key_of(topic, index), .offset = Offset(offset)};
  };
  must(store().commit_offsets(guard, "g", 1, {at(0, 1), at(1, 2)}));
  // As if the agent had died behind a large commit: offset 0 moves, 1 goes, 2 appears.
  const dynamodb::Key key = dynamodb::group_key("g");
  dynamodb::Item group = *must(agent_.table.get(key));
  group.set("commit_no", std::int64_t{2});
  group.set(dynamodb::kPending, dynamodb::encode_offsets({{key_of(topic, 0), at(0, 10)},
                                                          {.key = key_of(topic, 1)},
                                                          {key_of(topic, 2), at(2, 30)}}));
  must(agent_.table.put({.key = key, .item = group}));
  const auto shown = [&] {
    std::vector<std::int64_t> offsets;
    for (const CommittedOffset& one : must(store().load_group("g")).offsets)
      offsets.push_back(one.offset.value());
    return offsets;
  };
  EXPECT_THAT(shown(), testing::ElementsAre(10, 30));
  EXPECT_EQ(must(store().fetch_offsets("g", {key_of(topic, 0), key_of(topic, 1)})).size(), 1u);
  must(store().commit_offsets(guard, "g", 3, {at(2, 31)}));
  EXPECT_THAT(shown(), testing::ElementsAre(10, 31));
  EXPECT_FALSE(dynamodb::has_pending(*must(agent_.table.get(key))));
}

TEST_F(DynamodbServerTest, ChangesThatAreNotKeptAnyMoreAreRemovedByWhoeverWatches) {
  // As if the feed had grown long: some items of its beginning, and its head.
  const auto key = [](std::int64_t version) { return dynamodb::change_key(version); };
  const dynamodb::Item one = dynamodb::changes_item({{ChangeKind::kAgent, "a"}});
  std::vector<dynamodb::Write> writes;
  for (const std::int64_t version : {1, 401, 402})
    writes.push_back({.key = key(version), .item = one});
  dynamodb::Item head;
  const std::int64_t latest = dynamodb::kChangesKeptMin + dynamodb::kChangesDroppedMin;
  head.set("latest", latest);
  head.set("oldest", std::int64_t{1});
  writes.push_back({.key = dynamodb::change_head_key(), .item = head});
  must(agent_.table.write_all(writes));
  must(store().watch_changes(latest, 10));
  EXPECT_TRUE(must(agent_.table.get(key(1))).has_value()) << "all are kept";
  must(store().create_topic(new_topic("orders", 1)));
  const Changes page = must(store().watch_changes(latest, 10));
  EXPECT_EQ(page.oldest_kept, dynamodb::kChangesDroppedMin + 1);
  ASSERT_EQ(page.changes.size(), 1u);
  EXPECT_EQ(page.changes.front().version, latest + 1);
  EXPECT_FALSE(must(agent_.table.get(key(1))).has_value());
  EXPECT_FALSE(must(agent_.table.get(key(401))).has_value());
  EXPECT_TRUE(must(agent_.table.get(key(402))).has_value()) << "it could hold version 501";
}

TEST_F(DynamodbServerTest, APurgeThatWasInterruptedIsFinishedByTheNextOneOrTheNextStart) {
  const Topic topic = lead_all(3);
  must(store().append(kFirst, Seq(1),
                      release({entry(key_of(topic, 0), 1, 5), entry(key_of(topic, 1), 1, 5),
                               entry(key_of(topic, 2), 1, 5)})));
  must(store().delete_topic(topic.id));
  // As if the agent had died when it had hidden the topic.
  const dynamodb::Key key = dynamodb::topic_key(topic.no);
  dynamodb::Item item = *must(agent_.table.get(key));
  item.set("state", std::int64_t{2});
  must(agent_.table.put({.key = key, .item = item}));
  EXPECT_EQ(run(store().get_topic(topic.no)).error().code, Errc::kTopicNotFound);
  EXPECT_EQ(run(store().get_partition(key_of(topic, 0))).error().code, Errc::kPartitionNotFound);
  EXPECT_TRUE(must(store().list_topics(model::TopicNo(0), 9)).empty());
  EXPECT_EQ(must(store().create_topic(new_topic("wide", 1))).no, model::TopicNo(2));
  const dynamodb::Item hidden = *must(agent_.table.get(key));
  must(store().purge_topic(model::TopicNo(77)));
  EXPECT_FALSE(must(agent_.table.get(key)).has_value());
  must(agent_.table.put({.key = key, .item = hidden}));
  const auto gone_by = runtime_.now() - runtime::Duration(1);
  EXPECT_EQ(run(store().finish_purges(gone_by)).error().code, Errc::kUnavailable);
  EXPECT_TRUE(must(agent_.table.get(key)).has_value()) << "it is known that something is left";
  OpenMetadata starts{.url = "dynamodb://" + name_};
  starts.aws.endpoint_dynamodb = tests::dynamodb_endpoint();
  starts.aws.access_key_id = "tests";
  starts.aws.secret_access_key = "sesame";
  must(open_dynamodb_store(runtime_, starts));
  EXPECT_FALSE(must(agent_.table.get(key)).has_value()) << "whoever starts finishes it too";
  const std::string rows = dynamodb::partitions_key(topic.no, 0);
  EXPECT_TRUE(must(agent_.table.query(dynamodb::Range::whole(rows))).empty());
}

TEST_F(DynamodbServerTest, SegmentsOfAReplacementThatWasInterruptedAreShownToNobody) {
  const Topic topic = lead_all(1);
  must(store().append(kFirst, Seq(1), commit({span(key_of(topic), 0, 5)})));
  must(store().append(kFirst, Seq(2), any_commit()));
  must(store().checkpoint(kFirst, Seq(2), {}));
  Segment segment{.key = key_of(topic), .record_count = 5};
  segment.location = {.offsets = {Offset(0), Offset(5)}, .object_key = "seg/never", .length = 9};
  must(agent_.table.put({.key = dynamodb::segment_key(key_of(topic), Offset(5), "seg/never"),
                         .item = dynamodb::item_of(segment)}));
  EXPECT_EQ(must(store().list_segments(key_of(topic), Offset(0), 9)).size(), 1u);
  segment.location.object_key = "seg/real";
  must(store().replace_objects({.compactor = kFirst,
                                .log = kFirst,
                                .upto_seq = Seq(1),
                                .inputs = {Seq(1)},
                                .objects = {{.key = "seg/real", .level = 1, .size = 50}},
                                .segments = {segment}}));
  const auto spans = must(store().list_segments(key_of(topic), Offset(0), 9));
  ASSERT_EQ(spans.size(), 1u);
  EXPECT_EQ(spans[0].object_key, "seg/real");
}

TEST_F(DynamodbServerTest, ASegmentThatAnEarlierAttemptLeftIsCountedWithItsObject) {
  const Topic topic = lead_all(1);
  NewTopic wanted = new_topic("gone", 1);
  wanted.id = topic_id(77);
  const Topic gone = must(store().create_topic(wanted));
  must(store().delete_topic(gone.id));
  must(store().purge_topic(gone.no));
  must(store().append(kFirst, Seq(1), commit({span(key_of(topic), 0, 5)})));
  must(store().append(kFirst, Seq(2), any_commit()));
  must(store().checkpoint(kFirst, Seq(2), {}));
  Segment segment{.key = key_of(topic), .record_count = 5};
  segment.location = {.offsets = {Offset(0), Offset(5)}, .object_key = "seg/a", .length = 9};
  Segment left = segment;
  left.key = key_of(gone);
  const dynamodb::Key place = dynamodb::segment_key(left.key, Offset(5), "seg/a");
  must(agent_.table.put({.key = place, .item = dynamodb::item_of(left)}));
  must(store().replace_objects({.compactor = kFirst,
                                .log = kFirst,
                                .upto_seq = Seq(1),
                                .inputs = {Seq(1)},
                                .objects = {{.key = "seg/a", .level = 1, .size = 50}},
                                .segments = {segment, left}}));
  // A purge that has been slow comes to the segment now.
  must(dynamodb::forget_segments(agent_.table, {{place, "seg/a"}}));
  const auto spans = must(store().list_segments(key_of(topic), Offset(0), 9));
  ASSERT_EQ(spans.size(), 1u) << "the object is needed";
  EXPECT_EQ(spans[0].object_key, "seg/a");
  must(store().advance_log_start(key_of(topic), kFirst, LeaderEpoch(1), Offset(5)));
  must(store().delete_segments_before(key_of(topic), Offset(5), 9));
  EXPECT_TRUE(must(store().named_objects(kFirst)).live.empty()) << "and dies with its last one";
}

TEST_F(DynamodbServerTest, TenAgentsThatStartAtOnceMakeOneTableAndOneCluster) {
  const std::string name = tests::new_table_name();
  std::vector<std::unique_ptr<Agent>> agents;
  std::vector<std::string> failures;
  const auto start = [&](Agent& agent, std::uint8_t number) -> Task<void> {
    auto task = dynamodb::prepare_table(agent.table, {{number}}, dynamodb::Replicas::kRefuse);
    const Status started = co_await std::move(task);
    if (!started) failures.push_back(to_string(started.error()));
  };
  runtime::TaskGroup group(runtime_);
  for (std::uint8_t i = 1; i <= 10; ++i) {
    agents.push_back(std::make_unique<Agent>(runtime_, name));
    group.spawn(start(*agents.back(), i));
  }
  runtime_.run_until_ended(group.close());
  EXPECT_THAT(failures, testing::IsEmpty());
  const ClusterInfo cluster = must(agents[0]->store.cluster_info());
  for (const auto& agent : agents)
    EXPECT_EQ(must(agent->store.cluster_info()).cluster_id, cluster.cluster_id);
}

TEST_F(DynamodbServerTest, ATableThatIsNotOursIsRefusedByName) {
  const std::string name = tests::new_table_name();
  dynamodb::Request create{.operation = "CreateTable",
                           .body = R"({"TableName": ")" + name +
                                   R"(", "BillingMode": "PAY_PER_REQUEST",
      "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
      "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}]})"};
  const auto made = runtime::run_task(
      runtime_, [](dynamodb::Client& client, dynamodb::Request request) -> Task<Status> {
        const auto answer = co_await client.call(std::move(request));
        if (!answer.body) co_return answer.body.error();
        co_return Status{};
      }(agent_.process.client, create));
  ASSERT_TRUE(made.has_value());
  Agent agent(runtime_, name);
  const auto prepared =
      run(dynamodb::prepare_table(agent.table, topic_id(1), dynamodb::Replicas::kRefuse));
  ASSERT_FALSE(prepared.has_value());
  EXPECT_EQ(prepared.error().code, Errc::kInvalid);
  EXPECT_THAT(prepared.error().text, HasSubstr("table " + name));
}

TEST_F(DynamodbServerTest, WhoLooksMakesNothingAndWritesNothing) {
  OpenMetadata looks{.url = "dynamodb://" + name_, .purpose = OpenFor::kLook};
  looks.aws.endpoint_dynamodb = tests::dynamodb_endpoint();
  looks.aws.access_key_id = "tests";
  looks.aws.secret_access_key = "sesame";
  const auto opened = must(open_dynamodb_store(runtime_, looks));
  EXPECT_FALSE(opened->exclusive());
  EXPECT_EQ(must(opened->store().list_topics(model::TopicNo(0), 9)).size(), 0u);
  EXPECT_EQ(run(opened->store().create_topic(new_topic("t"))).error().code, Errc::kUnsupported);
  EXPECT_EQ(run(opened->store().put_setting("k", {}, 0)).error().code, Errc::kUnsupported);
  looks.url = "dynamodb://" + tests::new_table_name();
  const auto missing = run(open_dynamodb_store(runtime_, looks));
  ASSERT_FALSE(missing.has_value());
  EXPECT_EQ(missing.error().code, Errc::kUnsupported);
  EXPECT_THAT(missing.error().text, HasSubstr("does not exist"));
}

TEST_F(DynamodbServerTest, AServiceThatIsNotThereIsUnavailable) {
  Agent agent(runtime_, name_, "http://127.0.0.1:1", {.time_max = 100ms});
  EXPECT_EQ(run(agent.store.get_topic("t")).error().code, Errc::kUnavailable);
  EXPECT_EQ(run(agent.store.create_topic(new_topic("t"))).error().code, Errc::kUnavailable);
}

TEST_F(DynamodbServerTest, NothingIsLostOrRepeatedOverAServiceThatFailsInEveryWay) {
  const dynamodb::RetryPolicy::Options patient{
      .time_max = 120s, .pause_first = 4ms, .pause_max = 60ms};
  Agent agent(runtime_, name_, tests::dynamodb_variable("DYNAMODB_TEST_FAULTY_ENDPOINT"), patient);
  DynamodbMetadataStore& faulty = agent.store;
  const Topic topic = must(faulty.create_topic(new_topic("t", 3)));
  must(faulty.open_session({.id = kFirst, .agent = {.agent_id = "a"}, .timeout_ms = 60'000}));
  std::vector<AcquireRequest> requests;
  for (std::int32_t i = 0; i < 3; ++i)
    requests.push_back({.key = key_of(topic, i), .since_seq = Seq(1)});
  for (const auto& answer : must(faulty.acquire_leases(kFirst, requests)))
    EXPECT_TRUE(answer.has_value());
  const ShardGuard guard{.shard = key_of(topic, 2), .owner = kFirst, .epoch = LeaderEpoch(1)};
  constexpr int kRows = 60;
  // One is left out where the answer to it was lost and the repetition met another transaction.
  model::ProducerId block_next{0};
  for (int seq = 1; seq <= kRows; ++seq) {
    must(faulty.append(kFirst, Seq(seq), commit({span(key_of(topic), seq - 1, seq)})));
    if (seq % 10 != 0) continue;
    must(faulty.checkpoint(kFirst, Seq(seq), {entry(key_of(topic), 1, seq)}));
    must(faulty.heartbeat(kFirst, 60'000, ListOwned::kNo));
    must(faulty.commit_offsets(guard, "g", seq / 10,
                               {{.key = key_of(topic), .offset = Offset(seq)}}));
    const model::ProducerId block = must(faulty.allocate_producer_ids(10));
    EXPECT_GE(block, block_next) << "no block is taken twice";
    block_next = model::ProducerId(block.value() + 10);
  }
  EXPECT_EQ(must(faulty.seal_session(kFirst)), Seq(kRows + 1));
  EXPECT_EQ(must(faulty.recover_partitions(
                kFirst, {entry(key_of(topic), 1, kRows), entry(key_of(topic, 1), 1, 0),
                         entry(key_of(topic, 2), 1, 0)})),
            3u)
      << "counted once, whatever answers were lost";
  must(faulty.finish_recovery(kFirst));
  EXPECT_GT(agent.process.client.retry_count(), 10u) << "the proxy hardly failed";
  // Afterwards, without the proxy.
  const auto rows = must(store().tail(kFirst, Seq(0), 1'000));
  ASSERT_EQ(rows.size(), static_cast<std::size_t>(kRows + 1));
  const auto loaded = must(store().load_partitions({key_of(topic)}));
  ASSERT_EQ(loaded.size(), 1u);
  ASSERT_EQ(loaded[0].spans.size(), static_cast<std::size_t>(kRows));
  for (int i = 0; i < kRows; ++i)
    EXPECT_EQ(loaded[0].spans[static_cast<std::size_t>(i)].offsets.base, Offset(i));
  EXPECT_EQ(must(store().load_group("g")).group.commit_no, kRows / 10);
  const Changes changes = must(store().watch_changes(0, 1'000));
  EXPECT_EQ(changes.latest, static_cast<std::int64_t>(changes.changes.size()));
  EXPECT_EQ(changes.latest, 1 + 1 + 3 + 1 + 3) << "topic, agent, leases, group, recoveries";
}

TEST_F(DynamodbServerTest, WhatIsLargerThanDynamodbTakesIsRefusedAsTooLarge) {
  const Topic topic = lead_all(1);
  const ShardGuard guard{.shard = key_of(topic), .owner = kFirst, .epoch = LeaderEpoch(1)};
  const auto code = [](const auto& answer) { return answer.error().code; };
  EXPECT_EQ(code(run(store().put_setting("large", pattern(410u << 10), 0))), Errc::kTooLarge);
  EXPECT_EQ(run(store().get_setting("large")).error().code, Errc::kNotFound);
  EXPECT_EQ(code(run(store().put_setting(std::string(1'100, 'k'), {}, 0))), Errc::kTooLarge);
  Group group{.group_id = "g", .commit_no = 1, .members = pattern(410u << 10)};
  EXPECT_EQ(code(run(store().save_group(guard, group))), Errc::kTooLarge);
  group.members = pattern(300u << 10);
  must(store().save_group(guard, group));
  EXPECT_EQ(must(store().load_group("g")).group.members, group.members);
  group.group_id = std::string(1'100, 'g');
  EXPECT_EQ(code(run(store().save_group(guard, group))), Errc::kTooLarge);
}

TEST_F(DynamodbServerTest, TextsThatAreNotUtf8AreRefusedAndLeaveNothing) {
  const std::string broken = "a\xff";
  NewTopic topic = new_topic("orders");
  topic.config = {{"k", broken}};
  EXPECT_EQ(run(store().create_topic(topic)).error().code, Errc::kInvalid);
  EXPECT_EQ(run(store().create_topic(new_topic(broken))).error().code, Errc::kInvalid);
  EXPECT_EQ(run(store().put_setting(broken, {}, 0)).error().code, Errc::kInvalid);
  EXPECT_EQ(
      run(store().open_session(
              {.id = kFirst, .agent = {.agent_id = "a", .address = broken}, .timeout_ms = 60'000}))
          .error()
          .code,
      Errc::kInvalid);
  EXPECT_TRUE(must(store().list_topics(model::TopicNo(0), 9)).empty());
  EXPECT_TRUE(must(store().list_sessions(SessionId(0), 9)).empty());
  EXPECT_EQ(must(store().watch_changes(0, 9)).latest, 0);
}

}  // namespace
}  // namespace streamhouse::metadata::contract
