// Goal: what a restart costs is bounded by the interval between checkpoints, not by the length of
// the log (docs/design/0001-commit-protocol.md, section "What bounds a restart"). Method: a life
// of an agent that commits a row for every batch is killed; what its next life asks of the database
// until it is ready is counted.

#include <gtest/gtest.h>

#include "agent/agent_core.h"
#include "blockcache/checked_object_reader.h"
#include "metadata/memory/memory_metadata_store.h"
#include "metadata/wrappers/fault_metadata_store.h"
#include "objectstore/memory_object_store.h"
#include "runtime/run_task.h"
#include "runtime/sim/sim_scheduler.h"
#include "tests/core/batches.h"

namespace streamhouse::agent {
namespace {

using metadata::Operation;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr std::int32_t kPartitions = 5;
constexpr std::int64_t kCheckpointRows = 20;
/// A checkpoint is written within 100 ms of being due; these rows may be committed meanwhile.
constexpr std::size_t kRowsMeanwhile = 12;

/// Counts calls, and the rows that a take-over reads.
class CountingMetadataStore final : public metadata::MetadataStoreAdapter<CountingMetadataStore> {
 public:
  explicit CountingMetadataStore(metadata::MetadataStore& inner) : inner_(inner) {}

  template <class Call>
  [[gnu::noinline]] std::invoke_result_t<Call&, metadata::MetadataStore&> perform(
      Operation operation, Call call) {
    ++calls[operation];
    auto answer = co_await call(inner_);
    count_rows(answer);
    co_return answer;
  }

  metadata::ByOperation<int> calls;
  std::size_t rows_replayed = 0;

 private:
  template <class Answer>
  void count_rows(const Answer&) {}
  void count_rows(const base::Result<metadata::RecoveryView>& view) {
    if (view) rows_replayed += view->rows.size();
  }

  metadata::MetadataStore& inner_;
};

struct Life {
  Life(runtime::SimScheduler& scheduler, runtime::SimRuntime& carrier,
       metadata::MetadataStore& database, objectstore::ObjectStore& objects)
      : runtime(scheduler.add_runtime("agent")),
        faults(carrier, 3),
        slow(database, runtime, faults),
        metadata(slow),
        blocks(objects, 1u << 20),
        core({.runtime = runtime, .metadata = metadata, .objects = objects, .blocks = blocks},
             {.agent = {.agent_id = "a", .address = "h:1"},
              .scope = {.checkpoint = {.rows_max = kCheckpointRows}}}) {
    runtime.spawn(run());
  }
  runtime::Task<void> run() { ended = co_await core.run(); }

  runtime::SimRuntime& runtime;
  metadata::MetadataFaults faults;
  metadata::FaultMetadataStore slow;
  CountingMetadataStore metadata;
  blockcache::CheckedObjectReader blocks;
  AgentCore core;
  std::optional<base::Status> ended;
};

class RestartTest : public testing::Test {
 protected:
  void TearDown() override {
    for (const auto& life : lives_) life->runtime.crash();
    carrier_.crash();
  }
  /// Before anything of it runs.
  Life& begin() {
    lives_.push_back(std::make_unique<Life>(scheduler_, carrier_, metadata_, objects_));
    return *lives_.back();
  }
  void until_ready(Life& life) {
    scheduler_.run_until([&] { return life.core.ready() || life.ended; }, {.steps_max = 1'000'000});
    ASSERT_TRUE(life.core.ready());
  }
  void create_topic(Life& life) {
    service::TopicSpec spec{.name = "orders", .partition_count = kPartitions};
    ASSERT_TRUE(runtime::run_task(life.runtime, life.core.topic_service().create(spec)));
  }
  base::Result<service::Produced> produce(Life& life, std::int32_t partition) {
    auto batch = std::make_shared<base::ByteVector>(core_testing::produced_batch());
    const base::MutableBytesView bytes(*batch);
    service::ProduceCall call{.topic = "orders",
                              .partition = model::PartitionIndex(partition),
                              .batch = {.owner = batch, .bytes = bytes}};
    return runtime::run_task(life.runtime, life.core.produce().produce(std::move(call)));
  }
  /// So many batches, each committed by a row of its own, 10 ms apart.
  void produce_rows(Life& life, int rows) {
    for (int i = 0; i < rows; ++i) {
      ASSERT_TRUE(produce(life, i % kPartitions));
      scheduler_.run_for(milliseconds(10));
    }
  }
  /// What the life after one that committed `rows` rows asked for until it was ready.
  const CountingMetadataStore& counts_after(int rows) {
    Life& first = begin();
    until_ready(first);
    create_topic(first);
    produce_rows(first, rows);
    first.runtime.crash();
    Life& second = begin();
    until_ready(second);
    return second.metadata;
  }

