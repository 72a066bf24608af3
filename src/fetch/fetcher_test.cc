// Goal: a fetch answers committed batches from the tail or the store, waits at the end of the log,
// and says "out of range" only when it still leads (R1, R2, P13, P14). Method: a led partition over
// the in-memory database; the store is a stub that answers placed batches and notes what it was
// asked for.

#include "fetch/fetcher.h"

#include "tests/core/session_world.h"

namespace streamhouse::fetch {
namespace {

using base::Errc;
using core_testing::milliseconds;
using core_testing::placed_batch;
using core_testing::seconds;
using model::Offset;

/// Answers the one-record batch at the offset asked for.
class OneBatchBlocks final : public blockcache::ObjectBlocks {
 public:
  runtime::Task<base::Result<std::vector<base::Bytes>>> read(blockcache::SpanRead read) override {
    asked.push_back(read);
    if (damaged) co_return base::make_error(Errc::kCorrupt, "object " + read.object_key);
    const std::int64_t offset = read.from.value();
    co_return std::vector<base::Bytes>{
        placed_batch(offset, {.first_timestamp = 1'000 + 10 * offset})};
  }
  std::vector<blockcache::SpanRead> asked;
  bool damaged = false;
};

class FetcherTest : public core_testing::SessionWorld {
 protected:
  void SetUp() override {
    SessionWorld::SetUp();
    metadata::Partition row = lease_topic(1).front();
    row.high_watermark = Offset(10);  // as after a take-over: ten records in the store
    auto log = partition::PartitionLog::open(agent_, row);
    ASSERT_TRUE(log);
    log_ = *log;
    partitions_.add(log_);
  }
  void load_index() { ASSERT_TRUE(log_->load_index({entry(0, 4), entry(4, 10)}, Offset(0))); }
  partition::IndexEntry entry(std::int64_t base, std::int64_t next) {
    return {.offsets = {Offset(base), Offset(next)},
            .object = partitions_.objects().add("object-" + std::to_string(base), 500),
            .length = 100,
            .max_timestamp = 1'000 + 10 * (next - 1)};
  }
  /// Commits one record that stays in the tail.
  void commit() {
    const auto batch = core_testing::produced_batch();
    const auto assigned = log_->assign(core_testing::view_of(batch));
    ASSERT_TRUE(assigned);
    const std::int64_t base = assigned->offsets.base.value();
    log_->add_tail(assigned->offsets, placed_batch(base, {.first_timestamp = 1'000 + 10 * base}));
    log_->publish(entry(base, base + 1));
  }
  FetchRequest request(std::int64_t offset, runtime::Duration wait = {}) {
    return {.key = key(0), .offset = Offset(offset), .deadline = agent_.now() + wait};
  }
  base::Result<Fetched> fetch(std::int64_t offset) { return wait(fetcher_.fetch(request(offset))); }
  static std::int64_t first_offset(const Fetched& fetched) {
    return core_testing::view_of(fetched.batches.at(0)).base_offset().value();
  }

  partition::PartitionTable partitions_{1u << 20};
  OneBatchBlocks blocks_;
  runtime::Signal wake_{agent_};
  IndexLoader indexes_{{agent_, metadata_, partitions_, session_, wake_}, group_, 1u << 20};
  Fetcher fetcher_{{agent_, partitions_, blocks_, session_, indexes_}};
  std::shared_ptr<partition::PartitionLog> log_;
};

TEST_F(FetcherTest, ServesNewBatchesFromTheTailAndOldOnesFromTheStore) {
  load_index();
  commit();
  const auto tail = fetch(10);
  ASSERT_TRUE(tail) << to_string(tail.error());
  EXPECT_EQ(tail->source, Source::kTail);
  EXPECT_EQ(first_offset(*tail), 10);
  EXPECT_EQ(tail->high_watermark, Offset(11));
  EXPECT_TRUE(blocks_.asked.empty());
  const auto stored = fetch(5);
  ASSERT_TRUE(stored);
  EXPECT_EQ(stored->source, Source::kStore);
  EXPECT_EQ(first_offset(*stored), 5);
  ASSERT_EQ(blocks_.asked.size(), 1u);
  EXPECT_EQ(blocks_.asked[0].object_key, "object-4");
  EXPECT_EQ(blocks_.asked[0].object_size, 500u);
  EXPECT_EQ(blocks_.asked[0].span, (model::OffsetRange{Offset(4), Offset(10)}));
}

TEST_F(FetcherTest, AnswersEmptyAtTheEndOfTheLogWhenThePollIsOver) {
  load_index();
  const auto began = agent_.now();
  const auto fetched = wait(fetcher_.fetch(request(10, milliseconds(300))));
  ASSERT_TRUE(fetched);
  EXPECT_TRUE(fetched->batches.empty());
  EXPECT_EQ(fetched->high_watermark, Offset(10));
  EXPECT_GE(agent_.now() - began, milliseconds(300));
}

TEST_F(FetcherTest, AnswersAsSoonAsTheRecordIsCommittedAndNotBefore) {
  const auto polled = begin(fetcher_.fetch(request(10, seconds(10))));
  run(seconds(1));
  EXPECT_EQ(outcome(polled), "pending");
  commit();
  run(milliseconds(1));
  ASSERT_EQ(outcome(polled), "ok");
  EXPECT_EQ(first_offset(***polled), 10);
}

TEST_F(FetcherTest, EndsALongPollWhenLeadershipEnds) {
  const auto polled = begin(fetcher_.fetch(request(10, seconds(10))));
  run(milliseconds(1));
  partitions_.remove(key(0));
  run(milliseconds(1));
  EXPECT_EQ(outcome(polled), "not_leader");
  EXPECT_EQ(outcome(fetch(0)), "not_leader");
}

TEST_F(FetcherTest, SaysOutOfRangeBelowTheLogStart) {
  load_index();
  log_->raise_log_start(Offset(3));
  EXPECT_EQ(outcome(fetch(2)), "invalid_offset");
  EXPECT_EQ(outcome(fetch(3)), "ok");
}

TEST_F(FetcherTest, SaysOutOfRangeAboveTheHighWatermarkOnlyAfterALaterHeartbeat) {
  const auto asked = begin(fetcher_.fetch(request(11)));
  run(milliseconds(100));
  EXPECT_EQ(outcome(asked), "pending") << "P14: a newer leader may have committed it";
  group_.spawn(session_.keep_alive());
  run(seconds(1));
  EXPECT_EQ(outcome(asked), "invalid_offset");
}

TEST_F(FetcherTest, SaysNotLeaderAboveTheHighWatermarkWhenLeadershipCannotBeConfirmed) {
  const auto unanswered = begin(fetcher_.fetch(request(11)));
  run(seconds(6));
  EXPECT_EQ(outcome(unanswered), "not_leader");
  ASSERT_TRUE(tables_.seal_session(session_.id()));
  const auto sealed = begin(fetcher_.fetch(request(11)));
  group_.spawn(session_.keep_alive());
  run(seconds(2));
  EXPECT_EQ(outcome(sealed), "not_leader");
}

TEST_F(FetcherTest, SaysNotLeaderAboveTheHighWatermarkOnceAReleaseIsQueued) {
  group_.spawn(session_.keep_alive());
  log_->begin_release();
  const auto asked = begin(fetcher_.fetch(request(11)));
  run(seconds(2));
  EXPECT_EQ(outcome(asked), "not_leader");
}

TEST_F(FetcherTest, WaitsForTheIndexOfAPartitionThatWasJustTakenOver) {
  const auto early = begin(fetcher_.fetch(request(2)));
  run(seconds(1));
  EXPECT_EQ(outcome(early), "pending");
  load_index();
  run(milliseconds(1));
  EXPECT_EQ(outcome(early), "ok");
}

TEST_F(FetcherTest, NeverShowsAnEmptyLogWhileTheIndexIsMissing) {
  const auto fetched = begin(fetcher_.fetch(request(2)));
  run(seconds(6));
  EXPECT_EQ(outcome(fetched), "unavailable");
}

TEST_F(FetcherTest, PassesOnDamageOfTheStore) {
  group_.spawn(session_.keep_alive());
  load_index();
  blocks_.damaged = true;
  const auto fetched = begin(fetcher_.fetch(request(0)));
  run(seconds(2));
  ASSERT_EQ(outcome(fetched), "corrupt");
  EXPECT_NE((*fetched)->error().text.find("object-0"), std::string::npos);
}

TEST_F(FetcherTest, SaysAtOnceWhatIsWrongWithADamagedIndex) {
  group_.spawn(session_.keep_alive());
  const auto waiting = begin(fetcher_.fetch(request(0)));
  run(milliseconds(100));
  ASSERT_EQ(outcome(waiting), "pending") << "it may still be loaded";
  ASSERT_FALSE(log_->load_index({entry(0, 4)}, Offset(0)));
  run(seconds(2));
  ASSERT_EQ(outcome(waiting), "corrupt");
  EXPECT_NE((*waiting)->error().text.find(to_string(key(0))), std::string::npos);
  EXPECT_EQ(outcome(wait(fetcher_.find_at(key(0), 0))), "corrupt");
  load_index();
  EXPECT_EQ(outcome(fetch(0)), "ok");
}

TEST_F(FetcherTest, CallsNothingDamagedUnlessItIsKnownToLead) {
  load_index();
  blocks_.damaged = true;  // a newer leader may have deleted it
  const auto fetched = begin(fetcher_.fetch(request(0)));
  run(seconds(2));
  EXPECT_EQ(outcome(fetched), "pending");
  run(seconds(4));
  EXPECT_EQ(outcome(fetched), "not_leader");
}

TEST_F(FetcherTest, CallsNothingDamagedThatWasDeletedMeanwhile) {
  group_.spawn(session_.keep_alive());
  load_index();
  blocks_.damaged = true;
  const auto fetched = begin(fetcher_.fetch(request(0)));
  log_->raise_log_start(Offset(4));
  run(seconds(2));
  EXPECT_EQ(outcome(fetched), "invalid_offset");
}

TEST_F(FetcherTest, FindsAnOffsetByTimeInStoreAndTail) {
  load_index();
  commit();
  const auto at = [this](std::int64_t timestamp) {
    const auto hit = wait(fetcher_.find_at(key(0), timestamp));
    if (!hit) return std::int64_t{-1};
    EXPECT_TRUE(!hit->found || hit->timestamp >= timestamp);
    return hit->offset.value();
  };
  EXPECT_EQ(at(0), 0);
  EXPECT_EQ(at(1'035), 4);
  EXPECT_EQ(at(1'090), 9);
  EXPECT_EQ(at(1'100), 10);
  EXPECT_EQ(at(1'101), 11) << "none is new enough: the high watermark";
  const auto newest = wait(fetcher_.find_newest(key(0)));
  ASSERT_TRUE(newest);
  EXPECT_EQ(newest->offset, Offset(10));
  EXPECT_EQ(newest->timestamp, 1'100);
  log_->raise_log_start(Offset(6));
  EXPECT_EQ(at(0), 6);
}

}  // namespace
}  // namespace streamhouse::fetch
