// Goal: whoever takes a session over, however often, at once and cut short anywhere, its partitions
// end free, one epoch on, where its log ended (P4-P6). Method: a dead session in the in-memory
// database, taken over by simulated processes that crash and lose replies.

#include "cluster/take_over.h"

#include "segment/object_key.h"
#include "segment/seal_marker.h"
#include "tests/core/cluster_world.h"

namespace streamhouse::cluster {
namespace {

using base::Errc;
using core_testing::seconds;
using metadata::SessionState;
using model::LeaderEpoch;
using model::Offset;
using model::Seq;

constexpr std::int32_t kPartitions = 3;

class TakeOverTest : public core_testing::ClusterWorld {
 protected:
  void SetUp() override {
    Process& dead = join("dead");
    dead_ = dead.session.id();
    create_topic(kPartitions);
    lease(dead_, kPartitions);
    commit(dead_, 1, 0, 0);
    commit(dead_, 2, 1, 0);
    commit(dead_, 3, 0, 10);
    dead.runtime.crash();
  }
  struct Recoverer {
    explicit Recoverer(Process& process)
        : take_over(process.runtime, process.metadata, process.objects, process.group) {}
    TakeOver take_over;
  };
  /// Valid until the end of the test.
  TakeOver& recoverer(Process& process) {
    recoverers_.push_back(std::make_unique<Recoverer>(process));
    return recoverers_.back()->take_over;
  }
  void expect_recovered() {
    EXPECT_EQ(state_of(dead_), SessionState::kRecovered);
    for (std::int32_t i = 0; i < kPartitions; ++i) {
      EXPECT_EQ(row(i).owner, model::kNoSession);
      EXPECT_EQ(row(i).epoch, LeaderEpoch(2)) << "raised once, whoever did it";
    }
    EXPECT_EQ(row(0).high_watermark, Offset(20));
    EXPECT_EQ(row(1).high_watermark, Offset(10));
    EXPECT_EQ(row(2).high_watermark, Offset(0));
  }

