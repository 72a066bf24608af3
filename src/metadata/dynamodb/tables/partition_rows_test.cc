// Goal: partitions are read whole whether they have an item or not, and freed once, by their owner
// under its epoch. Method: topics and partitions on a table that keeps what it is asked to write.
#include "metadata/dynamodb/tables/partition_rows.h"

#include <gmock/gmock.h>

#include "metadata/dynamodb/items/blobs.h"
#include "metadata/dynamodb/items/keys.h"
#include "segment/producer_state.h"
#include "tests/metadata/recording_table.h"

namespace streamhouse::metadata::dynamodb {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr SessionId kOwner{9};
constexpr model::TopicNo kTopic{7};

TopicPartition place(std::int32_t index) { return {kTopic, model::PartitionIndex(index)}; }

segment::PartitionCheckpoint state(std::int32_t index, std::int32_t epoch) {
  return {.partition = place(index),
          .epoch = LeaderEpoch(epoch),
          .high_watermark = Offset(40),
          .log_start = Offset(10)};
}

StoredTopic topic_of_width(std::int32_t partitions) {
  return {.topic = {.no = kTopic, .name = "t", .partition_count = partitions, .created_ms = 5}};
}

TEST(DynamodbChunksTest, EndWithTheLastPartition) {
  for (const auto& [partitions, last] :
       {std::pair(1, 0), {255, 0}, {256, 0}, {257, 1}, {512, 1}, {513, 2}})
    EXPECT_EQ(last_chunk(topic_of_width(partitions)), last) << partitions;
}

class DynamodbPartitionRowsTest : public ::testing::Test {
 protected:
  void put_topic(const StoredTopic& topic) {
    server_.put(topic_key(topic.topic.no), *item_of(topic));
  }
  void put_partition(std::int32_t index, SessionId owner, std::int32_t epoch) {
    Partition row{.key = place(index), .epoch = LeaderEpoch(epoch), .owner = owner};
    row.log_start = Offset(20);
    row.visible_high_watermark = Offset(30);
    server_.put(partition_key(row.key), item_of(row));
  }
  std::size_t free(const segment::CheckpointTable& entries, const VisibleWatermarks& visible = {}) {
    Transaction transaction(server_.table());
    const auto freed = server_.run(free_partitions(transaction, kOwner, entries, visible));
    EXPECT_TRUE(freed.has_value());
    EXPECT_EQ(*server_.run(transaction.commit(Transaction::Writes::kApply)), Written::kDone);
    garbage_ = freed->garbage;
    return freed->count;
  }
  std::vector<std::int32_t> indexes(Task<Result<std::vector<Partition>>> task) {
    std::vector<std::int32_t> list;
    for (const Partition& row : *server_.run(std::move(task)))
      list.push_back(row.key.partition.value());
    return list;
  }

