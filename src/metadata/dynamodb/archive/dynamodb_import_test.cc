// Goal: rows of an import are cut into transactions that DynamoDB takes, each of which needs the
// mark, and what is there already stays. Method: numbers and sizes about each bound, on a table
// that keeps what it is asked to write.
#include <gmock/gmock.h>

#include "metadata/dynamodb/dynamodb_metadata_store.h"
#include "metadata/dynamodb/items/keys.h"
#include "metadata/dynamodb/items/rows.h"
#include "tests/metadata/recording_table.h"

namespace streamhouse::metadata {
namespace {

using namespace dynamodb;
using base::Errc;
using testing::ElementsAre;
using testing::IsEmpty;

Setting setting(const std::string& key, std::size_t bytes = 1) {
  return {.key = key, .value = base::Bytes(base::ByteVector(bytes, 7)), .version = 1};
}

class DynamodbImportBoundsTest : public ::testing::Test {
 protected:
  DynamodbImportBoundsTest() { server_.put(setting_key(kImportMark), item_of(setting("mark"))); }
  Status insert(const std::vector<ArchiveRow>& rows) {
    return server_.run(store_.insert_rows(rows));
  }
  /// How many items each transaction has.
  std::vector<std::size_t> transactions() const {
    std::vector<std::size_t> sizes;
    for (const auto& request : server_.asked("TransactWriteItems"))
      sizes.push_back(request["TransactItems"].size());
    return sizes;
  }

