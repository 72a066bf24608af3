// Goal: the object store has every topic as the database has it: at once where a change is made,
// soon where its maker did not get to it, never an earlier version for the newest, and nothing of
// what the database has lost is touched. Method: changes in the in-memory database, told by the
// real change feed; a store with faults.

#include "upkeep/catalogue/catalogue_keeper.h"

#include <gmock/gmock.h>

#include "metadata/archive/archive_object.h"
#include "segment/object_key.h"
#include "tests/core/session_world.h"

namespace streamhouse::upkeep {
namespace {

using core_testing::milliseconds;
using core_testing::seconds;
using objectstore::StoreOperation;
using testing::ElementsAre;
using testing::IsEmpty;

class CatalogueKeeperTest : public core_testing::SessionWorld {
 protected:
  void SetUp() override {
    SessionWorld::SetUp();
    feed_.add(keeper_);
  }
  void start() {
    group_.spawn(feed_.run());
    group_.spawn(keeper_.run());
  }
  metadata::Topic create(std::uint8_t id, const std::string& name = "orders") {
    const auto topic = tables_.create_topic({.name = name, .id = {{id}}, .partition_count = 2});
    SH_CHECK(topic.has_value(), "created");
    return *topic;
  }
  metadata::Topic change(const std::string& name = "orders") {
    const std::map<std::string, std::optional<std::string>> config{
        {"key", std::to_string(++changes_)}};
    const auto topic = tables_.update_topic_config(name, {.config = config});
    SH_CHECK(topic.has_value(), "changed");
    return *topic;
  }
  std::string store(const metadata::Topic& topic) { return outcome(wait(keeper_.store(topic))); }

  /// `orders@2`, or `orders@2 deleting`, of each object, by the topics' ids.
  std::vector<std::string> stored() const {
    std::vector<std::string> found;
    for (const std::string& key : stored_.keys()) {
      const auto rows = metadata::unpack_rows(key, *stored_.peek(key));
      SH_CHECK(rows.has_value() && rows->size() == 2, "the rows cluster and topic");
      const auto& cluster = std::get<metadata::ClusterRow>(rows->front());
      const auto& topic = std::get<metadata::Topic>(rows->back());
      EXPECT_EQ(key, segment::to_key(segment::CatalogueKey{topic.id, topic.version}));
      EXPECT_EQ(cluster.cluster.cluster_id, tables_.cluster_info()->cluster_id);
      EXPECT_EQ(cluster.topic_no_latest, topic.no);
      const bool is_live = topic.state == metadata::TopicState::kLive;
      found.push_back(topic.name + "@" + std::to_string(topic.version) +
                      (is_live ? "" : " deleting"));
    }
    return found;
  }

