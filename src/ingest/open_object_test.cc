// Goal: the open object keeps batches by partition, in order and without copying them, and knows
// its size and age; all of its batches share one outcome. Method: batches that logs have placed.

#include "ingest/open_object.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "runtime/run_task.h"
#include "runtime/sim/sim_scheduler.h"
#include "tests/core/batches.h"

namespace streamhouse::ingest {
namespace {

using core_testing::BatchSpec;
using model::Offset;
using std::chrono::milliseconds;

class OpenObjectTest : public testing::Test {
 protected:
  using Log = std::shared_ptr<partition::PartitionLog>;

  Log log(std::int32_t topic, std::int32_t partition) {
    const metadata::Partition row{.key = {model::TopicNo(static_cast<std::uint32_t>(topic)),
                                          model::PartitionIndex(partition)},
                                  .epoch = model::LeaderEpoch(1)};
    return *partition::PartitionLog::open(runtime_, row);
  }
  static runtime::MonoTime at(int ms) { return runtime::MonoTime(milliseconds(ms)); }
  /// Adds a batch at `base`; returns its bytes.
  base::Bytes add(const Log& to, std::int64_t base, const BatchSpec& spec = {}, int ms = 0) {
    const base::Bytes batch = core_testing::placed_batch(base, spec);
    object_.add(to, core_testing::view_of(batch), batch, at(ms));
    return batch;
  }

  runtime::SimScheduler scheduler_{{.seed = 1}};
  runtime::SimRuntime& runtime_ = scheduler_.add_runtime("agent");
  OpenObject object_{runtime_};
};

TEST_F(OpenObjectTest, IsEmptyAtFirst) {
  EXPECT_TRUE(object_.empty());
  EXPECT_EQ(object_.bytes(), 0u);
  EXPECT_EQ(object_.age().bytes, 0u);
  EXPECT_TRUE(std::move(object_).take_spans().empty());
}

TEST_F(OpenObjectTest, CountsBytesAndIsAsOldAsItsFirstBatch) {
  const Log one = log(1, 0);
  const std::size_t first = add(one, 0, {.value_bytes = 100}, 7).size();
  EXPECT_FALSE(object_.empty());
  EXPECT_EQ(object_.age().first_batch_at, at(7));
  const std::size_t second = add(log(1, 1), 0, {.value_bytes = 300}, 9).size();
  const std::size_t third = add(one, 1, {}, 11).size();
  EXPECT_EQ(object_.bytes(), first + second + third);
  EXPECT_EQ(object_.age().bytes, object_.bytes());
  EXPECT_EQ(object_.age().first_batch_at, at(7));
}

TEST_F(OpenObjectTest, GathersOneSpanAPartitionAndSortsThem) {
  const Log late = log(2, 0);
  const Log middle = log(1, 3);
  const Log early = log(1, 0);
  add(late, 40, {.count = 2});
  add(middle, 7);
  add(early, 0);
  add(late, 42, {.count = 3});
  const std::vector<OpenSpan> spans = std::move(object_).take_spans();
  ASSERT_EQ(spans.size(), 3u);
  EXPECT_EQ(spans[0].log, early);
  EXPECT_EQ(spans[1].log, middle);
  EXPECT_EQ(spans[2].log, late);
  EXPECT_EQ(spans[1].offsets, (model::OffsetRange{Offset(7), Offset(8)}));
  EXPECT_EQ(spans[2].offsets, (model::OffsetRange{Offset(40), Offset(45)}));
  EXPECT_EQ(spans[2].batches.size(), 2u);
}

TEST_F(OpenObjectTest, HoldsTheVeryBuffersInOrder) {
  const Log one = log(1, 0);
  const base::Bytes first = add(one, 0, {.value_bytes = 1'000});
  const base::Bytes second = add(one, 1);
  const std::vector<OpenSpan> spans = std::move(object_).take_spans();
  ASSERT_EQ(spans.size(), 1u);
  ASSERT_EQ(spans[0].batches.size(), 2u);
  EXPECT_EQ(spans[0].batches[0].view().data(), first.view().data());
  EXPECT_EQ(spans[0].batches[1].view().data(), second.view().data());
  EXPECT_EQ(spans[0].bytes, first.size() + second.size());
}

TEST_F(OpenObjectTest, KnowsTheNewestTimeOfEachSpanAlsoBeforeTheEpoch) {
  const Log one = log(1, 0);
  const Log old = log(1, 1);
  add(one, 0, {.first_timestamp = 5'000});
  add(one, 1, {.first_timestamp = 3'000});
  add(old, 0, {.first_timestamp = -900});
  const std::vector<OpenSpan> spans = std::move(object_).take_spans();
  EXPECT_EQ(spans[0].max_timestamp, 5'000);
  EXPECT_EQ(spans[1].max_timestamp, -900);
}

TEST_F(OpenObjectTest, TellsEveryBatchTheSameOutcome) {
  const ObjectOutcome early = object_.outcome();
  add(log(1, 0), 0);
  const ObjectOutcome late = object_.outcome();
  EXPECT_FALSE(early.is_set());
  object_.outcome().set(base::Status(base::Errc::kNotLeader, "the session has ended"));
  for (const ObjectOutcome& outcome : {early, late}) {
    const base::Status told = runtime::run_task(runtime_, outcome.wait());
    ASSERT_FALSE(told);
    EXPECT_EQ(told.error().code, base::Errc::kNotLeader);
  }
}

using OpenObjectDeathTest = OpenObjectTest;

TEST_F(OpenObjectDeathTest, RefusesAGap) {
  const Log one = log(1, 0);
  add(one, 0, {.count = 2});
  EXPECT_DEATH(add(one, 3), "L3");
  EXPECT_DEATH(add(one, 1), "L3");
}

}  // namespace
}  // namespace streamhouse::ingest
