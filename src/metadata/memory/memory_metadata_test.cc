// Goal: what MemoryMetadata has beyond the contract of every store (tests/contract): snapshots, and
// a clock that the caller turns.
// Method: its own synchronous functions, one at a time.
#include "metadata/memory/memory_metadata.h"

#include <gtest/gtest.h>

namespace streamhouse::metadata {
namespace {

using base::Errc;

constexpr model::TopicId kCluster{{1}};
constexpr SessionId kSession{7};

class MemoryMetadataTest : public ::testing::Test {
 protected:
  void open(SessionId session) {
    const auto opened =
        metadata_.open_session({.id = session, .agent = {.agent_id = "a"}, .timeout_ms = 100});
    ASSERT_TRUE(opened.has_value());
  }

  DatabaseMs now_ = 1'000;
  MemoryMetadata metadata_{[this] { return now_; }, kCluster};
};

segment::CheckpointTable release_table() {
  return {{.partition = {model::TopicNo(1), model::PartitionIndex(0)}, .epoch = LeaderEpoch(1)}};
}

TEST_F(MemoryMetadataTest, RestoringASnapshotLosesWhatCameAfterItAndAppendSaysSo) {
  open(kSession);
  ASSERT_TRUE(metadata_.append(kSession, Seq(1), ReleaseEntry{release_table()}).has_value());
  const MemoryTables snapshot = metadata_.tables();
  ASSERT_TRUE(metadata_.append(kSession, Seq(2), ReleaseEntry{release_table()}).has_value());
  metadata_.restore(snapshot);
  const auto appended = metadata_.append(kSession, Seq(3), ReleaseEntry{release_table()});
  ASSERT_FALSE(appended.has_value());
  EXPECT_EQ(appended.error().code, Errc::kRegressed);
}

TEST_F(MemoryMetadataTest, TimesComeFromTheInjectedClockAlsoWhenItJumpsBack) {
  open(kSession);
  now_ = 500;
  const auto reply = metadata_.heartbeat(kSession, 100, ListOwned::kNo);
  ASSERT_TRUE(reply.has_value());
  EXPECT_EQ(reply->expires_ms, 600);
  EXPECT_EQ(*metadata_.database_now(), 500);
}

}  // namespace
}  // namespace streamhouse::metadata