  tests::RecordingTable server_;
  DynamodbMetadataStore store_{server_.table()};
};

std::vector<ArchiveRow> settings(std::size_t count, std::size_t bytes = 1) {
  std::vector<ArchiveRow> rows;
  for (std::size_t i = 0; i < count; ++i)
    rows.push_back(setting("k" + padded(100 + static_cast<std::int64_t>(i)), bytes));
  return rows;
}

TEST_F(DynamodbImportBoundsTest, RowsOfOneItemGoByTheHundredLessMarkAndCounts) {
  EXPECT_TRUE(insert(settings(98)).has_value());
  EXPECT_THAT(transactions(), ElementsAre(98u + 1)) << "and the mark";
  EXPECT_TRUE(insert(settings(99)).has_value());
  EXPECT_THAT(transactions(), ElementsAre(99u, 99u, 2u));
}

TEST_F(DynamodbImportBoundsTest, RowsOfSeveralItemsGoInFewer) {
  std::vector<ArchiveRow> topics;
  for (std::uint32_t no = 1; no <= 33; ++no) {
    Topic topic{.no = model::TopicNo(no), .name = "t" + std::to_string(no), .partition_count = 1};
    topic.id.bytes[0] = static_cast<std::uint8_t>(no);
    topics.emplace_back(topic);
  }
  EXPECT_TRUE(insert(topics).has_value());
  EXPECT_THAT(transactions(), ElementsAre(32 * 3u + 1, 3u + 1));
}

TEST_F(DynamodbImportBoundsTest, BytesAreBoundedToo) {
  constexpr std::size_t kLarge = 350u << 10;
  EXPECT_TRUE(insert(settings(8, kLarge)).has_value());
  EXPECT_THAT(transactions(), ElementsAre(8u + 1));
  EXPECT_TRUE(insert(settings(9, kLarge)).has_value());
  EXPECT_THAT(transactions(), ElementsAre(9u, 9u, 2u)) << "2.7 MiB, and not 3.1";
}

TEST_F(DynamodbImportBoundsTest, ARowThatIsLargerThanTheBoundGoesByItself) {
  const SessionId session(9);
  server_.put(session_key(session), item_of(StoredSession{.session = {.id = session}}));
  SessionLogRow large{session, {.seq = Seq(1), .kind = RowKind::kCommit}};
  large.row.payload = base::Bytes(base::ByteVector(3u << 20, 1));
  SessionLogRow small{session, {.seq = Seq(2), .kind = RowKind::kCommit}};
  EXPECT_TRUE(insert({large, small}).has_value());
  EXPECT_EQ(transactions().size(), 2u);
  EXPECT_FALSE(server_.asked("BatchWriteItem").empty()) << "its chunks, before it";
}

TEST_F(DynamodbImportBoundsTest, EachTransactionHasRowsOfOneKind) {
  const SessionId session(9);
  EXPECT_TRUE(insert({Session{.id = session, .agent_id = "a"}, setting("k"),
                      Session{.id = SessionId(10), .agent_id = "b"}})
                  .has_value());
  EXPECT_THAT(transactions(), ElementsAre(3u, 2u, 3u)) << "a session and that it is not recovered";
}

TEST_F(DynamodbImportBoundsTest, EveryTransactionNeedsTheMark) {
  EXPECT_TRUE(insert({setting("k")}).has_value());
  EXPECT_THAT(server_.newest_transaction(),
              ElementsAre("ConditionCheck V =importing if 7", "Put V =k new"));
  tests::RecordingTable unmarked;
  DynamodbMetadataStore store(unmarked.table());
  EXPECT_EQ(unmarked.run(store.insert_rows({setting("k")})).error().code, Errc::kConflict);
  EXPECT_EQ(unmarked.run(store.insert_rows({})).error().code, Errc::kConflict);
  EXPECT_THAT(unmarked.asked("TransactWriteItems"), IsEmpty());
}

TEST_F(DynamodbImportBoundsTest, WhatIsThereStaysAsItIs) {
  server_.put(setting_key("old"), item_of(setting("old", 5)));
  EXPECT_TRUE(insert({setting("new"), setting("old")}).has_value());
  EXPECT_THAT(server_.newest_transaction(),
              ElementsAre("ConditionCheck V =importing if 7", "Put V =new new",
                          "ConditionCheck V =old if 7"));
}

TEST_F(DynamodbImportBoundsTest, TheClusterIsNoRowLikeOthers) {
  EXPECT_EQ(insert({setting("k"), ClusterRow{}}).error().code, Errc::kInvalid);
  EXPECT_THAT(server_.asked("BatchGetItem"), IsEmpty()) << "refused before anything is done";
}

TEST_F(DynamodbImportBoundsTest, ALeadersRunOfPartitionsIsMarkedOnce) {
  const SessionId session(9);
  const model::TopicNo no(3);
  const Topic topic{.no = no, .name = "t", .partition_count = 300};
  server_.put(topic_key(no), *item_of(StoredTopic{.topic = topic}));
  std::vector<ArchiveRow> rows;
  for (const std::int32_t index : {0, 1, 255, 256})
    rows.push_back(Partition{
        .key = {no, model::PartitionIndex(index)}, .epoch = LeaderEpoch(1), .owner = session});
  EXPECT_TRUE(insert(rows).has_value());
  std::vector<std::string> marks;  // DynamoDB refuses a batch that has a key twice
  for (const auto& request : server_.asked("BatchWriteItem"))
    for (const auto& write : request["RequestItems"]["t"])
      marks.push_back(write["PutRequest"]["Item"]["sk"]["S"].get<std::string>());
  EXPECT_THAT(marks, ElementsAre(topic_chunk(no, 0), topic_chunk(no, 1)));
}

TEST_F(DynamodbImportBoundsTest, NothingIsInsertedWithoutARequestToWrite) {
  EXPECT_TRUE(insert({}).has_value());
  EXPECT_THAT(transactions(), IsEmpty());
}

TEST_F(DynamodbImportBoundsTest, TotalsOfALogGoOnFromRowToRowAndVoidRowsCountForNobody) {
  const SessionId session(9);
  server_.put(session_key(session),
              item_of(StoredSession{.session = {.id = session, .trimmed_to = Seq(1)}}));
  std::vector<ArchiveRow> rows;
  for (const std::int64_t seq : {0, 1, 2, 3, 4}) {
    const RowKind kind = seq == 0 ? RowKind::kOpen : seq == 4 ? RowKind::kSeal : RowKind::kCommit;
    const LogRow row{
        .seq = Seq(seq), .kind = kind, .object_size = kind == RowKind::kCommit ? 10u : 0u};
    rows.push_back(SessionLogRow{session, row});
  }
  EXPECT_TRUE(insert(rows).has_value());
  const auto bytes = [&](std::int64_t seq) {
    return server_.newest_put(row_key(session, Seq(seq)))["bytes"]["N"].get<std::string>();
  };
  EXPECT_EQ(bytes(1), "0") << "void";
  EXPECT_EQ(bytes(2), "10");
  EXPECT_EQ(bytes(3), "20");
  EXPECT_EQ(bytes(4), "20");
  const auto sealed = server_.newest_put(session_key(session));
  EXPECT_EQ(sealed["seal"]["N"], "4");
  EXPECT_EQ(sealed["total_objects"]["N"], "2");
  EXPECT_EQ(sealed["total_bytes"]["N"], "20");
}

}  // namespace
}  // namespace streamhouse::metadata