  cluster::ChangeFeed feed_{agent_, metadata_, group_};
  CatalogueKeeper keeper_{{.runtime = agent_,
                           .metadata = metadata_,
                           .objects = objects_,
                           .session = session_,
                           .group = group_}};
  int changes_ = 0;
};

TEST_F(CatalogueKeeperTest, AChangeIsStoredAtOnceAndReplacesTheOneBefore) {
  wait(keeper_.changed(create(1), seconds(5)));
  EXPECT_THAT(stored(), ElementsAre("orders@1"));
  wait(keeper_.changed(change(), seconds(5)));
  run(milliseconds(1));
  EXPECT_THAT(stored(), ElementsAre("orders@2"));
}

TEST_F(CatalogueKeeperTest, WhatIsStoredIsTheWholeTopic) {
  create(1);
  const metadata::Topic topic = change();
  EXPECT_EQ(store(topic), "ok");
  const std::string key = stored_.keys().front();
  EXPECT_EQ(std::get<metadata::Topic>(metadata::unpack_rows(key, *stored_.peek(key))->back()),
            topic);
}

TEST_F(CatalogueKeeperTest, AChangeWaitsForAStalledStoreOnlySoLong) {
  faults_.set_rates(StoreOperation::kPut, {.stalled = 1});
  const auto begun = scheduler_.elapsed();
  wait(keeper_.changed(create(1), milliseconds(100)));
  EXPECT_EQ(scheduler_.elapsed() - begun, milliseconds(100));
  EXPECT_THAT(stored(), IsEmpty());
}

TEST_F(CatalogueKeeperTest, WhatNobodyStoredIsStoredALittleLater) {
  start();
  run(seconds(20));
  create(1);
  change();
  run(seconds(4));
  EXPECT_THAT(stored(), IsEmpty()) << "it is its maker's turn";
  run(seconds(4));
  EXPECT_THAT(stored(), ElementsAre("orders@2"));
  ASSERT_TRUE(tables_.create_partitions("orders", 7));
  run(seconds(8));
  EXPECT_THAT(stored(), ElementsAre("orders@3"));
}

TEST_F(CatalogueKeeperTest, AtTheStartAllTopicsAreLookedAt) {
  const metadata::Topic first = create(1, "first");
  EXPECT_EQ(store(first), "ok");
  create(2, "second");
  const metadata::Topic third = create(3, "third");
  EXPECT_EQ(store(third), "ok");
  change("third");
  const metadata::Topic newest = change("third");
  EXPECT_EQ(store(newest), "ok");
  EXPECT_EQ(store(create(4, "fourth")), "ok");
  change("fourth");
  start();
  run(seconds(8));
  EXPECT_THAT(stored(), ElementsAre("first@1", "second@1", "third@3", "fourth@2"));
}

TEST_F(CatalogueKeeperTest, AVersionThatCameLateGoesAgain) {
  const metadata::Topic first = create(1);
  EXPECT_EQ(store(change()), "ok");
  wait(keeper_.changed(first, seconds(5)));
  EXPECT_THAT(stored(), ElementsAre("orders@1", "orders@2"));
  start();
  run(seconds(8));
  EXPECT_THAT(stored(), ElementsAre("orders@2"));
}

TEST_F(CatalogueKeeperTest, ManyChangesAreLookedAtTogether) {
  start();
  run(seconds(20));
  for (std::size_t i = 0; i <= CatalogueKeeper::kDueMax; ++i) {
    model::TopicId id;
    id.bytes[0] = static_cast<std::uint8_t>(i);
    id.bytes[1] = static_cast<std::uint8_t>(i >> 8);
    id.bytes[2] = 1;
    ASSERT_TRUE(tables_.create_topic({.name = "t" + std::to_string(i), .id = id}));
  }
  run(seconds(8));
  EXPECT_EQ(stored().size(), CatalogueKeeper::kDueMax + 1);
}

TEST_F(CatalogueKeeperTest, WhatFailsIsDoneLater) {
  start();
  run(seconds(20));
  for (const StoreOperation operation : {StoreOperation::kPut, StoreOperation::kList}) {
    faults_.set_rates(operation, {.refused = 1});
    create(static_cast<std::uint8_t>(operation) + 1, "of " + std::to_string(changes_++));
    const auto before = stored();
    run(seconds(30));
    EXPECT_EQ(stored(), before);
    ASSERT_TRUE(keeper_.trouble());
    EXPECT_EQ(keeper_.trouble()->code, base::Errc::kUnavailable);
    faults_.stop();
    run(seconds(30));
    EXPECT_EQ(stored().size(), before.size() + 1);
    EXPECT_FALSE(keeper_.trouble());
  }
}

TEST_F(CatalogueKeeperTest, TheTopicsOfADatabaseThatHasLostThemStay) {
  EXPECT_EQ(store(create(1)), "ok");
  metadata::MemoryTables tables = tables_.tables();
  tables.topics.clear();
  tables_.restore(std::move(tables));
  start();
  run(seconds(60));
  EXPECT_THAT(stored(), ElementsAre("orders@1"));
}

TEST_F(CatalogueKeeperTest, WhatIsNewerThanTheDatabaseStays) {
  create(1);
  const metadata::MemoryTables earlier = tables_.tables();
  EXPECT_EQ(store(change()), "ok");
  tables_.restore(metadata::MemoryTables(earlier));
  start();
  run(seconds(60));
  EXPECT_THAT(stored(), ElementsAre("orders@2"));
  EXPECT_EQ(store(change()), "ok") << "another version 2";
}

TEST_F(CatalogueKeeperTest, NothingIsWrittenForADatabaseThatHasLostRows) {
  start();
  session_.freeze(base::make_error(base::Errc::kRegressed, "lost"));
  wait(keeper_.changed(create(1), seconds(5)));
  run(seconds(60));
  EXPECT_THAT(stored(), IsEmpty());
}

TEST_F(CatalogueKeeperTest, ADeletedTopicIsStoredAsDeletingAndOnlyOnce) {
  const metadata::Topic live = create(1);
  EXPECT_EQ(store(live), "ok");
  const auto deleted = tables_.delete_topic(live.id);
  EXPECT_EQ(store(**deleted), "ok");
  EXPECT_THAT(stored(), ElementsAre("orders@2 deleting"));
  faults_.set_rates(StoreOperation::kPut, {.refused = 1});
  EXPECT_EQ(store(**deleted), "ok") << "known";
  EXPECT_EQ(store(live), "ok") << "later than that";
}

}  // namespace
}  // namespace streamhouse::upkeep
