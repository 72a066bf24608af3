// Goal: who reads while a transaction is being applied sees some of its items and not yet the
// others; nothing that is decided or remembered then stays wrong.
// Method: tables of the real server that scripts/with_dynamodb starts, in states that stand between
// the items of one transaction: an item is taken back, or put first.
#include <gmock/gmock.h>

#include "metadata/dynamodb/items/keys.h"
#include "metadata/dynamodb/items/rows.h"
#include "metadata/dynamodb/tables/changes.h"
#include "tests/contract/metadata_store_contract.h"
#include "tests/metadata/dynamodb_process.h"
#include "tests/net/cutting_proxy.h"

namespace streamhouse::metadata::contract {
namespace {

using base::Errc;
using dynamodb::Item;
using testing::ElementsAre;
using testing::IsEmpty;

class DynamodbTornReadTest : public ::testing::Test {
 protected:
  DynamodbTornReadTest() { tests::prepare(runtime_, table_); }

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
  void put(const dynamodb::Key& key, Item item) {
    must(table_.put({.key = key, .item = std::move(item)}));
  }
  void remove(const dynamodb::Key& key) {
    must(table_.write_all({{.kind = dynamodb::Write::Kind::kRemove, .key = key}}));
  }
  /// The item as it is, which is removed.
  Item take(const dynamodb::Key& key) {
    Item item = must(table_.get(key)).value();
    remove(key);
    return item;
  }
  Topic lead(SessionId session, std::int32_t partitions) {
    Topic topic = must(store_.create_topic(new_topic("orders", partitions)));
    open(session);
    std::vector<AcquireRequest> requests;
    for (std::int32_t i = 0; i < partitions; ++i)
      requests.push_back({.key = key_of(topic, i), .since_seq = Seq(1)});
    must(store_.acquire_leases(session, requests));
    return topic;
  }
  void open(SessionId session) {
    const std::string agent = "agent-" + to_string(session);
    must(store_.open_session({.id = session, .agent = {.agent_id = agent}, .timeout_ms = 600'000}));
  }
  std::vector<std::int64_t> versions(const Changes& page) {
    std::vector<std::int64_t> list;
    for (const Change& change : page.changes) list.push_back(change.version);
    return list;
  }

  runtime::AsioRuntime runtime_;
  DatabaseMs now_ = 1'700'000'000'000;
  tests::DynamodbProcess process_{runtime_};
  dynamodb::Table table_{process_.client, tests::new_table_name(), dynamodb::Access::kReadWrite,
                         [this] { return now_; }};
  DynamodbMetadataStore store_{table_};
};

TEST_F(DynamodbTornReadTest, AChangeThatIsNotVisibleYetHoldsBackThoseBehindIt) {
  for (const char* name : {"a", "b", "c", "d"}) {
    NewTopic topic = new_topic(name);
    topic.id = topic_id(static_cast<std::uint64_t>(*name));
    must(store_.create_topic(topic));
  }
  const Item third = take(dynamodb::change_key(3));
  const Changes torn = must(store_.watch_changes(0, 100));
  EXPECT_THAT(versions(torn), ElementsAre(1, 2));
  EXPECT_EQ(torn.latest, 2) << "whoever reads on from here must not miss 3";
  EXPECT_THAT(versions(must(store_.watch_changes(2, 100))), IsEmpty());
  EXPECT_EQ(must(store_.watch_changes(0, 1)).latest, 2) << "however few are wanted";
  EXPECT_EQ(must(store_.watch_changes(0, 0)).latest, 2);
  put(dynamodb::change_key(3), third);
  const Changes whole = must(store_.watch_changes(torn.latest, 100));
  EXPECT_THAT(versions(whole), ElementsAre(3, 4));
  EXPECT_EQ(whole.latest, 4);
}

TEST_F(DynamodbTornReadTest, AChangeThatStaysAwayMakesReadersBeginAnew) {
  for (const char* name : {"a", "b", "c", "d"}) {
    NewTopic topic = new_topic(name);
    topic.id = topic_id(static_cast<std::uint64_t>(*name));
    must(store_.create_topic(topic));
  }
  remove(dynamodb::change_key(3));
  EXPECT_EQ(must(store_.watch_changes(0, 100)).latest, 2);
  now_ += 59'999;
  EXPECT_EQ(must(store_.watch_changes(2, 100)).latest, 2);
  now_ += 1;
  const Changes anew = must(store_.watch_changes(2, 100));
  EXPECT_EQ(anew.latest, 4);
  EXPECT_EQ(anew.oldest_kept, 5) << "a reader of 2 has missed some";
  EXPECT_THAT(versions(must(store_.watch_changes(4, 100))), IsEmpty());
}

TEST_F(DynamodbTornReadTest, AWriteOfTheCoordinatorBeforeIsNotTakenForTheNextOnes) {
  const Topic topic = lead(kFirst, 1);
  open(kSecond);
  const ShardGuard before{.shard = key_of(topic), .owner = kFirst, .epoch = LeaderEpoch(1)};
  const auto at = [&](std::int64_t offset) {
    return std::vector<CommittedOffset>{{.key = key_of(topic), .offset = Offset(offset)}};
  };
  must(store_.commit_offsets(before, "g", 1, at(10)));
  const Item first = must(table_.get(dynamodb::group_key("g"))).value();
  must(store_.commit_offsets(before, "g", 2, at(20)));
  must(store_.append(kFirst, Seq(1), release({entry(key_of(topic), 1, 0)})));
  must(store_.acquire_leases(
      kSecond, {{.key = key_of(topic), .expected_epoch = LeaderEpoch(2), .since_seq = Seq(1)}}));
  const ShardGuard guard{.shard = key_of(topic), .owner = kSecond, .epoch = LeaderEpoch(3)};
  // The new coordinator loads the group a moment before write 2 of the one before appears.
  const Item second = take(dynamodb::group_key("g"));
  put(dynamodb::group_key("g"), first);
  EXPECT_EQ(must(store_.load_group("g")).group.commit_no, 1);
  put(dynamodb::group_key("g"), second);
  EXPECT_EQ(run(store_.commit_offsets(guard, "g", 2, at(30))).error().code, Errc::kConflict)
      << "it would be acknowledged and dropped";
  must(store_.commit_offsets(guard, "g", 3, at(30)));
  must(store_.commit_offsets(guard, "g", 3, at(30)));
  EXPECT_EQ(must(store_.fetch_offsets("g", {key_of(topic)})).at(0).offset, Offset(30));
}

TEST_F(DynamodbTornReadTest, APartitionThatIsNotVisiblyFreeYetIsFoundSecondsLater) {
  const Topic topic = lead(kFirst, 2);
  const dynamodb::Key key = dynamodb::partition_key(key_of(topic, 1));
  const Item led = must(table_.get(key)).value();
  must(store_.append(kFirst, Seq(1),
                     release({entry(key_of(topic), 1, 0), entry(key_of(topic, 1), 1, 0)})));
  const Item freed = take(key);
  put(key, led);
  EXPECT_EQ(must(store_.list_free_partitions(10)).size(), 1u);
  put(key, freed);
  now_ += 5'000;
  EXPECT_EQ(must(store_.list_free_partitions(10)).size(), 2u) << "the feed has no news of it";
}

TEST_F(DynamodbTornReadTest, ASegmentThatIsNotVisiblyLiveYetIsWaitedFor) {
  const Topic topic = lead(kFirst, 1);
  for (int seq = 1; seq <= 3; ++seq)
    must(store_.append(kFirst, Seq(seq), commit({span(key_of(topic), 5 * seq - 5, 5 * seq)})));
  must(store_.checkpoint(kFirst, Seq(3), {}));
  Segment segment{.key = key_of(topic), .record_count = 10};
  segment.location = {.offsets = {Offset(0), Offset(10)}, .object_key = "seg/a", .length = 9};
  must(store_.replace_objects({.compactor = kFirst,
                               .log = kFirst,
                               .upto_seq = Seq(2),
                               .inputs = {Seq(1), Seq(2)},
                               .objects = {{.key = "seg/a", .level = 1, .size = 9}},
                               .segments = {segment}}));
  tests::CuttingProxy proxy(tests::dynamodb_endpoint());
  runtime::AsioRuntime own_runtime;
  tests::DynamodbProcess process(own_runtime, proxy.url());
  dynamodb::Table table(process.client, table_.name(), dynamodb::Access::kReadWrite);
  DynamodbMetadataStore store(table);
  const auto load = [&] {
    const auto loaded = runtime::run_task(own_runtime, store.load_partitions({key_of(topic)}));
    return loaded ? loaded->front().spans : std::vector<SpanLocation>();
  };
  proxy.interrupt_after(0, [] {});
  EXPECT_EQ(load().size(), 2u);
  const int requests = proxy.request_count();
  // The trim is visible, the object becomes live when the reader looks for the second time.
  const dynamodb::Key key = dynamodb::live_object_key("seg/a");
  const Item live = take(key);
  proxy.interrupt_after(requests, [&] { put(key, live); });
  const auto spans = load();
  ASSERT_EQ(spans.size(), 2u) << "offsets 0 to 10 are not lost";
  EXPECT_EQ(spans[0].object_key, "seg/a");
  remove(key);
  EXPECT_EQ(load().size(), 1u) << "and is not waited for for ever";
}

TEST_F(DynamodbTornReadTest, AnAcquisitionThatAppearsBehindTheRecoveryOfItsSessionIsUndone) {
  const Topic topic = lead(kFirst, 1);
  const dynamodb::Key key = dynamodb::partition_key(key_of(topic));
  const Item acquired = take(key);
  must(store_.seal_session(kFirst));
  must(store_.recover_partitions(kFirst, {}));
  must(store_.finish_recovery(kFirst));
  put(key, acquired);
  must(store_.list_free_partitions(10));
  const auto free = must(store_.list_free_partitions(10));
  ASSERT_EQ(free.size(), 1u) << "nobody else would ever free it";
  EXPECT_EQ(free[0].epoch, LeaderEpoch(2));
  open(kSecond);
  must(store_.acquire_leases(
      kSecond, {{.key = key_of(topic), .expected_epoch = LeaderEpoch(2), .since_seq = Seq(1)}}));
  must(store_.list_free_partitions(10));
  EXPECT_EQ(must(store_.get_partition(key_of(topic))).owner, kSecond) << "who is live keeps it";
}

TEST_F(DynamodbTornReadTest, ASessionWhoseHeartbeatRowAppearsAMomentLaterIsNotDue) {
  open(kFirst);
  tests::CuttingProxy proxy(tests::dynamodb_endpoint());
  runtime::AsioRuntime own_runtime;
  tests::DynamodbProcess process(own_runtime, proxy.url());
  dynamodb::Table table(process.client, table_.name(), dynamodb::Access::kReadWrite,
                        [this] { return now_; });
  DynamodbMetadataStore store(table);
  const auto due = [&] {
    return runtime::run_task(own_runtime, store.list_due_sessions(std::nullopt)).value().size();
  };
  const dynamodb::Key key = dynamodb::agent_key("agent-" + to_string(kFirst));
  const Item row = take(key);
  EXPECT_EQ(due(), 1u) << "its agent is gone";
  constexpr int kSessionsAndAgents = 3;  // marks, sessions, heartbeat rows
  proxy.interrupt_after(kSessionsAndAgents, [&] { put(key, row); });
  EXPECT_EQ(due(), 0u) << "sealing it would cost an agent its start";
}

}  // namespace
}  // namespace streamhouse::metadata::contract
