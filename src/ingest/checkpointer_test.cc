// Goal: a checkpoint holds what is committed and nothing else, is written when it is due, and lets
// the log be trimmed as far as deleted records allow (P3). Method: a session over the in-memory
// database; what was written is read from its tables.

#include "ingest/checkpointer.h"

#include "tests/core/session_world.h"

namespace streamhouse::ingest {
namespace {

using core_testing::milliseconds;
using core_testing::seconds;
using model::Offset;
using model::Seq;
using objectstore::StoreOperation;

class CheckpointerTest : public core_testing::SessionWorld {
 protected:
  void SetUp() override {
    SessionWorld::SetUp();
    writer_ = std::make_unique<SessionWriter>(ports(), WriterConfig{}, group_);
    writer_->lead(lease_topic(2));
    writer_->start();
    checkpointer_ =
        std::make_unique<Checkpointer>(ports(), *writer_, CheckpointConfig{.rows_max = 10}, group_);
  }
  CommitLoop::Ports ports() {
    return {.runtime = agent_,
            .metadata = metadata_,
            .objects = objects_,
            .session = session_,
            .partitions = partitions_,
            .budget = budget_};
  }
  void append(std::int32_t index) {
    auto batch = std::make_shared<base::ByteVector>(core_testing::produced_batch());
    ASSERT_TRUE(budget_.try_reserve(batch->size()));
    const base::MutableBytesView bytes(*batch);
    ASSERT_TRUE(writer_->append(key(index), {.owner = batch, .bytes = bytes}));
  }
  /// `rows` commits of one record each, one after the other.
  void commit_rows(int rows) {
    for (int i = 0; i < rows; ++i) {
      append(0);
      run(milliseconds(10));
    }
  }
  /// Which the views show: raised by checkpoints.
  Offset visible(std::int32_t index) {
    return tables_.get_partition(key(index))->visible_high_watermark;
  }
  /// The newest checkpoint, as a recoverer would find it. Ends the session.
  std::optional<metadata::CheckpointRow> newest() {
    SH_CHECK(tables_.seal_session(session_.id()).has_value(), "sealed");
    return tables_.load_recovery(session_.id())->checkpoint;
  }

  partition::PartitionTable partitions_{1u << 20};
  BufferBudget budget_{agent_, 1u << 20};
  std::unique_ptr<SessionWriter> writer_;
  std::unique_ptr<Checkpointer> checkpointer_;
};

TEST_F(CheckpointerTest, WritesEveryPartitionAsOfTheCommittedSeqAndNothingPending) {
  commit_rows(2);
  faults_.hold(StoreOperation::kPut);
  append(1);
  run(milliseconds(20));
  ASSERT_TRUE(wait(checkpointer_->checkpoint()));
  EXPECT_EQ(visible(0), Offset(2));
  const auto checkpoint = newest();
  ASSERT_TRUE(checkpoint);
  EXPECT_EQ(checkpoint->upto_seq, Seq(2));
  ASSERT_EQ(checkpoint->partitions.size(), 2u);
  EXPECT_EQ(checkpoint->partitions[0].high_watermark, Offset(2));
  EXPECT_EQ(checkpoint->partitions[1].high_watermark, Offset(0)) << "pending is not committed";
}

TEST_F(CheckpointerTest, WritesNothingWhenNothingWasCommittedSince) {
  ASSERT_TRUE(wait(checkpointer_->checkpoint()));
  EXPECT_FALSE(newest());
}

TEST_F(CheckpointerTest, TrimsOnlyTheRowsWhoseRecordsAreDeleted) {
  commit_rows(4);
  ASSERT_TRUE(tables_.advance_log_start(key(0), session_.id(), model::LeaderEpoch(1), Offset(2)));
  ASSERT_TRUE(wait(checkpointer_->checkpoint()));
  EXPECT_EQ(tables_.get_session(session_.id())->trimmed_to, Seq(2));
  const auto rows = tables_.tail(session_.id(), Seq(0), 10);
  ASSERT_TRUE(rows);
  EXPECT_EQ(rows->front().seq, Seq(3));
}

TEST_F(CheckpointerTest, RunsAtItsIntervalAndAfterManyRows) {
  group_.spawn(checkpointer_->run());
  commit_rows(1);
  run(seconds(4));
  EXPECT_EQ(visible(0), Offset(0)) << "neither the time nor the rows are reached";
  run(seconds(2));
  EXPECT_EQ(visible(0), Offset(1)) << "views are at most ten seconds old, by default";
  commit_rows(10);
  run(milliseconds(200));
  EXPECT_EQ(visible(0), Offset(11)) << "long before the next interval";
}

TEST_F(CheckpointerTest, LosesTheSessionThatWasSealedByAnother) {
  commit_rows(1);
  group_.spawn(checkpointer_->run());
  ASSERT_TRUE(tables_.seal_session(session_.id()));
  EXPECT_FALSE(session_.lost());
  run(seconds(6));
  EXPECT_TRUE(session_.lost());
  EXPECT_EQ(visible(0), Offset(0));
}

}  // namespace
}  // namespace streamhouse::ingest
