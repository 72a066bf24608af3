// Goal: a session that was lost is told a loss of its commits from an ordinary seal.
// Method: one log in the in-memory database: whole, sealed, trimmed, with rows gone, gone whole.
#include "cluster/look_back.h"

#include <gtest/gtest.h>

#include "metadata/memory/memory_metadata_store.h"
#include "runtime/run_task.h"
#include "runtime/sim/sim_scheduler.h"
#include "segment/object_writer.h"

namespace streamhouse::cluster {
namespace {

using base::Errc;
using model::Seq;

constexpr model::SessionId kSession{7};

class LookBackTest : public testing::Test {
 protected:
  LookBackTest() {
    EXPECT_TRUE(
        database_.open_session({.id = kSession, .agent = {.agent_id = "a"}, .timeout_ms = 1'000}));
    for (std::int64_t seq = 1; seq <= 3; ++seq) {
      EXPECT_TRUE(database_.append(kSession, Seq(seq), commit()));
      kept_.push_back(database_.tables());
    }
  }
  /// Of a topic that is gone, so that it may be trimmed.
  static metadata::CommitEntry commit() {
    segment::SpanTable spans{{.partition = {model::TopicNo(9), model::PartitionIndex(0)},
                              .epoch = model::LeaderEpoch(1),
                              .offsets = {model::Offset(0), model::Offset(10)},
                              .length = 100,
                              .batch_count = 1}};
    segment::place_spans(spans, 64);
    return {.object_size = 200, .spans = base::Bytes(segment::encode_span_table(spans))};
  }
  std::string at(std::int64_t committed) {
    const auto answer = runtime::run_task(runtime_, look_back(metadata_, kSession, Seq(committed)));
    return answer ? "kept" : std::string(base::errc_name(answer.error().code));
  }

  runtime::SimScheduler scheduler_{{.seed = 7}};
  runtime::SimRuntime& runtime_ = scheduler_.add_runtime("a");
  metadata::MemoryMetadata database_{[] { return 1'000; }, model::TopicId{}};
  metadata::MemoryMetadataStore metadata_{database_};
  std::vector<metadata::MemoryTables> kept_;  ///< After rows 1, 2, 3.
};

TEST_F(LookBackTest, WhatIsThereIsNoLossSealedOrNot) {
  EXPECT_EQ(at(0), "kept");
  EXPECT_EQ(at(2), "kept") << "a newer one was appended by a late copy";
  EXPECT_EQ(at(3), "kept");
  ASSERT_TRUE(database_.seal_session(kSession));
  EXPECT_EQ(at(3), "kept");
}

TEST_F(LookBackTest, WhatWasTrimmedIsNoLoss) {
  ASSERT_TRUE(database_.seal_session(kSession));
  ASSERT_TRUE(database_.finish_recovery(kSession));
  ASSERT_EQ(*database_.trim(kSession, Seq(3)), Seq(3));
  EXPECT_EQ(at(3), "kept");
}

TEST_F(LookBackTest, ARowThatIsGoneIsALossWhateverStandsInItsPlace) {
  database_.restore(kept_[1]);
  EXPECT_EQ(at(2), "kept");
  EXPECT_EQ(at(3), "regressed");
  ASSERT_EQ(*database_.seal_session(kSession), Seq(3));
  EXPECT_EQ(at(2), "kept");
  EXPECT_EQ(at(3), "regressed") << "sealed in its place";
  EXPECT_EQ(at(4), "regressed") << "sealed in front of it";
}

TEST_F(LookBackTest, ASessionThatIsGoneIsALossOfItsCommits) {
  database_.restore({});
  EXPECT_EQ(at(1), "regressed");
  EXPECT_EQ(at(0), "kept") << "it had none";
}

}  // namespace
}  // namespace streamhouse::cluster
