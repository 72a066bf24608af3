// Goal: a read that another agent's write comes into the middle of shows what was there before or
// after the write. The chunks of a large value are gone by then: that is no damage, and no error.
// Method: each read through a proxy that lets another agent write before request N, for some N
// (some_requests.h).
#include <gmock/gmock.h>

#include <thread>

#include "metadata/dynamodb/items/blobs.h"
#include "metadata/dynamodb/items/keys.h"
#include "metadata/dynamodb/tables/group_rows.h"
#include "tests/contract/metadata/dynamodb/some_requests.h"
#include "tests/contract/metadata_store_contract.h"
#include "tests/metadata/dynamodb_process.h"
#include "tests/net/cutting_proxy.h"

namespace streamhouse::metadata::contract {
namespace {

constexpr std::size_t kLarge = 5'000;  ///< More than an item of a transaction holds itself.

/// An agent with a thread, or a part of one, of its own.
struct OwnAgent {
  OwnAgent(const std::string& table_name, const std::string& endpoint)
      : process(runtime, endpoint),
        table(process.client, table_name, dynamodb::Access::kReadWrite) {}

  template <class T>
  T must(Task<Result<T>> task) {
    Result<T> result = runtime::run_task(runtime, std::move(task));
    if (!result) throw std::runtime_error(to_string(result.error()));
    if constexpr (!std::is_void_v<T>) return *std::move(result);
  }

