// Goal: the feed counts without gaps, keeps what it says, and its items are read whole or refused.
// Method: items as text; transactions on a table that keeps what it is asked to write, about the
// bounds at which the feed is cut.
#include "metadata/dynamodb/tables/changes.h"

#include <gmock/gmock.h>

#include "metadata/dynamodb/items/keys.h"
#include "tests/metadata/recording_table.h"

namespace streamhouse::metadata::dynamodb {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(DynamodbChangesTest, ChangesOfOneItemHaveVersionsInARow) {
  const NewChanges changes = {
      {ChangeKind::kGroup, "a:b\n1"}, {ChangeKind::kLease, "7/12"}, {ChangeKind::kTopic, ""}};
  Item item = changes_item(changes);
  item.set(kSortKey, change_key(41).sk);
  const auto read = changes_of(item);
  ASSERT_TRUE(read.has_value());
  ASSERT_EQ(read->size(), 3u);
  EXPECT_EQ((*read)[0].version, 41);
  EXPECT_EQ((*read)[2].version, 43);
  EXPECT_EQ((*read)[0].key, "a:b\n1");
  EXPECT_EQ((*read)[1].kind, ChangeKind::kLease);
  for (const char* text : {"9:1:a", "1:5:abc", "1:-1:", "x:1:a", "1"}) {
    item.set("changes", std::string(text));
    EXPECT_EQ(changes_of(item).error().code, base::Errc::kCorrupt) << text;
  }
}

TEST(DynamodbChangesTest, AHeadThatIsMissingIsAnEmptyFeed) {
  EXPECT_EQ(head_of(nullptr).latest, 0);
  EXPECT_EQ(head_of(nullptr).oldest_kept, 1);
  Item head;
  head.set("latest", std::int64_t{12});
  head.set("oldest", std::int64_t{3});
  EXPECT_EQ(head_of(&head).latest, 12);
  EXPECT_EQ(head_of(&head).oldest_kept, 3);
  Item none = changes_item({});
  none.set(kSortKey, change_key(1).sk);
  EXPECT_TRUE(changes_of(none)->empty());
}

TEST(DynamodbChangesTest, StandAsKindLengthAndKey) {
  const NewChanges changes = {
      {ChangeKind::kTopic, "7"},
      {ChangeKind::kLease, lease_text({model::TopicNo(7), model::PartitionIndex(12)})},
      {ChangeKind::kGroup, "\xc3\xa4"},
      {ChangeKind::kAgent, ""}};
  EXPECT_EQ(changes_item(changes).text("changes"),
            "0:1:71:4:7/122:2:\xc3\xa4"
            "3:0:");
}

TEST(DynamodbChangesTest, AnItemThatIsCutOffIsRefusedUnlessBetweenTwoChanges) {
  const std::string whole =
      changes_item({{ChangeKind::kTopic, "12"}, {ChangeKind::kGroup, "abc"}}).text("changes");
  const std::size_t first = std::string("0:2:12").size();
  for (std::size_t size = 0; size < whole.size(); ++size) {
    const auto read = changes_of({{"changes", whole.substr(0, size)}});
    EXPECT_EQ(read.has_value(), size == 0 || size == first) << size;
    if (read) EXPECT_EQ(read->size(), size == 0 ? 0u : 1u);
  }
  for (const char* text :
       {"4:0:", "-1:0:", "0:9223372036854775808:a", "0::", ":1:a", "0:1", "0 :1:a"})
    EXPECT_EQ(changes_of({{"changes", std::string(text)}}).error().code, base::Errc::kCorrupt)
        << text;
}

class DynamodbFeedTest : public ::testing::Test {
 protected:
  void put_head(std::int64_t latest, std::int64_t oldest) {
    server_.put(change_head_key(), {{"latest", latest}, {"oldest", oldest}});
  }
  /// Adds so many changes in a transaction.
  void add(std::size_t count) {
    Transaction transaction(server_.table());
    const NewChanges changes(count, {ChangeKind::kAgent, "a"});
    ASSERT_TRUE(server_.run(add_changes(transaction, changes)).has_value());
    ASSERT_EQ(*server_.run(transaction.commit(Transaction::Writes::kApply)), Written::kDone);
  }
  std::pair<std::string, std::string> head() const {
    const auto item = server_.newest_put(change_head_key());
    return {item["latest"]["N"], item["oldest"]["N"]};
  }

  tests::RecordingTable server_;
};

TEST_F(DynamodbFeedTest, TheFirstChangesMakeTheHead) {
  add(3);
  EXPECT_THAT(server_.newest_transaction(),
              ElementsAre("Put X " + padded(1) + " new", "Put X head new"));
  EXPECT_EQ(head(), std::pair(std::string("3"), std::string("1")));
}

TEST_F(DynamodbFeedTest, LaterOnesFollowTheNewestAndAreNewThere) {
  put_head(41, 5);
  add(2);
  EXPECT_THAT(server_.newest_transaction(),
              ElementsAre("Put X " + padded(42) + " new", "Put X head if 7"));
  EXPECT_EQ(head(), std::pair(std::string("43"), std::string("5")));
}

TEST_F(DynamodbFeedTest, NoChangesAreNoItems) {
  add(0);
  EXPECT_THAT(server_.newest_transaction(), IsEmpty());
  EXPECT_THAT(server_.asked("BatchGetItem"), IsEmpty());
}

TEST_F(DynamodbFeedTest, OldOnesGoTogetherOnceThereAreEnough) {
  const std::int64_t longest = kChangesKeptMin + kChangesDroppedMin;
  put_head(longest - 1, 1);
  add(1);
  EXPECT_EQ(head(), std::pair(std::to_string(longest), std::string("1"))) << "one too few";
  put_head(longest, 1);
  add(1);
  EXPECT_EQ(head(), std::pair(std::to_string(longest + 1), std::to_string(kChangesDroppedMin + 1)));
}

TEST_F(DynamodbFeedTest, AnItemGoesWhenNoneOfItsChangesCanBeKept) {
  for (const std::int64_t version : {1, 2, 101}) server_.put(change_key(version), {});
  const auto remove = [&](std::int64_t oldest_kept) {
    return server_.run(remove_dropped_changes(server_.table(), oldest_kept)).has_value();
  };
  EXPECT_TRUE(remove(1));
  EXPECT_TRUE(remove(kChangesPerItemMax)) << "the first item may hold this version";
  EXPECT_THAT(server_.asked("Query"), IsEmpty());
  EXPECT_TRUE(remove(kChangesPerItemMax + 1));
  const auto batches = server_.asked("BatchWriteItem");
  ASSERT_EQ(batches.size(), 1u);
  ASSERT_EQ(batches[0]["RequestItems"]["t"].size(), 1u);
  EXPECT_EQ(batches[0]["RequestItems"]["t"][0]["DeleteRequest"]["Key"]["sk"]["S"], padded(1));
}

}  // namespace
}  // namespace streamhouse::metadata::dynamodb
