// Goal: objects are counted as they come and go, and die with the last segment that names them.
// Method: a table that reads out objects and segments and keeps what it is asked to write.
#include "metadata/dynamodb/tables/object_rows.h"

#include <gmock/gmock.h>

#include "metadata/dynamodb/items/keys.h"
#include "tests/metadata/recording_table.h"

namespace streamhouse::metadata::dynamodb {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(DynamodbObjectRowsTest, CountsOfObjectsNameOnlyKindsThatThereAre) {
  EXPECT_TRUE(ObjectCounts::of(nullptr).empty());
  Item item;
  EXPECT_TRUE(ObjectCounts::of(&item).empty());
  item.set("dead_flushed", std::int64_t{2});
  item.set("dead_flushed_bytes", std::int64_t{300});
  item.set("live_compacted", std::int64_t{1});
  item.set("live_compacted_bytes", std::int64_t{50});
  item.set("dead_compacted", std::int64_t{0});
  const std::vector<ObjectCount> counts = ObjectCounts::of(&item);
  ASSERT_EQ(counts.size(), 2u);
  EXPECT_EQ(counts[0], (ObjectCount{0, ObjectState::kDead, 2, 300}));
  EXPECT_EQ(counts[1], (ObjectCount{1, ObjectState::kLive, 1, 50}));
}

ObjectRow object(int level, ObjectState state, std::uint64_t size) {
  return {.key = "o", .level = level, .size = size, .state = state};
}

class DynamodbObjectsTest : public ::testing::Test {
 protected:
  /// What the counts become, in the order of their names; empty if they are not written.
  std::map<std::string, std::string> stored(const ObjectCounts& counts) {
    Transaction transaction(server_.table());
    EXPECT_TRUE(server_.run(counts.store(transaction)).has_value());
    EXPECT_EQ(*server_.run(transaction.commit(Transaction::Writes::kApply)), Written::kDone);
    std::map<std::string, std::string> all;
    const auto item = server_.newest_put(object_counts_key());
    for (const auto& [name, value] : item.items())
      if (value.contains("N") && value["N"] != "0") all[name] = value["N"].get<std::string>();
    return all;
  }
  void put_object(const std::string& key, std::int64_t segments) {
    StoredObject live{.row = {.key = key, .level = 1, .size = 50}, .session = SessionId(9)};
    live.segment_count = segments;
    server_.put(live_object_key(key), item_of(live));
  }
  ForgottenSegment put_segment(std::int64_t next, const std::string& object_key) {
    const Key key{"SG", padded(next) + "#" + object_key};
    server_.put(key, {{"object", object_key}});
    return {key, object_key};
  }
  void forget(const std::vector<ForgottenSegment>& segments) {
    ASSERT_TRUE(server_.run(forget_segments(server_.table(), segments)).has_value());
  }