  tests::RecordingTable server_;
  PartitionReader reader_{server_.table()};
  std::vector<Range> garbage_;
};

TEST_F(DynamodbPartitionRowsTest, WhatIsFreedKeepsItsStateAndRaisesItsEpoch) {
  put_partition(1, kOwner, 3);
  const VisibleWatermarks visible = {{place(1), LeaderEpoch(3), Offset(45)}};
  EXPECT_EQ(free({state(1, 3)}, visible), 1u);
  EXPECT_THAT(server_.newest_transaction(),
              ElementsAre("Put P#0000000007#0000 000001 if 7", "Put X " + padded(1) + " new",
                          "Put X head new"));
  const auto row = server_.newest_put(partition_key(place(1)));
  EXPECT_EQ(row["owner"]["S"], "");
  EXPECT_EQ(row["epoch"]["N"], "4");
  EXPECT_EQ(row["high"]["N"], "40");
  EXPECT_EQ(row["visible"]["N"], "45") << "a checkpoint showed more";
  EXPECT_EQ(row["start"]["N"], "20") << "never lowered";
  EXPECT_EQ(row["updated"]["N"], "1000");
  EXPECT_EQ(server_.newest_put(change_key(1))["changes"]["S"], "1:3:7/1");
}

TEST_F(DynamodbPartitionRowsTest, OnlyItsOwnerUnderItsEpochFreesAPartition) {
  put_partition(0, SessionId(8), 3);
  put_partition(1, model::kNoSession, 3);
  put_partition(2, kOwner, 4);
  put_partition(3, kOwner, 3);
  EXPECT_EQ(free({state(0, 3), state(1, 3), state(2, 3), state(3, 3), state(4, 3)}), 1u);
  EXPECT_THAT(server_.newest_transaction(),
              ElementsAre("ConditionCheck P#0000000007#0000 000000 if 7",
                          "ConditionCheck P#0000000007#0000 000001 if 7",
                          "ConditionCheck P#0000000007#0000 000002 if 7",
                          "Put P#0000000007#0000 000003 if 7",
                          "ConditionCheck P#0000000007#0000 000004 new",
                          "Put X " + padded(1) + " new", "Put X head new"));
}

TEST_F(DynamodbPartitionRowsTest, WhereNothingIsFreedTheFeedSaysNothing) {
  put_partition(1, SessionId(8), 3);
  EXPECT_EQ(free({state(1, 3)}), 0u);
  EXPECT_THAT(server_.newest_transaction(), IsEmpty());
}

TEST_F(DynamodbPartitionRowsTest, ProducersThatAreLargeStandInChunksAndTheOldOnesAreLeftOver) {
  Item item = item_of(Partition{.key = place(1), .epoch = LeaderEpoch(3), .owner = kOwner});
  item.set(kProducers, std::string("000001#old#"));
  server_.put(partition_key(place(1)), std::move(item));
  auto large = state(1, 3);
  large.producers = base::Bytes(base::ByteVector(kInlineInTransactionMax + 1, 5));
  EXPECT_EQ(free({large}), 1u);
  const auto row = server_.newest_put(partition_key(place(1)));
  const auto chunks = row["producers"]["S"].get<std::string>();
  EXPECT_TRUE(chunks.starts_with("000001#" + padded(4) + "#")) << "under the new epoch";
  const auto written = server_.asked("BatchWriteItem").at(0)["RequestItems"]["t"];
  EXPECT_EQ(written[0]["PutRequest"]["Item"]["sk"]["S"], chunks + padded(1));
  ASSERT_EQ(garbage_.size(), 1u);
  EXPECT_EQ(garbage_[0].low, "000001#old#");
  EXPECT_EQ(garbage_[0].pk, producers_key(kTopic, 0));
}

TEST_F(DynamodbPartitionRowsTest, ManyAreFreedNinetyAtATime) {
  segment::CheckpointTable entries;
  for (std::int32_t i = 0; i < 91; ++i) {
    put_partition(i, kOwner, 3);
    entries.push_back(state(i, 3));
  }
  EXPECT_EQ(*server_.run(free_all(server_.table(), kOwner, entries)), 91u);
  const auto transactions = server_.asked("TransactWriteItems");
  ASSERT_EQ(transactions.size(), 2u);
  EXPECT_EQ(transactions[0]["TransactItems"].size(), 90u + 2) << "and the feed";
  EXPECT_EQ(transactions[1]["TransactItems"].size(), 1u + 2);
}

TEST_F(DynamodbPartitionRowsTest, PartitionsWithoutAnItemAreReadToo) {
  put_topic(topic_of_width(3));
  put_partition(1, model::kNoSession, 4);
  const auto rows = server_.run(reader_.of_topic(topic_of_width(3)));
  ASSERT_TRUE(rows.has_value());
  ASSERT_EQ(rows->size(), 3u);
  EXPECT_EQ((*rows)[0], (Partition{.key = place(0), .created_ms = 5, .updated_ms = 5}));
  EXPECT_EQ((*rows)[1].epoch, LeaderEpoch(4));
  EXPECT_EQ((*rows)[2].created_ms, 5);
}

TEST_F(DynamodbPartitionRowsTest, OfThoseThatAreAskedForTheyAreReadThatAreThere) {
  put_topic(topic_of_width(2));
  const TopicPartition other{model::TopicNo(8), model::PartitionIndex(0)};
  EXPECT_THAT(indexes(reader_.some({place(1), place(0), place(1), place(2), place(-1), other})),
              ElementsAre(0, 1));
  StoredTopic purged = topic_of_width(2);
  purged.is_purged = true;
  put_topic(purged);
  PartitionReader later(server_.table());
  EXPECT_THAT(indexes(later.some({place(0)})), IsEmpty());
}

TEST_F(DynamodbPartitionRowsTest, AnOwnersPartitionsAreFoundWhereItsMarksSay) {
  put_topic(topic_of_width(600));
  for (const std::int32_t index : {0, 255, 256, 599}) put_partition(index, kOwner, 1);
  put_partition(1, SessionId(8), 1);
  for (const std::int32_t chunk : {0, 1}) server_.put(led_chunk_key(kOwner, kTopic, chunk), {});
  server_.put(led_chunk_key(kOwner, model::TopicNo(8), 0), {});
  EXPECT_THAT(indexes(reader_.of_owner(kOwner)), ElementsAre(0, 255, 256))
      << "599 has no mark; topic 8 is gone";
}

TEST_F(DynamodbPartitionRowsTest, TopicsAreListedWithoutThoseThatArePurged) {
  for (const std::uint32_t no : {1u, 2u, 3u, 10u}) {
    StoredTopic topic{.topic = {.no = model::TopicNo(no)}};
    topic.is_purged = no == 2;
    put_topic(topic);
  }
  const auto listed = [&](std::uint32_t after, std::size_t limit) {
    std::vector<std::uint32_t> numbers;
    auto task = list_stored_topics(server_.table(), model::TopicNo(after), limit);
    for (const StoredTopic& one : *server_.run(std::move(task)))
      numbers.push_back(one.topic.no.value());
    return numbers;
  };
  EXPECT_THAT(listed(0, SIZE_MAX), ElementsAre(1u, 3u, 10u));
  EXPECT_THAT(listed(1, 1), ElementsAre(3u));
  EXPECT_THAT(listed(10, SIZE_MAX), IsEmpty());
  EXPECT_THAT(listed(0, 0), IsEmpty());
}

TEST_F(DynamodbPartitionRowsTest, ATopicIsLedWhileAnOwnerIsNotRecovered) {
  const auto is_led = [&] {
    return *server_.run(has_unrecovered_owner(server_.table(), topic_of_width(2)));
  };
  const auto put_owner = [&](SessionState state) {
    const StoredSession stored{.session = {.id = kOwner, .state = state}};
    server_.put(session_key(kOwner), item_of(stored));
  };
  EXPECT_FALSE(is_led());
  put_partition(1, kOwner, 1);
  EXPECT_TRUE(is_led()) << "by a session that is unknown";
  put_owner(SessionState::kLive);
  EXPECT_TRUE(is_led());
  put_owner(SessionState::kFencing);
  EXPECT_TRUE(is_led());
  put_owner(SessionState::kRecovered);
  EXPECT_FALSE(is_led());
}

TEST_F(DynamodbPartitionRowsTest, DamageOfOnePartitionIsHandedOnWithItAndHindersNoOther) {
  put_topic(topic_of_width(3));
  put_partition(1, kOwner, 3);
  Item damaged = item_of(Partition{.key = place(2), .epoch = LeaderEpoch(3), .owner = kOwner});
  damaged.set(kProducers, std::string("000002#") + padded(3) + "#01234567#");
  damaged.set(std::string(kProducers) + "_size", std::int64_t{5'000});
  server_.put(partition_key(place(2)), damaged);
  const auto rows = server_.run(reader_.of_topic(topic_of_width(3)));
  ASSERT_TRUE(rows.has_value());
  ASSERT_EQ(rows->size(), 3u);
  EXPECT_TRUE(segment::decode_producer_snapshot((*rows)[1].producers).has_value());
  EXPECT_FALSE(segment::decode_producer_snapshot((*rows)[2].producers).has_value())
      << "whoever would lead it finds out";
}

}  // namespace
}  // namespace streamhouse::metadata::dynamodb
