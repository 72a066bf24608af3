// Goal: every listener is told of every change, in order, and of what it missed. Method: changes in
// the in-memory database, listeners that note them or refuse.

#include "cluster/catalog/change_feed.h"

#include "tests/core/cluster_world.h"

namespace streamhouse::cluster {
namespace {

using core_testing::milliseconds;
using core_testing::seconds;

class Noting final : public ChangeListener {
 public:
  runtime::Task<base::Status> apply(ChangeBatchPtr batch) override {
    if (refuses) co_return base::Status(base::Errc::kUnavailable, "no");
    if (batch->missed_some) told.emplace_back("everything");
    for (const metadata::Change& change : batch->changes) {
      if (!batch->missed_some) told.push_back("topic " + change.key);
    }
    co_return base::Status{};
  }
  std::vector<std::string> told;
  bool refuses = false;
};
using Told = std::vector<std::string>;

class ChangeFeedTest : public core_testing::ClusterWorld {
 protected:
  void SetUp() override {
    agent_ = &start("a");
    feed_.emplace(agent_->runtime, agent_->metadata, agent_->group);
    feed_->add(first_);
    feed_->add(second_);
  }
  /// Creates topic 1, 2, and so on.
  void change() {
    model::TopicId id;
    ++created_;
    id.bytes[0] = static_cast<std::uint8_t>(created_);
    id.bytes[1] = static_cast<std::uint8_t>(created_ >> 8);
    const std::string name = "topic-" + std::to_string(created_);
    ASSERT_TRUE(tables_.create_topic({.name = name, .id = id, .partition_count = 1}));
  }
  void follow() {
    agent_->group.spawn(feed_->run());
    run(milliseconds(10));
  }

  Process* agent_ = nullptr;
  Noting first_;
  Noting second_;
  std::optional<ChangeFeed> feed_;
  std::uint32_t created_ = 0;
};

TEST_F(ChangeFeedTest, TellsThatEverythingMayHaveChangedAndThenEachChangeOnce) {
  change();
  follow();
  EXPECT_EQ(first_.told, Told{"everything"});
  change();
  change();
  run(milliseconds(510));
  change();
  run(seconds(3));
  EXPECT_EQ(first_.told, (Told{"everything", "topic 2", "topic 3", "topic 4"}));
  EXPECT_EQ(second_.told, first_.told);
}

TEST_F(ChangeFeedTest, TellsEachChangeOnceMoreSecondsLater) {
  follow();
  run(seconds(6));
  EXPECT_EQ(first_.told, (Told{"everything", "everything"}));
  change();
  run(seconds(1));
  second_.refuses = true;
  run(seconds(5));
  second_.refuses = false;
  run(seconds(1));
  EXPECT_EQ(second_.told, (Told{"everything", "everything", "topic 1", "topic 1"}));
  run(seconds(60));
  EXPECT_EQ(second_.told.size(), 4u) << "and then no more";
}

TEST_F(ChangeFeedTest, TellsAgainUntilEveryListenerHasTakenIt) {
  follow();
  second_.refuses = true;
  change();
  run(seconds(1));
  second_.refuses = false;
  run(seconds(1));
  EXPECT_EQ(second_.told, (Told{"everything", "topic 1"}));
}

TEST_F(ChangeFeedTest, SaysSoWhenSomeChangesAreNotKeptAnyMore) {
  follow();
  change();
  change();
  metadata::MemoryTables tables = tables_.tables();
  tables.changes.erase(tables.changes.begin());
  tables_.restore(std::move(tables));
  run(seconds(1));
  EXPECT_EQ(first_.told, (Told{"everything", "everything"}));
  change();
  run(seconds(1));
  EXPECT_EQ(first_.told.back(), "topic 3");
}

TEST_F(ChangeFeedTest, SaysSoWhenTheDatabaseWentBack) {
  change();
  const metadata::MemoryTables backup = tables_.tables();
  change();
  follow();
  tables_.restore(metadata::MemoryTables(backup));
  run(seconds(1));
  EXPECT_EQ(first_.told, (Told{"everything", "everything"}));
}

TEST_F(ChangeFeedTest, ReadsAllThatHappenedAtOnceWithoutPauses) {
  follow();
  for (int i = 0; i < 1'500; ++i) change();
  run(milliseconds(510));
  EXPECT_EQ(first_.told.size(), 1u + 1'500u);
}

TEST_F(ChangeFeedTest, IsFreshWhileItIsRead) {
  EXPECT_FALSE(feed_->fresh());
  follow();
  EXPECT_TRUE(feed_->fresh());
  run(seconds(60));
  EXPECT_TRUE(feed_->fresh()) << "also if nothing changes";
  agent_->metadata_faults.set_rates({.refused = 1});
  run(seconds(6));
  EXPECT_FALSE(feed_->fresh());
  agent_->metadata_faults.stop();
  run(seconds(1));
  EXPECT_TRUE(feed_->fresh());
}

TEST(TopicOfTest, ReadsTheTopicOutOfTheKeysOfTopicsAndLeasesAndOfNothingElse) {
  using metadata::ChangeKind;
  const auto topic = [](ChangeKind kind, const std::string& key) {
    const auto no = topic_of({.version = 1, .kind = kind, .key = key});
    return no ? static_cast<std::int64_t>(no->value()) : -1;
  };
  EXPECT_EQ(topic(ChangeKind::kTopic, "7"), 7);
  EXPECT_EQ(topic(ChangeKind::kTopic, "4294967295"), 4'294'967'295);
  EXPECT_EQ(topic(ChangeKind::kLease, "7/12"), 7);
  for (const char* key : {"", "orders", "7x", "7/12", "-1", "4294967296"})
    EXPECT_EQ(topic(ChangeKind::kTopic, key), -1) << key;
  for (const char* key : {"", "/1", "7", "orders/1"})
    EXPECT_EQ(topic(ChangeKind::kLease, key), -1) << key;
}

}  // namespace
}  // namespace streamhouse::cluster
