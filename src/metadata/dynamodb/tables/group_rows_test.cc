// Goal: a group's writes are fenced by its shard and follow one another, and what a large commit
// leaves pending is read back as it was or refused. Method: states of shard and group on a table
// that keeps what it is asked to write; packed offsets cut at every byte.
#include "metadata/dynamodb/tables/group_rows.h"

#include <gmock/gmock.h>

#include "metadata/dynamodb/items/keys.h"
#include "tests/metadata/recording_table.h"

namespace streamhouse::metadata::dynamodb {
namespace {

using base::Errc;
using testing::ElementsAre;

TEST(DynamodbGroupRowsTest, PackedOffsetsComeBackAsTheyWere) {
  CommittedOffset offset{.key = {model::TopicNo(1), model::PartitionIndex(2)},
                         .offset = Offset(300),
                         .metadata = "x",
                         .committed_ms = 7};
  std::vector<OffsetWrite> writes = {{offset.key, offset}};
  offset.expires_ms = 9;
  writes.push_back({offset.key, offset});
  writes.push_back({.key = {model::TopicNo(4'000'000'000), model::PartitionIndex(99'999)}});
  const base::Bytes packed = encode_offsets(writes);
  const auto read = decode_offsets(packed);
  ASSERT_TRUE(read.has_value());
  ASSERT_EQ(read->size(), 3u);
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_EQ((*read)[i].key, writes[i].key);
    EXPECT_EQ((*read)[i].offset, writes[i].offset);
  }
  for (std::size_t size = 1; size < packed.size(); ++size) {
    const auto cut = decode_offsets(packed.view().first(size));
    EXPECT_TRUE(!cut || cut->size() < 3) << size;
  }
}

TEST(DynamodbGroupRowsTest, PendingOffsetsOfAnyBytesAreReadOrRefused) {
  base::ByteVector bytes;
  std::uint32_t state = 1;
  int refused = 0;
  for (int round = 0; round < 2'000; ++round) {
    bytes.clear();
    for (int i = 0; i < round % 40; ++i) {
      state = state * 1'664'525 + 1'013'904'223;
      bytes.push_back(static_cast<std::uint8_t>(state >> 24));
    }
    const auto read = decode_offsets(base::BytesView(bytes));
    refused += read ? 0 : 1;
    if (!read) EXPECT_EQ(read.error().code, base::Errc::kCorrupt);
  }
  EXPECT_GT(refused, 100);
  EXPECT_TRUE(decode_offsets({})->empty());
}

TEST(DynamodbGroupRowsTest, PackedOffsetsAreWhatTheTableForPeopleSays) {
  CommittedOffset offset{.key = {model::TopicNo(1), model::PartitionIndex(2)},
                         .offset = Offset(3),
                         .leader_epoch = LeaderEpoch(-1),
                         .metadata = "m",
                         .committed_ms = 5};
  const OffsetWrite kept{offset.key, offset};
  offset.expires_ms = 6;
  const OffsetWrite expires{offset.key, offset};
  const auto bytes = [](const OffsetWrite& write) {
    return base::to_vector(encode_offsets({write}).view());
  };
  EXPECT_EQ(bytes({.key = offset.key}), (base::ByteVector{2, 4, 0}));
  EXPECT_EQ(bytes(kept), (base::ByteVector{2, 4, 2, 6, 1, 10, 2, 'm'}));
  EXPECT_EQ(bytes(expires), (base::ByteVector{2, 4, 4, 6, 1, 10, 12, 2, 'm'}));
}

TEST(DynamodbGroupRowsTest, MetadataThatIsLongerThanWhatFollowsIsRefused) {
  for (const int size : {1, 3, 126}) {  // -1, -2, 63
    const base::ByteVector bytes = {2, 4, 2, 6, 1, 10, static_cast<std::uint8_t>(size), 'm'};
    EXPECT_EQ(decode_offsets(bytes).error().code, Errc::kCorrupt) << size;
  }
}

TEST(DynamodbGroupRowsTest, AGroupHasAnIdAndNumbersFromOne) {
  EXPECT_TRUE(check_group_form("g", 1).has_value());
  EXPECT_EQ(check_group_form("", 1).error().code, Errc::kInvalid);
  EXPECT_EQ(check_group_form("g", 0).error().code, Errc::kInvalid);
  EXPECT_EQ(check_group_form("g", -1).error().code, Errc::kInvalid);
}

constexpr SessionId kOwner{9};
const TopicPartition kShard{model::TopicNo(1), model::PartitionIndex(0)};
const ShardGuard kGuard{.shard = kShard, .owner = kOwner, .epoch = LeaderEpoch(3)};

class DynamodbGroupGuardTest : public ::testing::Test {
 protected:
  DynamodbGroupGuardTest() { put_shard(kOwner, 3); }
  void put_shard(SessionId owner, std::int32_t epoch) {
    server_.put(partition_key(kShard),
                item_of(Partition{.key = kShard, .epoch = LeaderEpoch(epoch), .owner = owner}));
  }
  void put_group(std::int64_t commit_no, bool is_pending = false) {
    StoredGroup group{.group = {.group_id = "g", .commit_no = commit_no, .state = "Stable"}};
    group.group.created_ms = 5;
    group.incarnation = "life";
    group.written_under = LeaderEpoch(3);
    Item item = item_of(group);
    if (is_pending) item.set(kPending, base::Bytes(std::string("x")));
    server_.put(group_key("g"), std::move(item));
  }
  void put_floor(std::int32_t epoch, std::int64_t commit_no) {
    server_.put(floor_key(kShard),
                item_of(StoredGroupFloor{kShard, LeaderEpoch(epoch), commit_no}));
  }
  Status guarded(Transaction& transaction) {
    return server_.run(check_guard(transaction, kGuard, "g"));
  }
  Result<GroupWrite> check(std::int64_t commit_no) {
    Transaction transaction(server_.table());
    EXPECT_TRUE(guarded(transaction).has_value());
    const StoredGroup wanted{.group = {.group_id = "g", .commit_no = commit_no}};
    return server_.run(check_commit_no(transaction, kGuard, wanted));
  }

