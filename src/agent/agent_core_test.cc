// Goal: an agent without sockets commits what it acknowledges, serves it back, and hands over to
// its next life. Method: the real core on the simulated runtime, over the in-memory stores.
#include "agent/agent_core.h"

#include <gtest/gtest.h>

#include "blockcache/checked_object_reader.h"
#include "metadata/memory/memory_metadata_store.h"
#include "model/record.h"
#include "model/record_batch_builder.h"
#include "objectstore/memory_object_store.h"
#include "runtime/run_task.h"
#include "runtime/sim/sim_runtime.h"
#include "runtime/sim/sim_scheduler.h"

namespace streamhouse::agent {
namespace {

using base::Errc;
using std::chrono::seconds;

/// One process life of an agent.
struct Life {
  Life(runtime::SimScheduler& scheduler, metadata::MemoryMetadata& database,
       objectstore::ObjectStore& objects, runtime::Duration heartbeat_interval)
      : runtime(scheduler.add_runtime("agent")),
        metadata(database),
        blocks(objects, 1u << 20),
        core({.runtime = runtime, .metadata = metadata, .objects = objects, .blocks = blocks},
             {.agent = {.agent_id = "a", .address = "h:1"},
              .session = {.heartbeat_interval = heartbeat_interval}}) {
    runtime.spawn(run());
  }
  runtime::Task<void> run() { ended = co_await core.run(); }

  runtime::SimRuntime& runtime;
  metadata::MemoryMetadataStore metadata;
  blockcache::CheckedObjectReader blocks;
  AgentCore core;
  std::optional<base::Status> ended;
};

class AgentCoreTest : public testing::Test {
 protected:
  Life& start() {
    lives_.push_back(std::make_unique<Life>(scheduler_, database_, objects_, heartbeat_interval_));
    Life& life = *lives_.back();
    scheduler_.run_until([&] { return life.core.ready() || life.ended; }, {.steps_max = 1'000'000});
    return life;
  }

  template <class T>
  T run(Life& life, runtime::Task<T> task) {
    return runtime::run_task(life.runtime, std::move(task));
  }

  base::Status create_topic(Life& life, const std::string& name, std::int32_t partitions) {
    service::TopicSpec spec{.name = name, .partition_count = partitions};
    const auto created = run(life, life.core.topic_service().create(spec));
    return created ? base::Status{} : base::Status(created.error());
  }