  runtime::AsioRuntime runtime;
  tests::DynamodbProcess process;
  dynamodb::Table table;
  DynamodbMetadataStore store{table};
};

class DynamodbInterruptedReadTest : public ::testing::Test {
 protected:
  DynamodbInterruptedReadTest() {
    tests::prepare(writer_.runtime, writer_.table);
    topic_ = writer_.must(writer_.store.create_topic(new_topic("orders", 2)));
    writer_.must(writer_.store.open_session(
        {.id = kFirst, .agent = {.agent_id = "first"}, .timeout_ms = 600'000}));
  }

  using Call = std::function<void()>;
  /// `prepare` and `write` are the writer's.
  void read_amid(const Call& read, const Call& write, const Call& prepare = [] {}) {
    at_some_requests(1, [&](int requests) {
      SCOPED_TRACE("interrupted before request " + std::to_string(requests));
      prepare();
      proxy_.interrupt_after(requests, write);
      read();
      return proxy_.request_count();
    });
  }
  void append(LogEntry entry) {
    seq_ = seq_ + 1;
    writer_.must(writer_.store.append(kFirst, seq_, std::move(entry)));
  }
  segment::PartitionCheckpoint large_entry() const {
    auto large = entry(key_of(topic_), epoch_.value(), 10);
    const auto filling = static_cast<std::uint8_t>(seq_.value());
    large.producers = base::Bytes(base::ByteVector(kLarge, filling));
    return large;
  }
  void acquire() {
    std::vector<AcquireRequest> requests = {
        {.key = key_of(topic_), .expected_epoch = epoch_, .since_seq = seq_ + 1}};
    const auto leases = writer_.must(writer_.store.acquire_leases(kFirst, requests));
    ASSERT_TRUE(leases.front().has_value());
    epoch_ = LeaderEpoch(epoch_.value() + 1);
  }
  void release_large() {
    append(release({large_entry()}));
    epoch_ = LeaderEpoch(epoch_.value() + 1);
  }

  const std::string name_ = tests::new_table_name();
  OwnAgent writer_{name_, tests::dynamodb_endpoint()};
  tests::CuttingProxy proxy_{tests::dynamodb_endpoint()};
  OwnAgent reader_{name_, proxy_.url()};
  Topic topic_;
  Seq seq_ = Seq(0);
  LeaderEpoch epoch_ = {};
};

TEST_F(DynamodbInterruptedReadTest, APartitionIsFreedAgainWithOtherProducers) {
  acquire();
  release_large();
  const Call write = [this] {
    acquire();
    release_large();
  };
  const Call one = [this] {
    const Partition row = reader_.must(reader_.store.get_partition(key_of(topic_)));
    EXPECT_EQ(row.producers.size(), kLarge);
  };
  const Call all = [this] {
    EXPECT_EQ(reader_.must(reader_.store.list_partitions(topic_.no)).size(), 2u);
  };
  read_amid(one, write);
  read_amid(all, write);
}

TEST_F(DynamodbInterruptedReadTest, ACheckpointIsReplacedByTheNext) {
  acquire();
  const Call write = [this] {
    append(any_commit());
    writer_.must(writer_.store.checkpoint(kFirst, seq_, {large_entry()}));
  };
  write();
  const Call read = [this] {
    const auto newest = reader_.must(reader_.store.get_checkpoint(kFirst));
    ASSERT_TRUE(newest.has_value());
    EXPECT_EQ(newest->partitions.front().producers.size(), kLarge);
  };
  read_amid(read, write);
}

/// Spans of partitions that do not exist, more than an item holds.
CommitEntry large_commit() {
  std::vector<segment::Span> spans;
  for (std::int32_t i = 0; i < 45'000; ++i)
    spans.push_back(span({model::TopicNo(9), model::PartitionIndex(i)}, i * 1'000'003LL,
                         i * 1'000'003LL + 1 + i % 7));
  return commit(spans);
}

TEST_F(DynamodbInterruptedReadTest, ALogIsTrimmed) {
  Seq large;
  const CommitEntry entry = large_commit();
  const Call prepare = [&] {
    append(entry);
    large = seq_;
    append(any_commit());
    writer_.must(writer_.store.checkpoint(kFirst, seq_, {}));
  };
  const Call write = [&] { writer_.must(writer_.store.trim(kFirst, large)); };
  const Call tail = [this] {
    const auto rows = reader_.must(reader_.store.tail(kFirst, Seq(0), 1'000));
    ASSERT_FALSE(rows.empty());
    EXPECT_EQ(rows.back().seq, seq_);
  };
  const Call load = [this] {
    const auto loaded = reader_.must(reader_.store.load_partitions({key_of(topic_)}));
    ASSERT_EQ(loaded.size(), 1u);
    EXPECT_EQ(loaded.front().damage, "");
  };
  read_amid(tail, write, prepare);
  read_amid(load, write, prepare);
}

TEST_F(DynamodbInterruptedReadTest, ATrimMakesNoReaderBeginAgain) {
  acquire();
  for (int row = 0; row < 3; ++row) {
    append(commit({span(key_of(topic_), row, row + 1, epoch_.value())}));
    writer_.must(writer_.store.checkpoint(kFirst, seq_, {}));
  }
  const Call load = [this] {
    const auto loaded = reader_.must(reader_.store.load_partitions({key_of(topic_)}));
    EXPECT_EQ(loaded.front().spans.size(), 3u);
  };
  proxy_.interrupt_after(0, [] {});
  load();
  const int requests = proxy_.request_count();
  proxy_.interrupt_after(requests / 2, [this] {
    // Of another session's log, where nobody needs the row.
    writer_.must(writer_.store.open_session(
        {.id = kSecond, .agent = {.agent_id = "second"}, .timeout_ms = 600'000}));
    writer_.must(writer_.store.append(kSecond, Seq(1), any_commit()));
    writer_.must(writer_.store.append(kSecond, Seq(2), any_commit()));
    writer_.must(writer_.store.checkpoint(kSecond, Seq(2), {}));
    writer_.must(writer_.store.trim(kSecond, Seq(1)));
    // And of the partition's own.
    writer_.must(writer_.store.advance_log_start(key_of(topic_), kFirst, epoch_, Offset(0)));
    Segment segment{.key = key_of(topic_), .record_count = 2};
    segment.location = {.offsets = {Offset(0), Offset(2)}, .object_key = "seg/a", .length = 9};
    writer_.must(
        writer_.store.replace_objects({.compactor = kSecond,
                                       .log = kFirst,
                                       .upto_seq = Seq(2),
                                       .inputs = {Seq(1), Seq(2)},
                                       .objects = {{.key = "seg/a", .level = 1, .size = 9}},
                                       .segments = {segment}}));
  });
  const auto loaded = reader_.must(reader_.store.load_partitions({key_of(topic_)}));
  Offset next(0);
  for (const SpanLocation& one : loaded.front().spans) {
    EXPECT_EQ(one.offsets.base, next) << "each offset once";
    next = one.offsets.next;
  }
  EXPECT_EQ(next, Offset(3));
  // Its segments, and what is live of them, may have to be read besides.
  EXPECT_LE(proxy_.request_count(), requests + 2);
}

TEST_F(DynamodbInterruptedReadTest, ALargeCommitOfOffsetsIsSpread) {
  acquire();
  const ShardGuard guard{.shard = key_of(topic_), .owner = kFirst, .epoch = epoch_};
  const std::string filling(kLarge, 'm');
  std::int64_t commit_no = 0;
  const auto offsets = [&] {
    CommittedOffset one{.key = key_of(topic_), .offset = Offset(commit_no), .metadata = filling};
    CommittedOffset other{.key = key_of(topic_, 1), .offset = Offset(commit_no)};
    return std::vector<CommittedOffset>{one, other};
  };
  writer_.must(writer_.store.commit_offsets(guard, "g", ++commit_no, offsets()));
  // As if the agent had died behind a large commit.
  const Call prepare = [&] {
    const dynamodb::Key key = dynamodb::group_key("g");
    dynamodb::Item group = *writer_.must(writer_.table.get(key));
    group.set("commit_no", ++commit_no);
    std::vector<dynamodb::OffsetWrite> writes;
    for (const CommittedOffset& one : offsets()) writes.push_back({one.key, one});
    const dynamodb::BlobPlace place{.pk = key.pk, .name = "W" + dynamodb::padded(commit_no)};
    const auto ref = writer_.must(dynamodb::store_blob(
        writer_.table, place, dynamodb::encode_offsets(writes), dynamodb::kInlineInTransactionMax));
    ref.set(group, dynamodb::kPending);
    writer_.must(writer_.table.put({.key = key, .item = group}));
  };
  const Call spread = [&] { writer_.must(dynamodb::spread_pending(writer_.table, "g")); };
  const auto check = [&](const std::vector<CommittedOffset>& seen) {
    ASSERT_EQ(seen.size(), 2u);
    for (const CommittedOffset& one : seen) EXPECT_EQ(one.offset, Offset(commit_no));
  };
  const Call load = [&] { check(reader_.must(reader_.store.load_group("g")).offsets); };
  const Call fetch = [&] {
    check(reader_.must(reader_.store.fetch_offsets("g", {key_of(topic_), key_of(topic_, 1)})));
  };
  const Call spread_too = [&] {
    reader_.must(dynamodb::spread_pending(reader_.table, "g"));
    load();
  };
  read_amid(load, spread, prepare);
  read_amid(fetch, spread, prepare);
  for (int requests = 1; requests <= 3; ++requests) {
    prepare();
    proxy_.interrupt_after(requests, spread);
    spread_too();
  }
}

TEST_F(DynamodbInterruptedReadTest, ALargeCommitOfOffsetsThatIsTriedTwiceLeavesNothing) {
  constexpr std::int32_t kPartitions = dynamodb::kOffsetsMax + 1;
  // Behind the commit: the group, its chunks, two batches of two requests, the chunks and their
  // removal.
  constexpr int kRequestsOfSpreading = 8;
  writer_.must(writer_.store.create_partitions("orders", kPartitions));
  acquire();
  const ShardGuard guard{.shard = key_of(topic_), .owner = kFirst, .epoch = epoch_};
  const auto commit_all = [&](std::int64_t commit_no) {
    std::vector<CommittedOffset> offsets;
    for (std::int32_t i = 0; i < kPartitions; ++i)
      offsets.push_back(
          {.key = key_of(topic_, i), .offset = Offset(i), .metadata = std::string(100, 'm')});
    reader_.must(reader_.store.commit_offsets(guard, "g", commit_no, offsets));
  };
  commit_all(1);
  proxy_.interrupt_after(0, [] {});
  commit_all(2);
  const int requests = proxy_.request_count();
  proxy_.interrupt_after(requests - kRequestsOfSpreading - 1, [&] {
    writer_.must(writer_.store.advance_log_start(key_of(topic_), kFirst, epoch_, Offset(1)));
    const std::int64_t now = writer_.table.now();
    while (writer_.table.now() == now) std::this_thread::yield();
  });
  commit_all(3);
  EXPECT_GT(proxy_.request_count(), requests) << "the shard's item had changed";
  const auto left = writer_.must(
      writer_.table.query(dynamodb::Range::prefix(dynamodb::group_items_key("g"), "W")));
  EXPECT_TRUE(left.empty()) << "chunks of the first attempt";
}

}  // namespace
}  // namespace streamhouse::metadata::contract