  tests::RecordingTable server_;
};

TEST_F(DynamodbGroupGuardTest, OnlyTheOwnerUnderItsEpochPasses) {
  Transaction own(server_.table());
  EXPECT_TRUE(guarded(own).has_value());
  for (const auto& [owner, epoch] :
       {std::pair(SessionId(8), 3), {kOwner, 2}, {kOwner, 4}, {model::kNoSession, 3}}) {
    put_shard(owner, epoch);
    Transaction other(server_.table());
    EXPECT_EQ(guarded(other).error().code, Errc::kFenced) << owner.value() << " " << epoch;
  }
  tests::RecordingTable empty;
  Transaction never_led(empty.table());
  EXPECT_EQ(empty.run(check_guard(never_led, kGuard, "g")).error().code, Errc::kFenced);
}

TEST_F(DynamodbGroupGuardTest, ANumberIsTheStoredOneOrFollowsIt) {
  put_group(5);
  EXPECT_EQ(*check(5), GroupWrite::kDone);
  EXPECT_EQ(*check(6), GroupWrite::kApply);
  for (const std::int64_t other : {1, 4, 7, 99})
    EXPECT_EQ(check(other).error().code, Errc::kConflict);
}

TEST_F(DynamodbGroupGuardTest, NothingIsAddedToWhatIsStillPending) {
  put_group(5, true);
  EXPECT_EQ(*check(5), GroupWrite::kDone);
  EXPECT_EQ(check(6).error().code, Errc::kUnavailable);
  EXPECT_EQ(check(7).error().code, Errc::kConflict);
}

TEST_F(DynamodbGroupGuardTest, ANewGroupBeginsAboveTheFloorOfTheEpoch) {
  EXPECT_EQ(*check(1), GroupWrite::kCreate);
  put_floor(3, 8);
  EXPECT_EQ(check(8).error().code, Errc::kConflict) << "a deleted group had it";
  EXPECT_EQ(*check(9), GroupWrite::kCreate);
  EXPECT_EQ(*check(99), GroupWrite::kCreate);
  put_floor(2, 8);
  EXPECT_EQ(*check(1), GroupWrite::kCreate) << "another epoch's floor does not count";
}

TEST_F(DynamodbGroupGuardTest, AGroupKeepsWhatAWriteDoesNotName) {
  put_group(5);
  Transaction transaction(server_.table());
  EXPECT_TRUE(guarded(transaction).has_value());
  const StoredGroup next = next_group(transaction, kGuard, "g", 6);
  EXPECT_EQ(next.group.commit_no, 6);
  EXPECT_EQ(next.group.state, "Stable");
  EXPECT_EQ(next.group.created_ms, 5);
  EXPECT_EQ(next.group.updated_ms, 1'000);
  EXPECT_EQ(next.incarnation, "life");
  EXPECT_EQ(next.written_under, kGuard.epoch);
}

TEST_F(DynamodbGroupGuardTest, TheNumberOfACoordinatorBeforeIsNoOwnSuccess) {
  for (const LeaderEpoch epoch : {LeaderEpoch(1), LeaderEpoch(-1)}) {
    StoredGroup group{.group = {.group_id = "g", .commit_no = 5}, .written_under = epoch};
    server_.put(group_key("g"), item_of(group));
    EXPECT_EQ(check(5).error().code, Errc::kConflict) << "the write would be dropped";
    EXPECT_EQ(*check(6), GroupWrite::kApply);
  }
}

TEST_F(DynamodbGroupGuardTest, AGroupThatAppearsIsListedAndInTheFeed) {
  Transaction transaction(server_.table());
  EXPECT_TRUE(guarded(transaction).has_value());
  const StoredGroup fresh = next_group(transaction, kGuard, "g", 1);
  EXPECT_EQ(fresh.group.state, "Empty");
  const Item others{{kPending, base::Bytes(std::string("x"))}};
  auto store = store_group(transaction, GroupWrite::kCreate, fresh, others);
  EXPECT_TRUE(server_.run(std::move(store)).has_value());
  EXPECT_EQ(*server_.run(transaction.commit(Transaction::Writes::kApply)), Written::kDone);
  EXPECT_THAT(
      server_.newest_transaction(),
      ElementsAre("Put G#g M new", "Put GL =g", "ConditionCheck P#0000000001#0000 000000 if 7",
                  "Put X " + padded(1) + " new", "Put X head new"));
  EXPECT_NE(server_.newest_put(group_key("g"))["group"]["S"], "") << "a life of its own";
  EXPECT_TRUE(server_.newest_put(group_key("g")).contains(kPending));
}

TEST_F(DynamodbGroupGuardTest, WhatIsPendingIsSpreadByNinetyAndTheLastEndsIt) {
  std::vector<OffsetWrite> writes;
  for (std::int32_t i = 0; i < 91; ++i) {
    const TopicPartition key{model::TopicNo(1), model::PartitionIndex(i)};
    writes.push_back({.key = key});
    if (i % 2 == 0) writes.back().offset = CommittedOffset{.key = key, .offset = Offset(i)};
  }
  put_group(5);
  EXPECT_TRUE(server_.run(spread_pending(server_.table(), "g")).has_value());
  EXPECT_TRUE(server_.asked("TransactWriteItems").empty()) << "nothing is pending";
  StoredGroup group{.group = {.group_id = "g", .commit_no = 6}, .incarnation = "life"};
  Item item = item_of(group);
  item.set(kPending, encode_offsets(writes));
  server_.put(group_key("g"), std::move(item));
  EXPECT_TRUE(server_.run(spread_pending(server_.table(), "g")).has_value());
  const auto transactions = server_.asked("TransactWriteItems");
  ASSERT_EQ(transactions.size(), 2u);
  EXPECT_EQ(transactions[0]["TransactItems"].size(), kOffsetsMax + 1);
  EXPECT_THAT(server_.newest_transaction(),
              ElementsAre("Put G#g M if 7", "Put G#g O#0000000001#000090"));
  EXPECT_FALSE(server_.newest_put(group_key("g")).contains(kPending));
  EXPECT_EQ(server_.newest_put({"G#g", "O#0000000001#000090"})["group"]["S"], "life");
}

TEST_F(DynamodbGroupGuardTest, OffsetsOfThePresentLifeStay) {
  put_group(5);
  for (const auto& [index, life] : {std::pair(1, "gone"), {2, "life"}, {3, "older"}}) {
    const CommittedOffset offset{.key = {model::TopicNo(1), model::PartitionIndex(index)}};
    server_.put(offset_key("g", offset.key), item_of(offset, life));
  }
  EXPECT_TRUE(server_.run(remove_old_offsets(server_.table(), "g")).has_value());
  EXPECT_THAT(server_.newest_transaction(),
              ElementsAre("ConditionCheck G#g M if 7", "Delete G#g O#0000000001#000001 if 7",
                          "ConditionCheck G#g O#0000000001#000002 if 7",
                          "Delete G#g O#0000000001#000003 if 7"));
}

}  // namespace
}  // namespace streamhouse::metadata::dynamodb
