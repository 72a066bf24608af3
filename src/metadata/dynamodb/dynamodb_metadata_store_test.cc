// Goal: an operation that was applied says so, or that it may have been, whatever fails behind it.
// Method: the store on a table whose server fails at certain requests and reads out items that the
// test has put there; what the operations do is tested by the contract suite, on the real server.
#include "metadata/dynamodb/dynamodb_metadata_store.h"

#include <gmock/gmock.h>

#include "metadata/checked_row.h"
#include "metadata/dynamodb/items/keys.h"
#include "metadata/dynamodb/items/rows.h"
#include "metadata/dynamodb/tables/sessions.h"
#include "tests/metadata/recording_table.h"

namespace streamhouse::metadata {
namespace {

using base::Errc;
using namespace dynamodb;
using testing::IsEmpty;
using testing::SizeIs;

constexpr SessionId kSession{9};
const TopicPartition kPartition{model::TopicNo(1), model::PartitionIndex(0)};
constexpr char kLost[] = "x#ConditionalCheckFailedException";
constexpr char kAway[] = "x#AccessDeniedException";

CommitEntry any_commit() {
  return {.object_size = 10, .object_crc = 1, .spans = base::Bytes(segment::encode_span_table({}))};
}

class DynamodbMetadataStoreTest : public ::testing::Test {
 protected:
  DynamodbMetadataStoreTest() {
    server_.put(session_key(kSession),
                item_of(StoredSession{.session = {.id = kSession, .agent_id = "a"}}));
    put_row(Seq(0), RowKind::kOpen);
  }
  void put_row(Seq seq, RowKind kind) {
    StoredRow row;
    row.row = {.seq = seq, .kind = kind};
    server_.put(row_key(kSession, seq), item_of(row));
  }
  void put_led(std::int32_t count) {
    Item topic =
        item_of(
            StoredTopic{.topic = {.no = kPartition.topic, .name = "t", .partition_count = count}})
            .value();
    server_.put(topic_key(kPartition.topic), std::move(topic));
    for (std::int32_t i = 0; i < count; ++i) {
      const TopicPartition key{kPartition.topic, model::PartitionIndex(i)};
      server_.put(partition_key(key),
                  item_of(Partition{.key = key, .epoch = LeaderEpoch(1), .owner = kSession}));
    }
  }