  tests::RecordingTable server_;
};

TEST_F(DynamodbObjectsTest, EachKindIsCountedByItself) {
  ObjectCounts counts;
  counts.add(object(1, ObjectState::kLive, 10));
  counts.add(object(1, ObjectState::kLive, 20));
  counts.add(object(1, ObjectState::kDead, 5));
  counts.add(object(0, ObjectState::kDead, 7));
  EXPECT_EQ(stored(counts), (std::map<std::string, std::string>{{"live_compacted", "2"},
                                                                {"live_compacted_bytes", "30"},
                                                                {"dead_compacted", "1"},
                                                                {"dead_compacted_bytes", "5"},
                                                                {"dead_flushed", "1"},
                                                                {"dead_flushed_bytes", "7"}}));
}

TEST_F(DynamodbObjectsTest, CountsGoOnFromWhatIsStored) {
  server_.put(object_counts_key(), {{"dead_flushed", std::int64_t{3}},
                                    {"dead_flushed_bytes", std::int64_t{90}},
                                    {"live_compacted", std::int64_t{1}},
                                    {"live_compacted_bytes", std::int64_t{50}}});
  ObjectCounts counts;
  counts.remove(object(0, ObjectState::kDead, 30));
  EXPECT_EQ(stored(counts), (std::map<std::string, std::string>{{"dead_flushed", "2"},
                                                                {"dead_flushed_bytes", "60"},
                                                                {"live_compacted", "1"},
                                                                {"live_compacted_bytes", "50"}}))
      << "the others stay as they are";
}

TEST_F(DynamodbObjectsTest, NothingThatChangesIsNeitherReadNorWritten) {
  EXPECT_TRUE(stored(ObjectCounts()).empty());
  EXPECT_THAT(server_.asked("BatchGetItem"), IsEmpty());
}

TEST_F(DynamodbObjectsTest, AnObjectThatLosesASegmentOfSeveralLives) {
  put_object("o", 3);
  forget({put_segment(10, "o"), put_segment(20, "o")});
  EXPECT_THAT(server_.newest_transaction(),
              ElementsAre("Put OL =o if 7", "Delete SG " + padded(10) + "#o if 7",
                          "Delete SG " + padded(20) + "#o if 7"));
  EXPECT_EQ(server_.newest_put(live_object_key("o"))["segments"]["N"], "1");
}

TEST_F(DynamodbObjectsTest, AnObjectThatLosesItsLastSegmentDiesAndIsCountedSo) {
  put_object("o", 1);
  server_.put(object_counts_key(),
              {{"live_compacted", std::int64_t{4}}, {"live_compacted_bytes", std::int64_t{200}}});
  forget({put_segment(10, "o")});
  EXPECT_THAT(server_.newest_transaction(),
              ElementsAre("Put K objects if 7", "Put OD =o", "Delete OL =o if 7",
                          "Delete SG " + padded(10) + "#o if 7"));
  const auto dead = server_.newest_put(dead_object_key("o"));
  EXPECT_EQ(dead["dead"]["N"], "1000") << "now";
  EXPECT_EQ(dead["segments"]["N"], "0");
  EXPECT_EQ(dead["session"]["S"], "0000000000000009");
  const auto counts = server_.newest_put(object_counts_key());
  EXPECT_EQ(counts["live_compacted"]["N"], "3");
  EXPECT_EQ(counts["live_compacted_bytes"]["N"], "150");
  EXPECT_EQ(counts["dead_compacted_bytes"]["N"], "50");
}

TEST_F(DynamodbObjectsTest, WhatWasForgottenBeforeIsNotCountedOffAgain) {
  put_object("o", 2);
  forget({{{"SG", "gone"}, "o"}});
  EXPECT_THAT(server_.newest_transaction(),
              ElementsAre("ConditionCheck OL =o if 7", "ConditionCheck SG gone new"));
  forget({put_segment(10, "never committed")});
  EXPECT_THAT(server_.newest_transaction(),
              ElementsAre("ConditionCheck OL =never committed new",
                          "Delete SG " + padded(10) + "#never committed if 7"));
}

TEST_F(DynamodbObjectsTest, ManySegmentsAreForgottenInSeveralTransactionsThatHaveRoomForTheirDead) {
  std::vector<ForgottenSegment> segments;
  for (int i = 0; i < 33; ++i) {
    const std::string key = "o" + std::to_string(i);
    put_object(key, 1);
    segments.push_back(put_segment(i, key));
  }
  forget(segments);
  const auto transactions = server_.asked("TransactWriteItems");
  ASSERT_EQ(transactions.size(), 2u);
  EXPECT_EQ(transactions[0]["TransactItems"].size(), 3 * 32u + 1) << "at most 100";
  EXPECT_EQ(transactions[1]["TransactItems"].size(), 3u + 1);
}

TEST_F(DynamodbObjectsTest, SegmentsCountWhoseObjectsLive) {
  put_object("a", 1);
  put_object("c", 1);
  const std::vector<Item> segments = {{{"object", std::string("a")}},
                                      {{"object", std::string("b")}},
                                      {{"object", std::string("c")}},
                                      {{"object", std::string("a")}}};
  EXPECT_EQ(*server_.run(live_objects(server_.table(), segments)),
            (std::set<std::string>{"a", "c"}));
  EXPECT_EQ(server_.asked("BatchGetItem")[0]["RequestItems"]["t"]["Keys"].size(), 3u)
      << "each object once";
}

TEST_F(DynamodbObjectsTest, SegmentsAreCountedAnewUnderTheGuardOfTheirObject) {
  put_object("o", 3);
  const std::vector<Key> keys = {
      put_segment(10, "o").key, put_segment(20, "o").key, {"SG", "gone"}};
  const auto recount = [&](std::vector<Key> some) {
    return server_.run(recount_segments(server_.table(), "o", std::move(some))).has_value();
  };
  EXPECT_TRUE(recount(keys));
  EXPECT_THAT(server_.newest_transaction(), ElementsAre("Put OL =o if 7"));
  EXPECT_EQ(server_.newest_put(live_object_key("o"))["segments"]["N"], "2");
  put_object("o", 2);
  EXPECT_TRUE(recount(keys));
  EXPECT_EQ(server_.asked("TransactWriteItems").size(), 1u) << "it is right";
  EXPECT_TRUE(recount({keys[2]}));
  EXPECT_THAT(server_.newest_transaction(),
              ElementsAre("Put K objects new", "Put OD =o", "Delete OL =o if 7"));
  EXPECT_TRUE(server_.run(recount_segments(server_.table(), "x", keys)).has_value());
  EXPECT_EQ(server_.asked("TransactWriteItems").size(), 2u) << "it is not live";
}

}  // namespace
}  // namespace streamhouse::metadata::dynamodb