  base::Result<service::Produced> produce(Life& life, const std::string& topic, int partition,
                                          const std::string& value,
                                          const model::BatchHeaderFields& fields = {}) {
    model::RecordBatchBuilder builder(fields);
    const base::Status appended =
        builder.append({.timestamp = 1'000, .value = base::as_bytes(value)});
    EXPECT_TRUE(appended);
    auto bytes = std::make_shared<base::ByteVector>(*std::move(builder).build(model::Codec::kNone));
    service::ProduceCall call{.topic = topic,
                              .partition = model::PartitionIndex(partition),
                              .batch = {bytes, base::MutableBytesView(*bytes)}};
    return run(life, life.core.produce().produce(std::move(call)));
  }

  std::vector<std::string> read_all(Life& life, const std::string& topic, int partition) {
    std::vector<std::string> values;
    model::Offset offset{0};
    while (true) {
      const auto fetched =
          run(life, life.core.fetch().fetch(topic, model::PartitionIndex(partition), offset,
                                            1u << 20, runtime::Duration(0)));
      EXPECT_TRUE(fetched) << (fetched ? "" : to_string(fetched.error()));
      if (!fetched || fetched->batches.empty()) return values;
      for (const base::Bytes& bytes : fetched->batches) {
        const auto batch = model::RecordBatchView::front_of(bytes);
        auto reader = model::RecordReader::open(*batch, 1u << 20);
        while (const auto record = *reader->next()) {
          values.push_back(base::to_string(*record->value));
          EXPECT_EQ(record->offset, offset);
          ++offset;
        }
      }
    }
  }

  runtime::SimScheduler scheduler_{{.seed = 7}};
  metadata::MemoryMetadata database_{
      [this] {
        return 1'700'000'000'000 +
               std::chrono::duration_cast<std::chrono::milliseconds>(scheduler_.elapsed()).count();
      },
      model::TopicId{}};
  objectstore::MemoryObjectStore objects_;
  runtime::Duration heartbeat_interval_ = seconds(1);
  std::vector<std::unique_ptr<Life>> lives_;
};

TEST_F(AgentCoreTest, ServesBackWhatItAcknowledged) {
  Life& life = start();
  ASSERT_TRUE(life.core.ready());
  ASSERT_TRUE(create_topic(life, "orders", 3));
  for (int i = 0; i < 5; ++i) {
    const auto produced = produce(life, "orders", 1, "value " + std::to_string(i));
    ASSERT_TRUE(produced) << to_string(produced.error());
    EXPECT_EQ(produced->base_offset, model::Offset(i));
  }
  EXPECT_EQ(read_all(life, "orders", 1).size(), 5u);
  EXPECT_TRUE(read_all(life, "orders", 0).empty());
  EXPECT_EQ(life.core.budget().used(), 0u);
  EXPECT_GT(life.core.topics().use().hits, 0u);
  const std::uint64_t misses = life.core.topics().use().misses;
  EXPECT_FALSE(produce(life, "nowhere", 0, "x"));
  EXPECT_EQ(life.core.topics().use().misses, misses + 1);
}

TEST_F(AgentCoreTest, NextLifeGoesOnWhereTheCrashedOneEnded) {
  Life& first = start();
  ASSERT_TRUE(create_topic(first, "orders", 1));
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(produce(first, "orders", 0, std::to_string(i)));
  first.runtime.crash();
  Life& second = start();
  ASSERT_TRUE(second.core.ready());
  EXPECT_EQ(read_all(second, "orders", 0), (std::vector<std::string>{"0", "1", "2"}));
  const auto produced = produce(second, "orders", 0, "3");
  ASSERT_TRUE(produced) << to_string(produced.error());
  EXPECT_EQ(produced->base_offset, model::Offset(3));
  EXPECT_EQ(read_all(second, "orders", 0), (std::vector<std::string>{"0", "1", "2", "3"}));
}

TEST_F(AgentCoreTest, RepeatsAreRecognizedInTheNextLife) {
  Life& first = start();
  ASSERT_TRUE(create_topic(first, "orders", 1));
  const auto id = run(first, first.core.producers().next_id());
  ASSERT_TRUE(id);
  const auto send = [&](Life& life, std::int32_t sequence) {
    const model::BatchHeaderFields fields{
        .producer = *id, .producer_epoch = model::ProducerEpoch(0), .base_sequence = sequence};
    const auto produced = produce(life, "orders", 0, std::to_string(sequence), fields);
    return produced ? std::to_string(produced->base_offset.value())
                    : std::string(base::errc_name(produced.error().code));
  };
  EXPECT_EQ(send(first, 0), "0");
  EXPECT_EQ(send(first, 1), "1");
  first.runtime.crash();
  Life& second = start();
  EXPECT_EQ(send(second, 1), "1") << "the original's place";
  EXPECT_EQ(send(second, 3), "out_of_order_sequence");
  EXPECT_EQ(send(second, 2), "2");
  EXPECT_EQ(read_all(second, "orders", 0), (std::vector<std::string>{"0", "1", "2"}));
  const auto other = run(second, second.core.producers().next_id());
  ASSERT_TRUE(other);
  EXPECT_NE(*other, *id);
}

TEST_F(AgentCoreTest, StopLetsEveryPartitionGo) {
  Life& life = start();
  ASSERT_TRUE(create_topic(life, "orders", 4));
  ASSERT_TRUE(produce(life, "orders", 0, "x"));
  const base::Status stopped = run(life, life.core.stop(life.runtime.now() + seconds(5)));
  EXPECT_TRUE(stopped);
  scheduler_.run_until([&] { return life.ended.has_value(); }, {.steps_max = 100'000});
  ASSERT_TRUE(life.ended.has_value());
  EXPECT_TRUE(*life.ended);
  Life& next = start();
  EXPECT_EQ(read_all(next, "orders", 0), std::vector<std::string>{"x"});
}

TEST_F(AgentCoreTest, StopDoesNotWaitForTheNextHeartbeat) {
  heartbeat_interval_ = std::chrono::minutes(5);
  Life& life = start();
  ASSERT_TRUE(create_topic(life, "orders", 1));
  const runtime::Duration before = scheduler_.elapsed();
  ASSERT_TRUE(run(life, life.core.stop(life.runtime.now() + std::chrono::hours(1))));
  EXPECT_LT(scheduler_.elapsed() - before, seconds(5));
}

TEST_F(AgentCoreTest, RefusesNewBatchesWhileItStops) {
  Life& life = start();
  ASSERT_TRUE(create_topic(life, "orders", 1));
  std::optional<base::Status> stopped;
  const auto stop = [](Life& agent, std::optional<base::Status>& done) -> runtime::Task<void> {
    done = co_await agent.core.stop(agent.runtime.now() + seconds(5));
  };
  life.runtime.spawn(stop(life, stopped));
  scheduler_.run_until([&] { return !life.core.ready(); }, {.steps_max = 100'000});
  const auto refused = produce(life, "orders", 0, "late");
  ASSERT_FALSE(refused);
  EXPECT_TRUE(refused.error().code == Errc::kStopped || refused.error().code == Errc::kNotLeader);
  scheduler_.run_until([&] { return stopped.has_value(); }, {.steps_max = 100'000});
  ASSERT_TRUE(stopped && *stopped);
}

TEST_F(AgentCoreTest, DeletedTopicsNameIsFreeAtOnce) {
  Life& life = start();
  ASSERT_TRUE(create_topic(life, "orders", 2));
  ASSERT_TRUE(produce(life, "orders", 0, "old"));
  const base::Status removed = run(life, life.core.topic_service().remove("orders"));
  ASSERT_TRUE(removed) << to_string(removed.error());
  const auto refused = produce(life, "orders", 0, "lost");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Errc::kTopicNotFound);
  ASSERT_TRUE(create_topic(life, "orders", 1));
  EXPECT_TRUE(read_all(life, "orders", 0).empty());
}

TEST_F(AgentCoreTest, DeletedTopicsObjectsGoAfterTheirGraceAlsoThoseOfAnEarlierLife) {
  Life& first = start();
  ASSERT_TRUE(create_topic(first, "orders", 2));
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(produce(first, "orders", i % 2, "early"));
  first.runtime.crash();
  Life& second = start();
  ASSERT_TRUE(second.core.ready());
  ASSERT_TRUE(produce(second, "orders", 0, "late"));
  ASSERT_TRUE(run(second, second.core.topic_service().remove("orders")));
  scheduler_.run_for(std::chrono::minutes(9));
  EXPECT_EQ(objects_.object_count(), 7u) << "four objects, a seal marker, two topics";
  scheduler_.run_for(std::chrono::minutes(2));
  EXPECT_EQ(objects_.object_count(), 5u) << "the marker and the topics stay, and two trim marks";
  EXPECT_EQ(second.core.upkeep().objects_removed(), 4u);
}

TEST_F(AgentCoreTest, GroupsKeepTheirOffsetsAcrossLives) {
  Life& first = start();
  ASSERT_TRUE(create_topic(first, "orders", 1));
  std::vector<service::TopicOffset> offsets{
      {.topic = "orders", .partition = model::PartitionIndex(0), .offset = model::Offset(42)}};
  ASSERT_TRUE(run(first, first.core.groups().commit("g", offsets)));
  first.runtime.crash();
  Life& second = start();
  const auto known = run(second, second.core.groups().committed("g", offsets));
  ASSERT_TRUE(known) << to_string(known.error());
  EXPECT_EQ(known->front().offset, model::Offset(42));
}

}  // namespace
}  // namespace streamhouse::agent
