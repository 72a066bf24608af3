// Goal: a produce is acknowledged exactly when its object is stored and its row committed, in seq
// order; whatever else happens, its error is definite and its bytes are given back (W1, W7, P1,
// P9, P10, P17). Method: a session over the in-memory database and a store whose puts are held,
// stalled, refused or met by other content; the rows are read from the database itself.

#include "ingest/session_writer.h"

#include "metadata/wrappers/fault_metadata_store.h"
#include "segment/layout/object_frame.h"
#include "segment/object_key.h"
#include "tests/core/session_world.h"

namespace streamhouse::ingest {
namespace {

using base::Errc;
using core_testing::BatchSpec;
using core_testing::milliseconds;
using core_testing::seconds;
using model::Offset;
using model::Seq;
using objectstore::StoreOperation;

class SessionWriterTest : public core_testing::SessionWorld {
 protected:
  void SetUp() override {
    SessionWorld::SetUp();
    writer_ = std::make_unique<SessionWriter>(ports(), config(), group_);
    writer_->lead(lease_topic(3));
    writer_->start();
  }
  CommitLoop::Ports ports() {
    return {.runtime = agent_,
            .metadata = database_,
            .objects = objects_,
            .session = session_,
            .partitions = partitions_,
            .budget = budget_};
  }
  static WriterConfig config() {
    return {.flush = {.object_bytes_max = 10'000, .interval = milliseconds(5)},
            .uploads_max = 3,
            .overdue_after = seconds(10)};
  }

  base::Result<Appended> append(std::int32_t index, const BatchSpec& spec = {}) {
    auto batch = std::make_shared<base::ByteVector>(core_testing::produced_batch(spec));
    SH_CHECK(budget_.try_reserve(batch->size()), "there is room");
    const base::MutableBytesView bytes(*batch);
    auto appended = writer_->append(key(index), {.owner = batch, .bytes = bytes});
    if (!appended) budget_.release(bytes.size());
    return appended;
  }
  /// Appends and begins to wait for the commit.
  core_testing::Pending<base::Result<model::OffsetRange>> produce(std::int32_t index,
                                                                  const BatchSpec& spec = {}) {
    auto appended = append(index, spec);
    SH_CHECK(appended.has_value(), "appended");
    return begin(writer_->committed(*std::move(appended), agent_.now() + seconds(60)));
  }
  /// "SEQ kind" of every row of the session's log that is not void.
  std::vector<std::string> log_rows() {
    std::vector<std::string> shown;
    const auto rows = tables_.tail(session_.id(), Seq(0), 100);
    for (const auto& row : *rows) {
      constexpr std::string_view kKinds[] = {"open", "commit", "release", "seal"};
      shown.push_back(std::to_string(row.seq.value()) + " " +
                      std::string(kKinds[static_cast<std::size_t>(row.kind)]));
    }
    return shown;
  }
  std::string object_key(std::int64_t seq) { return segment::object_key(session_.id(), Seq(seq)); }
  Offset high_watermark(std::int32_t index) {
    return partitions_.find(key(index))->high_watermark();
  }

  metadata::MetadataFaults database_faults_{world_, 6};
  metadata::FaultMetadataStore database_{metadata_, agent_, database_faults_};
  partition::PartitionTable partitions_{1u << 20};
  BufferBudget budget_{agent_, 1u << 20};
  std::unique_ptr<SessionWriter> writer_;
};

using Rows = std::vector<std::string>;

TEST_F(SessionWriterTest, AcknowledgesOnceTheObjectIsStoredAndTheRowCommitted) {
  const auto produced = produce(0, {.count = 3});
  EXPECT_EQ(outcome(produced), "pending");
  EXPECT_GT(budget_.used(), 0u);
  run(milliseconds(20));
  ASSERT_EQ(outcome(produced), "ok");
  EXPECT_EQ(***produced, (model::OffsetRange{Offset(0), Offset(3)}));
  EXPECT_EQ(high_watermark(0), Offset(3));
  EXPECT_TRUE(stored_.peek(object_key(1)));
  EXPECT_EQ(log_rows(), (Rows{"1 commit"}));
  EXPECT_EQ(budget_.used(), 0u);
}

TEST_F(SessionWriterTest, PutsBatchesOfAllPartitionsThatAreReadyIntoOneObject) {
  const auto first = produce(2);
  const auto second = produce(0);
  const auto third = produce(2);
  run(milliseconds(20));
  EXPECT_EQ(outcome(first) + outcome(second) + outcome(third), "okokok");
  EXPECT_EQ(log_rows(), (Rows{"1 commit"}));
  const auto loaded = tables_.load_partitions({key(0), key(2)});
  ASSERT_TRUE(loaded);
  ASSERT_EQ(loaded->size(), 2u);
  EXPECT_EQ((*loaded)[0].spans.at(0).offsets, (model::OffsetRange{Offset(0), Offset(1)}));
  EXPECT_EQ((*loaded)[1].spans.at(0).offsets, (model::OffsetRange{Offset(0), Offset(2)}));
}

TEST_F(SessionWriterTest, APartitionWhoseRowIsDamagedIsLeftUnledTheOthersAreLed) {
  const metadata::Partition damaged{.key = key(7), .producers = base::Bytes(std::string("?"))};
  writer_->lead({damaged, {.key = key(8)}});
  EXPECT_FALSE(session_.frozen());
  EXPECT_FALSE(session_.lost());
  EXPECT_FALSE(partitions_.find(key(7)));
  ASSERT_TRUE(session_.trouble());
  EXPECT_EQ(session_.trouble()->code, Errc::kCorrupt);
  EXPECT_TRUE(session_.trouble()->text.contains(to_string(key(7))));
  EXPECT_TRUE(partitions_.find(key(8)));
  const auto produced = produce(0);
  run(milliseconds(20));
  EXPECT_EQ(outcome(produced), "ok");
}

TEST_F(SessionWriterTest, CommitsInOrderAlthoughALaterUploadEndsFirst) {
  faults_.set_rates(StoreOperation::kPut, {.stalled = 1});
  const auto first = produce(0);
  run(milliseconds(1));
  faults_.set_rates(StoreOperation::kPut, {});
  const auto second = produce(1);
  run(milliseconds(10));
  ASSERT_TRUE(stored_.peek(object_key(2)));
  ASSERT_FALSE(stored_.peek(object_key(1))) << "the first put is still stalled";
  EXPECT_EQ(outcome(second), "pending");
  EXPECT_EQ(log_rows(), Rows{});
  EXPECT_EQ(high_watermark(1), Offset(0));
  run(seconds(6));
  EXPECT_EQ(outcome(first), "ok");
  EXPECT_EQ(outcome(second), "ok");
  EXPECT_EQ(log_rows(), (Rows{"1 commit", "2 commit"}));
}

TEST_F(SessionWriterTest, HoldsNoMoreObjectsInFlightThanConfigured) {
  faults_.hold(StoreOperation::kPut);
  for (int i = 0; i < 8; ++i) {
    ASSERT_TRUE(append(0));
    run(milliseconds(20));
  }
  EXPECT_EQ(writer_->commits().rows_in_flight(), 3u);
  EXPECT_EQ(writer_->next_seq(), Seq(4));
  faults_.release();
  run(seconds(1));
  EXPECT_EQ(log_rows(), (Rows{"1 commit", "2 commit", "3 commit", "4 commit"}));
  EXPECT_EQ(high_watermark(0), Offset(8));
}

TEST_F(SessionWriterTest, AnswersADuplicateOfAPendingBatchOnlyWhenTheOriginalIsCommitted) {
  faults_.hold(StoreOperation::kPut);
  const auto original = produce(0, {.count = 2, .producer = 9});
  const std::size_t used = budget_.used();
  const auto repeat = produce(0, {.count = 2, .producer = 9});
  EXPECT_EQ(budget_.used(), used) << "the repeat's bytes are given back at once";
  run(milliseconds(100));
  EXPECT_EQ(outcome(repeat), "pending");
  faults_.release();
  run(milliseconds(100));
  ASSERT_EQ(outcome(original), "ok");
  ASSERT_EQ(outcome(repeat), "ok");
  EXPECT_EQ(***repeat, ***original);
  EXPECT_EQ(high_watermark(0), Offset(2));
}

TEST_F(SessionWriterTest, SaysUnknownOutcomeAtTheDeadlineAndCommitsAllTheSame) {
  faults_.hold(StoreOperation::kPut);
  auto appended = append(0);
  ASSERT_TRUE(appended);
  const auto waited = begin(writer_->committed(*std::move(appended), agent_.now() + seconds(1)));
  run(seconds(2));
  EXPECT_EQ(outcome(waited), "unknown_outcome");
  faults_.release();
  run(seconds(1));
  EXPECT_EQ(high_watermark(0), Offset(1));
  EXPECT_EQ(budget_.used(), 0u);
}

TEST_F(SessionWriterTest, FailsEverythingDefinitelyWhenTheSessionWasSealedByAnother) {
  faults_.hold(StoreOperation::kPut);
  const auto first = produce(0);
  run(milliseconds(20));
  const auto second = produce(1);
  run(milliseconds(1));
  ASSERT_TRUE(tables_.seal_session(session_.id()));
  faults_.release();
  run(seconds(1));
  EXPECT_EQ(outcome(first), "not_leader");
  EXPECT_EQ(outcome(second), "not_leader");
  EXPECT_TRUE(session_.lost());
  EXPECT_FALSE(session_.frozen());
  EXPECT_EQ(log_rows(), (Rows{"1 seal"}));
  EXPECT_EQ(budget_.used(), 0u);
  EXPECT_EQ(outcome(append(0)), "not_leader");
  EXPECT_TRUE(writer_->commits().ended());
}

TEST_F(SessionWriterTest, SealsItselfBeforeItFailsABatchWhoseObjectIsRefusedForGood) {
  ASSERT_TRUE(wait(stored_.put(object_key(1), {base::Bytes(std::string("someone else's"))})));
  const auto refused = produce(0);
  const auto behind = produce(1);
  run(seconds(1));
  EXPECT_EQ(outcome(refused), "unavailable");
  EXPECT_EQ(outcome(behind), "unavailable");
  EXPECT_EQ(log_rows(), (Rows{"1 seal"})) << "P9: the seal won the seq";
  EXPECT_TRUE(session_.lost());
  EXPECT_EQ(budget_.used(), 0u);
}

TEST_F(SessionWriterTest, FreezesWhenItCannotSealItselfBecauseTheDatabaseLostRows) {
  const auto before = tables_.tables();
  ASSERT_TRUE(produce(0));
  run(milliseconds(20));
  ASSERT_EQ(log_rows(), (Rows{"1 commit"}));
  tables_.restore(before);
  ASSERT_TRUE(wait(stored_.put(object_key(2), {base::Bytes(std::string("someone else's"))})));
  const auto refused = produce(0);
  run(seconds(1));
  EXPECT_EQ(outcome(refused), "regressed");
  EXPECT_TRUE(session_.frozen());
  EXPECT_EQ(budget_.used(), 0u);
}

TEST_F(SessionWriterTest, FreezesWhenTheDatabaseLostRowsThatItHadAcknowledged) {
  const auto before = tables_.tables();
  ASSERT_TRUE(produce(0));
  run(milliseconds(20));
  ASSERT_EQ(log_rows(), (Rows{"1 commit"}));
  tables_.restore(before);
  const auto lost = produce(0);
  run(milliseconds(50));
  EXPECT_EQ(outcome(lost), "regressed");
  EXPECT_TRUE(session_.frozen());
  EXPECT_TRUE(session_.lost());
}

TEST_F(SessionWriterTest, LeavesOpenWhatMayHaveBeenWrittenBeforeTheDatabaseLostRows) {
  const auto before = tables_.tables();
  ASSERT_TRUE(produce(0));
  run(milliseconds(20));
  database_faults_.set_rates(metadata::Operation::kAppend, {.reply_lost = 1});
  const auto written = produce(0, {.producer = 9});
  run(milliseconds(20));
  ASSERT_EQ(log_rows(), (Rows{"1 commit", "2 commit"}));
  const auto repeat = produce(0, {.producer = 9});
  tables_.restore(before);
  database_faults_.stop();
  run(seconds(5));
  EXPECT_EQ(outcome(written), "unknown_outcome");
  ASSERT_TRUE(session_.frozen());
  EXPECT_EQ(session_.frozen()->code, Errc::kRegressed);
  partitions_.close_all();
  run(milliseconds(1));
  EXPECT_EQ(outcome(repeat), "unknown_outcome");
}

TEST_F(SessionWriterTest, RefusesBatchesWhileTheStoreFailsAndTakesThemAgainAfterwards) {
  faults_.set_rates(StoreOperation::kPut, {.refused = 1});
  const auto pending = produce(0);
  run(milliseconds(100));
  const auto refused = append(0);
  ASSERT_EQ(outcome(refused), "unavailable");
  EXPECT_EQ(outcome(pending), "pending") << "what was accepted is tried again";
  faults_.stop();
  run(seconds(10));
  EXPECT_EQ(outcome(pending), "ok");
  EXPECT_EQ(outcome(append(0)), "ok");
}

TEST_F(SessionWriterTest, RefusesBatchesOnceTheOldestUploadIsOverdue) {
  faults_.hold(StoreOperation::kPut);
  ASSERT_TRUE(append(0));
  run(seconds(9));
  EXPECT_EQ(outcome(append(0)), "ok");
  run(seconds(2));
  const auto refused = append(0);
  ASSERT_EQ(outcome(refused), "unavailable");
  EXPECT_NE(refused.error().text.find(object_key(1)), std::string::npos) << refused.error().text;
}

TEST_F(SessionWriterTest, RefusesBatchesOnceTheDatabaseKeepsThemWaiting) {
  database_faults_.set_rates({.refused = 1});
  const auto pending = produce(0);
  run(seconds(9));
  EXPECT_EQ(outcome(append(0)), "ok");
  run(seconds(2));
  const auto refused = append(0);
  ASSERT_EQ(outcome(refused), "unavailable");
  EXPECT_NE(refused.error().text.find("the database takes no commits"), std::string::npos)
      << refused.error().text;
  EXPECT_EQ(outcome(pending), "pending");
  database_faults_.stop();
  run(seconds(30));
  EXPECT_EQ(outcome(pending), "ok");
  EXPECT_EQ(outcome(append(0)), "ok");
}

TEST_F(SessionWriterTest, ReleasesAPartitionBehindEverythingThatIsPendingForIt) {
  const auto log = partitions_.find(key(0));
  faults_.hold(StoreOperation::kPut);
  const auto produced = produce(0, {.producer = 3});
  const auto released = begin(writer_->release({key(0), key(77)}));
  run(milliseconds(50));
  EXPECT_EQ(outcome(released), "pending");
  EXPECT_EQ(outcome(append(0)), "not_leader");
  EXPECT_TRUE(writer_->holds(key(0))) << "not known to be written: it is not acquired again";
  faults_.release();
  run(milliseconds(100));
  EXPECT_EQ(outcome(produced), "ok");
  EXPECT_EQ(outcome(released), "ok");
  EXPECT_EQ(log_rows(), (Rows{"1 commit", "2 release"}));
  const auto row = tables_.get_partition(key(0));
  ASSERT_TRUE(row);
  EXPECT_EQ(row->owner, model::kNoSession);
  EXPECT_EQ(row->high_watermark, Offset(1));
  EXPECT_FALSE(row->producers.empty());
  EXPECT_FALSE(writer_->holds(key(0)));
  EXPECT_EQ(log->state(), partition::LogState::kClosed);
  EXPECT_EQ(outcome(append(1)), "ok") << "the others are led on";
}

TEST_F(SessionWriterTest, EachObjectNamesTheOneBeforeItAlsoAcrossAReleaseAndWhatIsCommitted) {
  const auto first = produce(0);
  run(milliseconds(50));
  ASSERT_EQ(outcome(wait(writer_->release({key(0)}))), "ok");
  const auto second = produce(1);
  run(milliseconds(50));
  ASSERT_EQ(outcome(first), "ok");
  ASSERT_EQ(outcome(second), "ok");
  ASSERT_EQ(log_rows(), (Rows{"1 commit", "2 release", "3 commit"}));
  const auto header_of = [this](std::int64_t seq) {
    return *segment::decode_header(
        object_key(seq), stored_.peek(object_key(seq))->view().first(segment::kHeaderSize));
  };
  EXPECT_EQ(header_of(1).previous, Seq(0));
  EXPECT_EQ(header_of(3).previous, Seq(1));
  EXPECT_EQ(header_of(3).known_committed, Seq(2));
}

TEST_F(SessionWriterTest, ASecondReleaseLeavesALaterLeaseOfThePartitionAlone) {
  database_faults_.set_rates(metadata::Operation::kAppend, {.stalled = 1});
  const auto first = begin(writer_->release({key(0)}));
  run(milliseconds(1));
  const auto second = begin(writer_->release_all(agent_.now() + seconds(60)));
  scheduler_.run_until([&] { return !writer_->holds(key(0)); });
  ASSERT_EQ(outcome(second), "pending");
  const metadata::AcquireRequest again{
      .key = key(0), .expected_epoch = model::LeaderEpoch(2), .since_seq = writer_->next_seq()};
  const auto acquired = tables_.acquire_leases(session_.id(), {again});
  ASSERT_TRUE(acquired && acquired->front());
  writer_->lead({*acquired->front()});
  run(seconds(30));
  EXPECT_EQ(outcome(first), "ok");
  EXPECT_EQ(outcome(second), "ok");
  ASSERT_TRUE(writer_->holds(key(0)));
  EXPECT_EQ(partitions_.find(key(0))->state(), partition::LogState::kLeading);
}

TEST_F(SessionWriterTest, ReleasesEverythingThatIsLed) {
  EXPECT_EQ(outcome(wait(writer_->release_all(agent_.now() + seconds(1)))), "ok");
  EXPECT_EQ(partitions_.size(), 0u);
  for (int i = 0; i < 3; ++i) EXPECT_EQ(tables_.get_partition(key(i))->owner, model::kNoSession);
}

TEST_F(SessionWriterTest, StopLeavesNoCallWaitingAndNoBytesTaken) {
  faults_.hold(StoreOperation::kPut);
  const auto produced = produce(0, {.producer = 9});
  const auto released = begin(writer_->release({key(1)}));
  run(milliseconds(1));
  const auto repeat = produce(0, {.producer = 9});
  const auto unsent = produce(2);
  group_.stop();
  writer_->wake();
  run(seconds(1));
  EXPECT_EQ(outcome(produced), "unknown_outcome");
  EXPECT_EQ(outcome(released), "unknown_outcome");
  EXPECT_EQ(outcome(unsent), "not_leader") << "it was in no object yet";
  EXPECT_EQ(budget_.used(), 0u);
  partitions_.close_all();
  run(milliseconds(1));
  EXPECT_EQ(outcome(repeat), "unknown_outcome") << "as the original";
  faults_.release();
}

TEST_F(SessionWriterTest, DrainsWhatIsOpenWithoutWaitingForTheInterval) {
  ASSERT_TRUE(append(0));
  EXPECT_EQ(outcome(wait(writer_->drain(agent_.now() + seconds(1)))), "ok");
  EXPECT_EQ(high_watermark(0), Offset(1));
}

TEST_F(SessionWriterTest, GivesUpDrainingAtTheDeadline) {
  faults_.hold(StoreOperation::kPut);
  ASSERT_TRUE(append(0));
  const auto began = agent_.now();
  EXPECT_EQ(outcome(wait(writer_->drain(began + seconds(1)))), "unknown_outcome");
  EXPECT_GE(agent_.now() - began, seconds(1));
  EXPECT_LT(agent_.now() - began, milliseconds(1'100));
}

}  // namespace
}  // namespace streamhouse::ingest
