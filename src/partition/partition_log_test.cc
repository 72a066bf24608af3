// Goal: a leader gives out offsets once and in order, shows only what is committed, and ends
// cleanly (L3, L4, W7, P10, P13). Method: a log on a simulated process is produced to, published
// and read by hand.

#include "partition/partition_log.h"

#include <gtest/gtest.h>

#include "runtime/run_task.h"
#include "runtime/sim/sim_scheduler.h"
#include "tests/core/batches.h"

namespace streamhouse::partition {
namespace {

using base::Errc;
using core_testing::BatchSpec;
using core_testing::placed_batch;
using core_testing::produced_batch;
using core_testing::view_of;
using model::Offset;

class PartitionLogTest : public testing::Test {
 protected:
  static metadata::Partition row(std::int64_t high_watermark, std::int64_t log_start = 0) {
    return {.key = {model::TopicNo(3), model::PartitionIndex(1)},
            .epoch = model::LeaderEpoch(5),
            .log_start = Offset(log_start),
            .high_watermark = Offset(high_watermark)};
  }
  std::shared_ptr<PartitionLog> opened(const metadata::Partition& from) {
    auto log = PartitionLog::open(agent_, from);
    EXPECT_TRUE(log);
    return *log;
  }
  static Errc outcome(const base::Status& status) { return status.error().code; }
  static base::Result<Assigned> assign(PartitionLog& log, const BatchSpec& spec) {
    const auto batch = produced_batch(spec);
    return log.assign(view_of(batch));
  }
  /// Assigns a batch and keeps it in the tail.
  static void produce(PartitionLog& log, const BatchSpec& spec = {}) {
    const auto assigned = assign(log, spec);
    ASSERT_TRUE(assigned);
    log.add_tail(assigned->offsets, placed_batch(assigned->offsets.base.value(), spec));
  }
  IndexEntry entry(std::int64_t base, std::int64_t next) {
    return {
        .offsets = {Offset(base), Offset(next)}, .object = objects_->add("object", 1), .length = 1};
  }
  /// Base offsets of the batches that a read of the tail returns.
  static std::vector<std::int64_t> read(const PartitionLog& log, std::int64_t offset,
                                        std::size_t bytes_max = 1u << 20) {
    std::vector<std::int64_t> bases;
    for (const auto& batch : log.read_tail(Offset(offset), bytes_max)) {
      bases.push_back(view_of(batch).base_offset().value());
    }
    return bases;
  }

