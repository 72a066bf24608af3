// Goal: an agent that dies between any two requests of an operation leaves nothing that the
// operation's repeat, by whoever comes next, does not finish.
// Method: each operation through a proxy that passes the first N requests on to the real server and
// then none, for some N (some_requests.h); then the same call by another agent, and a look at what
// it was to leave. The last of all, which gets through, is one of them.
#include <gmock/gmock.h>

#include "metadata/dynamodb/items/keys.h"
#include "metadata/dynamodb/tables/group_rows.h"
#include "segment/object_key.h"
#include "tests/contract/metadata/dynamodb/some_requests.h"
#include "tests/contract/metadata_store_contract.h"
#include "tests/metadata/dynamodb_process.h"
#include "tests/net/cutting_proxy.h"

namespace streamhouse::metadata::contract {
namespace {

using base::Errc;

/// A table, an agent that dies, and one that goes on.
class World {
 public:
  World() { tests::prepare(runtime, table_); }

  template <class T>
  Result<T> run(Task<Result<T>> task) {
    return runtime::run_task(runtime, std::move(task));
  }
  template <class T>
  T must(Task<Result<T>> task) {
    Result<T> result = run(std::move(task));
    if (!result) throw std::runtime_error(to_string(result.error()));
    if constexpr (!std::is_void_v<T>) return *std::move(result);
  }
  void open(SessionId session, const std::string& agent) {
    must(store.open_session({.id = session, .agent = {.agent_id = agent}, .timeout_ms = 600'000}));
  }
  /// A topic whose partitions kFirst leads.
  void lead(std::int32_t partitions) {
    topic = must(store.create_topic(new_topic("orders", partitions)));
    open(kFirst, "first");
    open(kSecond, "second");
    std::vector<AcquireRequest> requests;
    for (std::int32_t i = 0; i < partitions; ++i)
      requests.push_back({.key = key_of(topic, i), .since_seq = Seq(1)});
    must(store.acquire_leases(kFirst, requests));
  }
  void append_rows(int rows) {
    for (int seq = 1; seq <= rows; ++seq)
      must(store.append(kFirst, Seq(seq), commit({span(key_of(topic), seq - 1, seq)})));
  }
  ShardGuard guard() const {
    return {.shard = key_of(topic), .owner = kFirst, .epoch = LeaderEpoch(1)};
  }
  segment::CheckpointTable states() const {
    segment::CheckpointTable table;
    for (std::int32_t i = 0; i < topic.partition_count; ++i) {
      table.push_back(entry(key_of(topic, i), 1, 10 + i));
      table.back().producers = base::Bytes(base::ByteVector(5'000, static_cast<std::uint8_t>(i)));
    }
    return table;
  }
  std::vector<std::string> objects() {
    std::vector<std::string> keys;
    for (const ObjectRow& row : must(store.list_objects("", 100))) keys.push_back(row.key);
    return keys;
  }

  runtime::AsioRuntime runtime;
  Topic topic;

 private:
  const std::string name_ = tests::new_table_name();
  tests::DynamodbProcess process_{runtime};
  dynamodb::Table table_{process_.client, name_, dynamodb::Access::kReadWrite};

 public:
  DynamodbMetadataStore store{table_};
  dynamodb::Table& table() { return table_; }

  // The agent that dies: it never tries again.
  tests::CuttingProxy proxy{tests::dynamodb_endpoint()};
  tests::DynamodbProcess dying_process{runtime, proxy.url(), {.time_max = runtime::Duration(0)}};
  dynamodb::Table dying_table{dying_process.client, name_, dynamodb::Access::kReadWrite};
  DynamodbMetadataStore dying{dying_table};
};

using PrepareWorld = std::function<void(World&)>;
using CutCall = std::function<Status(World&, DynamodbMetadataStore&)>;
using Expect = std::function<void(World&)>;

template <class T>
Status status_of(const Result<T>& result) {
  if (!result) return result.error();
  return {};
}

void survive(const PrepareWorld& prepare, const CutCall& call, const Expect& expect) {
  at_some_requests(0, [&](int requests) {
    World world;
    prepare(world);
    world.proxy.cut_after(requests);
    const Status first = call(world, world.dying);
    const bool was_cut = world.proxy.was_cut();
    SCOPED_TRACE("cut at request " + std::to_string(requests));
    if (first && was_cut) expect(world);  // only leftovers are left
    const Status again = call(world, world.store);
    EXPECT_TRUE(again.has_value()) << to_string(again.error());
    expect(world);
    return was_cut ? kNotOver : requests;
  });
}

TEST(DynamodbCrashTest, AReleaseFreesAllItsPartitions) {
  survive([](World& world) { world.lead(3); },
          [](World& world, DynamodbMetadataStore& store) {
            return status_of(world.run(store.append(kFirst, Seq(1), release(world.states()))));
          },
          [](World& world) {
            for (const Partition& row : world.must(world.store.list_partitions(world.topic.no))) {
              EXPECT_EQ(row.owner, model::kNoSession);
              EXPECT_EQ(row.epoch, LeaderEpoch(2));
              EXPECT_EQ(row.producers.size(), 5'000u);
            }
          });
}

TEST(DynamodbCrashTest, ACheckpointIsTheOldOneOrTheNewOne) {
  survive(
      [](World& world) {
        world.lead(3);
        world.append_rows(2);
        world.must(world.store.checkpoint(kFirst, Seq(1), world.states()));
      },
      [](World& world, DynamodbMetadataStore& store) {
        segment::CheckpointTable table = world.states();
        table[0].high_watermark = Offset(77);
        return world.run(store.checkpoint(kFirst, Seq(2), table));
      },
      [](World& world) {
        const auto checkpoint = world.must(world.store.get_checkpoint(kFirst));
        ASSERT_TRUE(checkpoint.has_value());
        EXPECT_EQ(checkpoint->upto_seq, Seq(2));
        EXPECT_EQ(checkpoint->partitions[0].high_watermark, Offset(77));
        EXPECT_EQ(world.must(world.store.get_partition(key_of(world.topic))).visible_high_watermark,
                  Offset(77));
      });
}

TEST(DynamodbCrashTest, ATrimLeavesOneDeadObjectForEachCommit) {
  survive(
      [](World& world) {
        world.lead(1);
        world.append_rows(4);
        world.must(world.store.checkpoint(kFirst, Seq(4), {}));
        world.must(
            world.store.advance_log_start(key_of(world.topic), kFirst, LeaderEpoch(1), Offset(3)));
      },
      [](World& world, DynamodbMetadataStore& store) {
        return status_of(world.run(store.trim(kFirst, Seq(3))));
      },
      [](World& world) {
        EXPECT_EQ(world.must(world.store.get_session(kFirst)).trimmed_to, Seq(3));
        EXPECT_EQ(world.objects().size(), 3u);
        const auto counts = world.must(world.store.count_objects());
        ASSERT_EQ(counts.size(), 2u);
        EXPECT_EQ(counts[0].objects, 1u);
        EXPECT_EQ(counts[1].objects, 3u);
      });
}

TEST(DynamodbCrashTest, AReplacementIsWholeOrInvisible) {
  const std::string object =
      segment::to_key(segment::SegmentKey{.topic = topic_id(1), .compactor = kSecond, .number = 1});
  survive(
      [](World& world) {
        world.lead(1);
        world.append_rows(4);
        world.must(world.store.checkpoint(kFirst, Seq(4), {}));
      },
      [&](World& world, DynamodbMetadataStore& store) {
        // Whoever looks meanwhile sees the rows, or the segment in their place.
        Replacement wanted{.compactor = kSecond, .log = kFirst, .upto_seq = Seq(3)};
        wanted.inputs = {Seq(1), Seq(2), Seq(3)};
        wanted.objects = {{.key = object, .level = 1, .size = 90}};
        Segment segment{.key = key_of(world.topic), .record_count = 3};
        segment.location = {.offsets = {Offset(0), Offset(3)}, .object_key = object, .length = 9};
        wanted.segments = {segment};
        const Status replaced = world.run(store.replace_objects(wanted));
        Offset next(0);
        for (const SpanLocation& one :
             world.must(world.store.list_segments(key_of(world.topic), Offset(0), 100))) {
          EXPECT_EQ(one.offsets.base, next) << "spans tile (L3)";
          next = one.offsets.next;
        }
        EXPECT_EQ(next, Offset(4));
        return replaced;
      },
      [&](World& world) {
        EXPECT_EQ(world.must(world.store.list_segments(key_of(world.topic), Offset(0), 9)).size(),
                  2u);
        EXPECT_EQ(world.must(world.store.named_objects(kSecond)).live,
                  std::vector<std::string>{object});
        EXPECT_EQ(world.objects().size(), 4u);
      });
}

TEST(DynamodbCrashTest, APurgeRemovesAllThatBelongsToTheTopic) {
  survive(
      [](World& world) {
        world.lead(2);
        world.must(world.store.commit_offsets(world.guard(), "g", 1,
                                              {{.key = key_of(world.topic), .offset = Offset(1)}}));
        world.must(world.store.append(kFirst, Seq(1), release(world.states())));
        world.must(world.store.delete_topic(world.topic.id));
      },
      [](World& world, DynamodbMetadataStore& store) {
        return world.run(store.purge_topic(world.topic.no));
      },
      [](World& world) {
        EXPECT_TRUE(world.must(world.store.list_topics(model::TopicNo(0), 9)).empty());
        for (const std::string& pk :
             {dynamodb::kTopicsKey, dynamodb::partitions_key(world.topic.no, 0),
              dynamodb::producers_key(world.topic.no, 0)})
          EXPECT_TRUE(world.must(world.table().query(dynamodb::Range::whole(pk))).empty()) << pk;
        EXPECT_TRUE(world.must(world.store.load_group("g")).offsets.empty());
        const Changes changes = world.must(world.store.watch_changes(0, 100));
        EXPECT_EQ(std::ranges::count(changes.changes, ChangeKind::kTopic, &Change::kind), 3)
            << "created, deleted, purged: each once";
      });
}

TEST(DynamodbCrashTest, ALargeCommitOfOffsetsIsWholeOrNothing) {
  constexpr std::int32_t kCount = dynamodb::kOffsetsMax + 1;
  survive([](World& world) { world.lead(kCount); },
          [](World& world, DynamodbMetadataStore& store) {
            std::vector<CommittedOffset> offsets;
            for (std::int32_t i = 0; i < kCount; ++i)
              offsets.push_back({.key = key_of(world.topic, i), .offset = Offset(i)});
            const Status committed =
                world.run(store.commit_offsets(world.guard(), "g", 1, offsets));
            const auto seen = world.run(world.store.load_group("g"));
            if (seen) EXPECT_EQ(seen->offsets.size(), offsets.size()) << "all or none";
            return committed;
          },
          [](World& world) {
            const LoadedGroup loaded = world.must(world.store.load_group("g"));
            EXPECT_EQ(loaded.group.commit_no, 1);
            EXPECT_EQ(loaded.offsets.size(), static_cast<std::size_t>(kCount));
          });
}

TEST(DynamodbCrashTest, ADeletedGroupIsGoneWithItsOffsets) {
  survive(
      [](World& world) {
        world.lead(2);
        world.must(world.store.commit_offsets(world.guard(), "g", 1,
                                              {{.key = key_of(world.topic), .offset = Offset(5)}}));
      },
      [](World& world, DynamodbMetadataStore& store) {
        return world.run(store.delete_group(world.guard(), "g", 2));
      },
      [](World& world) {
        EXPECT_EQ(world.run(world.store.load_group("g")).error().code, Errc::kGroupNotFound);
        world.must(world.store.commit_offsets(world.guard(), "g", 3, {}));
        EXPECT_TRUE(world.must(world.store.load_group("g")).offsets.empty())
            << "its successor has none of them";
      });
}

TEST(DynamodbCrashTest, ATakeOverIsFinishedByAnother) {
  survive(
      [](World& world) {
        world.lead(2);
        world.append_rows(2);
        world.must(world.store.checkpoint(kFirst, Seq(1), world.states()));
      },
      [](World& world, DynamodbMetadataStore& store) -> Status {
        SH_TRY_OK(world.run(store.seal_session(kFirst)));
        SH_TRY_OK(world.run(store.load_recovery(kFirst)));
        SH_TRY_OK(world.run(store.recover_partitions(kFirst, world.states())));
        return world.run(store.finish_recovery(kFirst));
      },
      [](World& world) {
        EXPECT_EQ(world.must(world.store.get_session(kFirst)).state, SessionState::kRecovered);
        EXPECT_EQ(world.must(world.store.list_free_partitions(9)).size(), 2u);
        EXPECT_EQ(world.must(world.store.tail(kFirst, Seq(0), 9)).size(), 3u) << "one seal";
        const Changes changes = world.must(world.store.watch_changes(0, 100));
        EXPECT_EQ(std::ranges::count(changes.changes, ChangeKind::kLease, &Change::kind), 4)
            << "two acquired, two recovered";
      });
}

}  // namespace
}  // namespace streamhouse::metadata::contract