  tests::RecordingTable server_;
  DynamodbMetadataStore store_{server_.table()};
};

TEST_F(DynamodbMetadataStoreTest, AnAppendWhoseOwnRowMayStandInItsWayIsOpen) {
  ASSERT_TRUE(server_.run(store_.append(kSession, Seq(1), any_commit())).has_value());
  server_.refuse("InternalServerError");
  server_.refuse(kLost);
  server_.refuse_reads();
  EXPECT_EQ(server_.run(store_.append(kSession, Seq(2), any_commit())).error().code,
            Errc::kUnknownOutcome)
      << "the row is there if the failure came behind it";
}

TEST_F(DynamodbMetadataStoreTest, AnAppendThatWasSurelyNotMadeSaysSo) {
  ASSERT_TRUE(server_.run(store_.append(kSession, Seq(1), any_commit())).has_value());
  server_.refuse(kLost);
  server_.refuse_reads();
  EXPECT_EQ(server_.run(store_.append(kSession, Seq(2), any_commit())).error().code,
            Errc::kUnavailable);
}

TEST_F(DynamodbMetadataStoreTest, AReleaseIsOpenOnceItsRowIsThereAndNotAllIsFreed) {
  put_led(91);
  ReleaseEntry release;
  for (std::int32_t i = 0; i < 91; ++i)
    release.partitions.push_back(
        {.partition = {kPartition.topic, model::PartitionIndex(i)}, .epoch = LeaderEpoch(1)});
  server_.refuse("");
  server_.refuse(kAway);
  EXPECT_EQ(server_.run(store_.append(kSession, Seq(1), release)).error().code,
            Errc::kUnknownOutcome);
  EXPECT_THAT(server_.asked("TransactWriteItems"), SizeIs(2));
}

TEST_F(DynamodbMetadataStoreTest, ACheckpointIsStoredThoughTheOldOnesChunksStay) {
  put_row(Seq(1), RowKind::kCommit);
  Item head = item_of(CheckpointHead{.upto_seq = Seq(0)});
  head.set(kPayload, std::string("C" + padded(0) + "#00000000#"));
  head.set(kVisible, encode_visible({}));
  server_.put(checkpoint_key(kSession), std::move(head));
  const std::string chunks = session_blobs_key(kSession);
  server_.put({chunks, "C" + padded(0) + "#00000000#" + padded(1)}, {});
  server_.refuse("");
  server_.refuse(kAway);
  EXPECT_TRUE(server_.run(store_.checkpoint(kSession, Seq(1), {})).has_value());
  EXPECT_THAT(server_.asked("BatchWriteItem"), SizeIs(1)) << "their removal was refused";
}

TEST_F(DynamodbMetadataStoreTest, WhatWasVoidedGoesWithALaterTrim) {
  StoredSession session{.session = {.id = kSession, .agent_id = "a"}};
  session.session.trimmed_to = Seq(1);
  server_.put(session_key(kSession), item_of(session));
  put_row(Seq(1), RowKind::kRelease);
  put_row(Seq(2), RowKind::kRelease);
  EXPECT_EQ(*server_.run(store_.trim(kSession, Seq(1))), Seq(1)) << "nothing new may go";
  const auto removals = server_.asked("BatchWriteItem");
  ASSERT_THAT(removals, SizeIs(1));
  EXPECT_EQ(removals[0]["RequestItems"]["t"][0]["DeleteRequest"]["Key"]["sk"]["S"], padded(1));
  server_.refuse(kAway);
  EXPECT_EQ(*server_.run(store_.trim(kSession, Seq(1))), Seq(1));
}

TEST_F(DynamodbMetadataStoreTest, LeasesAreOpenOnceSomeWereAcquired) {
  put_led(100);
  std::vector<AcquireRequest> requests;
  for (std::int32_t i = 0; i < 100; ++i) {
    const TopicPartition key{kPartition.topic, model::PartitionIndex(i)};
    server_.put(partition_key(key), item_of(Partition{.key = key}));
    requests.push_back({.key = key, .since_seq = Seq(1)});
  }
  for (const char* type : {"", "", "", kAway}) server_.refuse(type);  // marks, leases, twice
  EXPECT_EQ(server_.run(store_.acquire_leases(kSession, requests)).error().code,
            Errc::kUnknownOutcome);
  for (const char* type : {"", kAway}) server_.refuse(type);
  EXPECT_EQ(server_.run(store_.acquire_leases(kSession, requests)).error().code,
            Errc::kUnavailable);
}

TEST_F(DynamodbMetadataStoreTest, OffsetsOfAGroupThatIsGoneGoWithARepeatOfItsDeletion) {
  put_led(1);
  const CommittedOffset left{.key = kPartition, .offset = Offset(3)};
  server_.put(offset_key("g", kPartition), item_of(left, "gone"));
  const ShardGuard guard{.shard = kPartition, .owner = kSession, .epoch = LeaderEpoch(1)};
  EXPECT_TRUE(server_.run(store_.delete_group(guard, "g", 2)).has_value());
  EXPECT_THAT(server_.newest_transaction(),
              testing::Contains("Delete G#g O#0000000001#000000 if 7"));
}

/// As an item names chunks that are not there.
void lose_chunks(Item& item, const std::string& attribute, const std::string& name) {
  item.set(attribute, name + "#01234567#");
  item.set(attribute + "_size", std::int64_t{5'000});
}

TEST_F(DynamodbMetadataStoreTest, ARowWhoseChunksAreLostHindersNoOtherRow) {
  StoredRow row;
  row.row = {.seq = Seq(1), .kind = RowKind::kCommit};
  Item damaged = item_of(row);
  lose_chunks(damaged, kPayload, "L" + padded(1));
  server_.put(row_key(kSession, Seq(1)), damaged);
  put_row(Seq(2), RowKind::kCommit);
  const auto rows = server_.run(store_.tail(kSession, Seq(0), 10));
  ASSERT_TRUE(rows.has_value());
  ASSERT_THAT(*rows, SizeIs(2));
  EXPECT_THAT(rows->front().payload, IsEmpty());
  EXPECT_FALSE(segment::decode_span_table(rows->front().payload).has_value());
}

TEST_F(DynamodbMetadataStoreTest, WhatACheckpointHasShownIsNoLossIfItsChunksAre) {
  put_led(1);
  put_row(Seq(1), RowKind::kCommit);
  Item head = item_of(CheckpointHead{.upto_seq = Seq(0)});
  head.set(kPayload, base::Bytes(segment::encode_checkpoint({})));
  lose_chunks(head, kVisible, "V" + padded(0));
  server_.put(checkpoint_key(kSession), head);
  const segment::PartitionCheckpoint state{.partition = kPartition, .epoch = LeaderEpoch(1)};
  EXPECT_TRUE(server_.run(store_.get_partition(kPartition)).has_value());
  EXPECT_TRUE(server_.run(store_.checkpoint(kSession, Seq(1), {state})).has_value());
  EXPECT_TRUE(server_.run(store_.append(kSession, Seq(2), ReleaseEntry{{state}})).has_value());
}

TEST_F(DynamodbMetadataStoreTest, ARowIsPutUnseenOnlyBehindAnOwnOneOfTheLastSeconds) {
  const auto append = [&](std::int64_t seq) {
    const bool appended = server_.run(store_.append(kSession, Seq(seq), any_commit())).has_value();
    put_row(Seq(seq), RowKind::kCommit);
    return appended;
  };
  const auto puts = [&] { return server_.asked("PutItem").size(); };
  EXPECT_TRUE(append(1));
  EXPECT_TRUE(append(2));
  EXPECT_EQ(puts(), 1u) << "the first had no own one before it";
  server_.set_now(1'000 + 9'999);
  EXPECT_TRUE(append(3));
  EXPECT_EQ(puts(), 2u);
  server_.set_now(1'000 + 9'999 + 10'000);
  EXPECT_TRUE(append(4));
  EXPECT_EQ(puts(), 2u) << "the table may be another by now";
  server_.refuse(kAway);
  EXPECT_EQ(server_.run(store_.append(kSession, Seq(5), any_commit())).error().code,
            Errc::kUnavailable);
  EXPECT_EQ(puts(), 3u);
  EXPECT_TRUE(append(5));
  EXPECT_EQ(puts(), 3u) << "an error may be the beginning of that";
}

TEST_F(DynamodbMetadataStoreTest, APageOfGroupsIsFilledUpForThoseThatAreGone) {
  for (const char* id : {"a", "b", "c", "d"}) {
    server_.put(group_list_key(id), {{"id", std::string(id)}});
    if (std::string(id) != "b")
      server_.put(group_key(id), item_of(StoredGroup{.group = {.group_id = id, .commit_no = 1}}));
  }
  const auto ids = [&](const std::string& after, std::size_t limit) {
    std::string text;
    for (const Group& group : server_.run(store_.list_groups(after, limit)).value())
      text += group.group_id;
    return text;
  };
  EXPECT_EQ(ids("", 2), "ac") << "a short page would be the last";
  EXPECT_EQ(ids("c", 2), "d");
  EXPECT_EQ(ids("", 100), "acd");
}

}  // namespace
}  // namespace streamhouse::metadata