  std::shared_ptr<ObjectTable> objects_ = ObjectTable::make();
  runtime::SimScheduler scheduler_{{.seed = 1}};
  runtime::SimRuntime& agent_ = scheduler_.add_runtime("agent");
};

using Bases = std::vector<std::int64_t>;

TEST_F(PartitionLogTest, AssignsOffsetsFromTheHighWatermarkOnWithoutAGap) {
  const auto log = opened(row(100));
  EXPECT_EQ(assign(*log, {.count = 3})->offsets, (model::OffsetRange{Offset(100), Offset(103)}));
  EXPECT_EQ(assign(*log, {.count = 1})->offsets, (model::OffsetRange{Offset(103), Offset(104)}));
  EXPECT_EQ(log->next_offset(), Offset(104));
  EXPECT_EQ(log->high_watermark(), Offset(100)) << "nothing is committed yet";
}

TEST_F(PartitionLogTest, AnswersARepeatWithTheOriginalsOffsetsAndAppendsNothing) {
  const auto log = opened(row(0));
  ASSERT_TRUE(assign(*log, {.count = 2, .producer = 4}));
  const auto repeat = assign(*log, {.count = 2, .producer = 4});
  ASSERT_TRUE(repeat);
  EXPECT_TRUE(repeat->repeated);
  EXPECT_EQ(repeat->offsets, (model::OffsetRange{Offset(0), Offset(2)}));
  EXPECT_EQ(log->next_offset(), Offset(2));
}

TEST_F(PartitionLogTest, ChangesNothingWhenItRefusesASequence) {
  const auto log = opened(row(0));
  ASSERT_TRUE(assign(*log, {.producer = 4}));
  const auto gap = assign(*log, {.producer = 4, .sequence = 2});
  ASSERT_FALSE(gap);
  EXPECT_EQ(gap.error().code, Errc::kOutOfOrderSequence);
  EXPECT_EQ(log->next_offset(), Offset(1));
  EXPECT_TRUE(assign(*log, {.producer = 4, .sequence = 1}));
}

TEST_F(PartitionLogTest, ShowsTheTailOnlyBelowTheHighWatermark) {
  const auto log = opened(row(10));
  produce(*log, {.count = 2});
  produce(*log, {.count = 3});
  EXPECT_EQ(read(*log, 10), Bases{});
  log->publish(entry(10, 12));
  EXPECT_EQ(read(*log, 10), (Bases{10}));
  EXPECT_EQ(read(*log, 11), (Bases{10})) << "the batch that holds the offset";
  log->publish(entry(12, 15));
  EXPECT_EQ(read(*log, 11), (Bases{10, 12}));
  EXPECT_EQ(read(*log, 14), (Bases{12}));
  EXPECT_EQ(read(*log, 9), Bases{}) << "the tail does not reach back that far";
}

TEST_F(PartitionLogTest, ReturnsAtLeastOneBatchAndNoMoreThanFit) {
  const auto log = opened(row(0));
  for (int i = 0; i < 3; ++i) produce(*log);
  log->publish(entry(0, 3));
  const std::size_t size = placed_batch(0).size();
  EXPECT_EQ(read(*log, 0, 0), (Bases{0}));
  EXPECT_EQ(read(*log, 0, 2 * size - 1), (Bases{0}));
  EXPECT_EQ(read(*log, 0, 2 * size), (Bases{0, 1}));
  EXPECT_EQ(read(*log, 1, 100 * size), (Bases{1, 2}));
}

TEST_F(PartitionLogTest, DropsOnlyCommittedBatchesOfTheTail) {
  const auto log = opened(row(0));
  for (int i = 0; i < 3; ++i) produce(*log);
  log->publish(entry(0, 2));
  log->drop_tail(Offset(1));
  EXPECT_EQ(read(*log, 0), Bases{});
  EXPECT_EQ(read(*log, 1), (Bases{1}));
  log->drop_tail(Offset(3));
  EXPECT_EQ(read(*log, 1), Bases{});
  log->publish(entry(2, 3));
  EXPECT_EQ(read(*log, 2), (Bases{2})) << "it was not committed when the tail was dropped";
}

TEST_F(PartitionLogTest, RefusesToPublishOutOfOrder) {
  const auto log = opened(row(0));
  ASSERT_TRUE(assign(*log, {.count = 4}));
  EXPECT_DEATH(log->publish(entry(2, 4)), "W7");
}

TEST_F(PartitionLogTest, AppendsNothingOnceAReleaseIsQueuedButReadsGoOn) {
  const auto log = opened(row(0));
  produce(*log);
  log->begin_release();
  const auto refused = assign(*log, {});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Errc::kNotLeader);
  log->publish(entry(0, 1));
  EXPECT_EQ(read(*log, 0), (Bases{0}));
  log->close();
  log->begin_release();
  EXPECT_EQ(log->state(), LogState::kClosed) << "a closed log does not come back";
}

runtime::Task<void> count_wake(PartitionLog& log, int* woken) {
  co_await log.changed().wait();
  ++*woken;
}

TEST_F(PartitionLogTest, WakesWaitersWhenDataComesTheLogStartMovesTheIndexLoadsOrItCloses) {
  const auto log = opened(row(4));
  ASSERT_TRUE(assign(*log, {}));
  int woken = 0;
  const auto expect_woken_by = [&](const std::function<void()>& act, const char* what) {
    const int before = woken;
    agent_.spawn(count_wake(*log, &woken));
    scheduler_.run_for(std::chrono::milliseconds(1));
    ASSERT_EQ(woken, before) << what;
    act();
    scheduler_.run_for(std::chrono::milliseconds(1));
    EXPECT_EQ(woken, before + 1) << what;
  };
  expect_woken_by([&] { log->publish(entry(4, 5)); }, "publish");
  expect_woken_by([&] { ASSERT_TRUE(log->load_index({entry(0, 4)}, Offset(0))); }, "load_index");
  expect_woken_by([&] { log->raise_log_start(Offset(2)); }, "raise_log_start");
  expect_woken_by([&] { log->close(); }, "close");
}

TEST_F(PartitionLogTest, NeverLowersTheLogStart) {
  const auto log = opened(row(10, 3));
  log->raise_log_start(Offset(7));
  log->raise_log_start(Offset(5));
  EXPECT_EQ(log->log_start(), Offset(7));
}

TEST_F(PartitionLogTest, StaysUnloadedWhenTheOlderSpansDoNotTile) {
  const auto log = opened(row(10));
  const auto loaded = log->load_index({entry(0, 9)}, Offset(0));
  ASSERT_FALSE(loaded);
  EXPECT_EQ(loaded.error().code, Errc::kCorrupt);
  EXPECT_FALSE(log->index_loaded());
  EXPECT_TRUE(log->load_index({entry(0, 10)}, Offset(0)));
  EXPECT_TRUE(log->index_loaded());
}

TEST_F(PartitionLogTest, ReadsItsIndexAgainAfterItWasEvicted) {
  const auto log = opened(row(4));
  ASSERT_TRUE(log->load_index({entry(0, 4)}, Offset(0)));
  ASSERT_TRUE(assign(*log, {.count = 2}));
  log->publish(entry(4, 6));
  log->evict_index();
  EXPECT_FALSE(log->index_loaded());
  EXPECT_TRUE(log->index().empty());
  EXPECT_EQ(log->span_count(), 2u) << "they are known to be there";
  ASSERT_TRUE(assign(*log, {.count = 3}));
  log->publish(entry(6, 9));
  EXPECT_TRUE(log->index().find(Offset(8))) << "what is new is found at once";
  EXPECT_FALSE(log->index().find(Offset(5)));
  EXPECT_EQ(log->span_count(), 3u);
  EXPECT_EQ(log->span_bytes(), 3u);
  EXPECT_EQ(outcome(log->load_index({entry(0, 4)}, Offset(0))), Errc::kCorrupt) << "a span is gone";
  ASSERT_TRUE(log->load_index({entry(4, 6), entry(0, 4), entry(6, 9)}, Offset(0)));
  EXPECT_EQ(log->index().find(Offset(5))->offsets.base, Offset(4));
  EXPECT_EQ(log->span_count(), 3u);
  EXPECT_FALSE(log->index_evicted());
}

TEST_F(PartitionLogTest, LoadsItsIndexWhileTheLogStartIsBeingMoved) {
  const auto log = opened(row(10));
  EXPECT_FALSE(log->load_index({entry(4, 10)}, Offset(0)));
  ASSERT_TRUE(log->load_index({entry(4, 10)}, Offset(5))) << "the store has moved it already";
  EXPECT_FALSE(log->index().find(Offset(3)));
  log->raise_log_start(Offset(5));
  EXPECT_TRUE(log->index().find(Offset(5)));
}

TEST_F(PartitionLogTest, PutsOnlyCommittedStateIntoItsCheckpointAndOpensFromItAgain) {
  const auto log = opened(row(0));
  ASSERT_TRUE(assign(*log, {.count = 2, .producer = 4}));
  ASSERT_TRUE(assign(*log, {.count = 1, .producer = 4, .sequence = 2}));
  log->publish(entry(0, 2));
  const auto checkpoint = log->checkpoint();
  EXPECT_EQ(checkpoint.high_watermark, Offset(2));
  EXPECT_EQ(checkpoint.epoch, model::LeaderEpoch(5));

  metadata::Partition next = row(2);
  next.producers = checkpoint.producers;
  const auto successor = opened(next);
  EXPECT_TRUE(assign(*successor, {.count = 2, .producer = 4})->repeated);
  const auto pending = assign(*successor, {.count = 1, .producer = 4, .sequence = 2});
  ASSERT_TRUE(pending);
  EXPECT_FALSE(pending->repeated) << "what was pending was never committed";
}

TEST_F(PartitionLogTest, DoesNotOpenFromAProducerSnapshotThatIsDamaged) {
  metadata::Partition damaged = row(2);
  damaged.producers = base::Bytes(base::ByteVector{1, 2, 3});
  const auto log = PartitionLog::open(agent_, damaged);
  ASSERT_FALSE(log);
  EXPECT_EQ(log.error().code, Errc::kCorrupt);
}

}  // namespace
}  // namespace streamhouse::partition