  model::SessionId dead_;
  std::vector<std::unique_ptr<Recoverer>> recoverers_;
};

TEST_F(TakeOverTest, SealsTheSessionAndFreesItsPartitionsWhereItsLogEnds) {
  Process& a = start("a");
  ASSERT_TRUE(wait(a, recoverer(a).run(dead_)));
  expect_recovered();
  const metadata::CommitEntry late{.object_size = 1, .spans = {}};
  EXPECT_FALSE(tables_.append(dead_, Seq(4), late)) << "F1";
}

TEST_F(TakeOverTest, LeavesTheSealBesideTheObjects) {
  Process& a = start("a");
  ASSERT_TRUE(wait(a, recoverer(a).run(dead_)));
  const std::string name = segment::to_key(segment::SealKey{dead_});
  const auto bytes = objects_.peek(name);
  ASSERT_TRUE(bytes);
  const auto marker = segment::decode_seal_marker(name, *bytes);
  ASSERT_TRUE(marker) << to_string(marker.error());
  EXPECT_EQ(marker->session, dead_);
  EXPECT_EQ(marker->seq, Seq(4));
}

TEST_F(TakeOverTest, RepeatChangesNothing) {
  Process& a = start("a");
  ASSERT_TRUE(wait(a, recoverer(a).run(dead_)));
  ASSERT_TRUE(wait(a, recoverer(a).run(dead_)));
  expect_recovered();
}

TEST_F(TakeOverTest, SeveralAtOnceEndAsOneWould) {
  std::vector<core_testing::Pending<base::Status>> runs;
  for (const char* const name : {"a", "b", "c"}) {
    Process& process = start(name);
    process.metadata_faults.set_rates({.stalled = 0.5});
    runs.push_back(begin(process, recoverer(process).run(dead_)));
  }
  run(seconds(120));
  for (const auto& one : runs) EXPECT_EQ(outcome(one), "ok");
  expect_recovered();
}

TEST_F(TakeOverTest, LostRepliesAndLateWritesDoNoHarm) {
  Process& a = start("a");
  a.metadata_faults.set_rates(
      {.refused = 0.2, .reply_lost = 0.3, .applied_late = 0.2, .copied_late = 0.3});
  a.object_faults.set_rates({.refused = 0.3, .reply_lost = 0.3});
  const auto taken = begin(a, recoverer(a).run(dead_));
  run(seconds(120));
  EXPECT_EQ(outcome(taken), "ok");
  expect_recovered();
}

/// Another process finishes what one that died after any number of steps has begun.
TEST_F(TakeOverTest, CutShortAnywhereIsFinishedByAnother) {
  const metadata::MemoryTables before = tables_.tables();
  bool ended = false;
  int steps = 0;
  for (; !ended; ++steps) {
    ASSERT_LT(steps, 1'000);
    tables_.restore(before);
    Process& first = start("first");
    first.metadata_faults.set_rates({.stalled = 1});  // every call takes steps
    first.object_faults.set_rates({.stalled = 1});
    const auto begun = begin(first, recoverer(first).run(dead_));
    for (int i = 0; i < steps; ++i) scheduler_.step();
    ended = begun->has_value();
    first.runtime.crash();
    Process& second = start("second");
    ASSERT_TRUE(wait(second, recoverer(second).run(dead_))) << steps << " steps";
    expect_recovered();
  }
  EXPECT_GT(steps, 12) << "there are places between which to crash";
}

TEST_F(TakeOverTest, ADamagedPartitionIsNamedAndStaysUnledAndTheOthersAreFreed) {
  commit(dead_, 4, 0, 50);  // 20 to 50 are missing
  Process& a = start("a");
  const base::Status taken = wait(a, recoverer(a).run(dead_));
  ASSERT_FALSE(taken);
  EXPECT_EQ(taken.error().code, Errc::kCorrupt);
  EXPECT_EQ(state_of(dead_), SessionState::kFencing);
  EXPECT_EQ(row(0).owner, dead_) << "nobody may go on from a wrong offset";
  EXPECT_NE(taken.error().text.find(to_string(row(0).key)), std::string::npos)
      << taken.error().text;
  EXPECT_EQ(row(1).owner, model::kNoSession);
  EXPECT_EQ(row(1).high_watermark, Offset(10));
  EXPECT_EQ(row(2).owner, model::kNoSession);
}

TEST_F(TakeOverTest, EndsWithItsGroup) {
  Process& a = start("a");
  a.metadata_faults.set_rates({.refused = 1});
  const auto taken = begin(a, recoverer(a).run(dead_));
  run(seconds(2));
  EXPECT_EQ(outcome(taken), "pending");
  a.group.stop();
  run(seconds(2));
  EXPECT_EQ(outcome(taken), base::errc_name(Errc::kUnavailable));
  EXPECT_EQ(state_of(dead_), SessionState::kLive);
}

TEST_F(TakeOverTest, FreesMorePartitionsThanOneWriteTakes) {
  constexpr std::int32_t kMany = 10'001;
  const auto topic = tables_.create_topic({.name = "many", .id = {{2}}, .partition_count = kMany});
  ASSERT_TRUE(topic);
  std::vector<metadata::AcquireRequest> requests;
  for (std::int32_t i = 0; i < kMany; ++i) {
    requests.push_back({.key = {topic->no, model::PartitionIndex(i)}, .since_seq = Seq(4)});
  }
  ASSERT_TRUE(tables_.acquire_leases(dead_, requests));
  Process& a = start("a");
  ASSERT_TRUE(wait(a, recoverer(a).run(dead_)));
  expect_recovered();
  EXPECT_TRUE(tables_.list_leases(topic->no)->empty());
}

}  // namespace
}  // namespace streamhouse::cluster
