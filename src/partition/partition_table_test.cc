// Goal: the table knows what is led and keeps the tails of all partitions under one bound (Z1).
// Method: logs with committed tails are added, counted and read back.

#include "partition/partition_table.h"

#include <gtest/gtest.h>

#include "runtime/sim/sim_scheduler.h"
#include "tests/core/batches.h"

namespace streamhouse::partition {
namespace {

using model::Offset;

class PartitionTableTest : public testing::Test {
 protected:
  std::shared_ptr<PartitionLog> led(PartitionTable& table, std::int32_t index) {
    const metadata::Partition row{.key = key(index), .epoch = model::LeaderEpoch(1)};
    auto log = PartitionLog::open(agent_, row);
    EXPECT_TRUE(log);
    table.add(*log);
    return *log;
  }
  static model::TopicPartition key(std::int32_t index) {
    return {model::TopicNo(1), model::PartitionIndex(index)};
  }
  /// One committed record, counted as `bytes` of tail.
  static void commit(PartitionTable& table, const std::shared_ptr<PartitionLog>& log,
                     std::size_t bytes) {
    const auto batch = core_testing::produced_batch();
    const auto assigned = log->assign(core_testing::view_of(batch));
    ASSERT_TRUE(assigned);
    log->add_tail(assigned->offsets, core_testing::placed_batch(assigned->offsets.base.value()));
    log->publish({.offsets = assigned->offsets,
                  .object = table.objects().add("object", 1),
                  .length = static_cast<std::uint32_t>(bytes)});
    table.tail_committed(log, assigned->offsets.next, bytes);
  }
  static bool in_tail(const PartitionLog& log, std::int64_t offset) {
    return !log.read_tail(Offset(offset), 1).empty();
  }

  runtime::SimScheduler scheduler_{{.seed = 1}};
  runtime::SimRuntime& agent_ = scheduler_.add_runtime("agent");
};

TEST_F(PartitionTableTest, FindsWhatIsLedAndListsItByKey) {
  PartitionTable table(100);
  for (const int index : {5, 1, 3}) led(table, index);
  EXPECT_EQ(table.find(key(2)), nullptr);
  EXPECT_EQ(table.find(key(3))->key(), key(3));
  std::vector<std::int32_t> listed;
  for (const auto& log : table.list()) listed.push_back(log->key().partition.value());
  EXPECT_EQ(listed, (std::vector<std::int32_t>{1, 3, 5}));
}

TEST_F(PartitionTableTest, RefusesToLeadAPartitionTwice) {
  PartitionTable table(100);
  led(table, 1);
  EXPECT_DEATH(led(table, 1), "F2");
}

TEST_F(PartitionTableTest, ClosesWhatItForgets) {
  PartitionTable table(100);
  const auto first = led(table, 1);
  const auto second = led(table, 2);
  table.remove(key(1));
  table.remove(key(9));
  EXPECT_EQ(first->state(), LogState::kClosed);
  EXPECT_EQ(second->state(), LogState::kLeading);
  EXPECT_EQ(table.find(key(1)), nullptr);
  table.close_all();
  EXPECT_EQ(second->state(), LogState::kClosed);
  EXPECT_EQ(table.size(), 0u);
}

TEST_F(PartitionTableTest, DropsTheOldestCommittedTailOfAnyPartitionBeyondTheBound) {
  PartitionTable table(100);
  const auto first = led(table, 1);
  const auto second = led(table, 2);
  commit(table, first, 40);
  commit(table, second, 40);
  commit(table, second, 20);
  EXPECT_EQ(table.tail_bytes(), 100u);
  EXPECT_TRUE(in_tail(*first, 0)) << "exactly full is not too much";
  commit(table, second, 1);
  EXPECT_EQ(table.tail_bytes(), 61u);
  EXPECT_FALSE(in_tail(*first, 0));
  EXPECT_TRUE(in_tail(*second, 0));
}

TEST_F(PartitionTableTest, KeepsNoTailLargerThanTheWholeBound) {
  PartitionTable table(100);
  const auto log = led(table, 1);
  commit(table, log, 101);
  EXPECT_EQ(table.tail_bytes(), 0u);
  EXPECT_FALSE(in_tail(*log, 0));
}

TEST_F(PartitionTableTest, GoesOnEvictingPastPartitionsThatAreNoLongerLed) {
  PartitionTable table(100);
  commit(table, led(table, 1), 60);
  table.remove(key(1));
  const auto log = led(table, 2);
  commit(table, log, 60);
  commit(table, log, 40);
  EXPECT_EQ(table.tail_bytes(), 100u);
  EXPECT_TRUE(in_tail(*log, 0));
}

}  // namespace
}  // namespace streamhouse::partition