  runtime::SimScheduler scheduler_{{.seed = 7}};
  runtime::SimRuntime& carrier_ = scheduler_.add_runtime("network");
  metadata::MemoryMetadata database_{
      [this] { return std::chrono::duration_cast<milliseconds>(scheduler_.elapsed()).count(); },
      model::TopicId{}};
  metadata::MemoryMetadataStore metadata_{database_};
  objectstore::MemoryObjectStore objects_;
  std::vector<std::unique_ptr<Life>> lives_;
};

TEST_F(RestartTest, ReplaysOnlyRowsAfterTheLastCheckpoint) {
  const CountingMetadataStore& counts = counts_after(500);
  EXPECT_GT(counts.rows_replayed, 0u);
  EXPECT_LE(counts.rows_replayed, static_cast<std::size_t>(kCheckpointRows) + kRowsMeanwhile);
}

class RestartCallsTest : public RestartTest, public testing::WithParamInterface<int> {};

TEST_P(RestartCallsTest, AreAsManyHoweverLongTheLog) {
  const CountingMetadataStore& counts = counts_after(GetParam());
  EXPECT_EQ(counts.calls[Operation::kSealSession], 1);
  EXPECT_EQ(counts.calls[Operation::kLoadRecovery], 1);
  EXPECT_EQ(counts.calls[Operation::kRecoverPartitions], 1);
  EXPECT_EQ(counts.calls[Operation::kFinishRecovery], 1);
  EXPECT_EQ(counts.calls[Operation::kAcquireLeases], 1);
  EXPECT_EQ(counts.calls[Operation::kAppend], 0) << "nothing of the log is written again";
  EXPECT_LE(counts.calls[Operation::kLoadPartitions], 1) << "one pass for all partitions";
}

INSTANTIATE_TEST_SUITE_P(Rows, RestartCallsTest, testing::Values(1, 30, 500));

TEST_F(RestartTest, ProducesGoOnWhereTheLogEndedWhileTheIndexIsStillLoaded) {
  Life& first = begin();
  until_ready(first);
  create_topic(first);
  produce_rows(first, 50);
  first.runtime.crash();
  Life& second = begin();
  second.faults.hold(Operation::kLoadPartitions);
  until_ready(second);
  const auto produced = produce(second, 0);
  ASSERT_TRUE(produced) << to_string(produced.error());
  EXPECT_EQ(produced->base_offset, model::Offset(10));
  const model::PartitionIndex partition(0);
  const auto early = [&] {
    return runtime::run_task(
        second.runtime, second.core.fetch().fetch("orders", partition, model::Offset(0), 1, {}));
  };
  EXPECT_FALSE(early()) << "nothing is served of what is not known to tile (P13)";
  second.faults.release();
  scheduler_.run_for(seconds(1));
  const auto old = early();
  ASSERT_TRUE(old) << to_string(old.error());
  EXPECT_EQ(old->batches.size(), 1u);
}

}  // namespace
}  // namespace streamhouse::agent
