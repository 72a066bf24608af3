// Goal: of a log goes what is covered and needed by nobody, with a dead object for each commit, and
// no more. Method: sessions, rows and log starts about each bound, on a table that keeps what it is
// asked to write.
#include "metadata/dynamodb/tables/log_prefix.h"

#include <gmock/gmock.h>

#include "metadata/dynamodb/items/keys.h"
#include "segment/object_key.h"
#include "tests/metadata/recording_table.h"

namespace streamhouse::metadata::dynamodb {
namespace {

using base::Errc;
using testing::ElementsAre;

constexpr SessionId kSession{9};
constexpr model::TopicNo kTopic{7};
const TopicPartition kZero{kTopic, model::PartitionIndex(0)};

segment::Span span(TopicPartition key, std::int64_t base, std::int64_t next) {
  return {.partition = key, .offsets = {Offset(base), Offset(next)}, .length = 1, .batch_count = 1};
}

PrefixRow commit_row(std::int64_t seq, segment::SpanTable spans) {
  PrefixRow row{.spans = std::move(spans)};
  row.stored.row = {.seq = Seq(seq), .kind = RowKind::kCommit, .object_size = 40};
  row.stored.total_objects = seq;
  row.stored.total_bytes = 40 * seq;
  return row;
}

class DynamodbLogPrefixTest : public ::testing::Test {
 protected:
  void put_topic(std::int32_t partitions) {
    const StoredTopic topic{.topic = {.no = kTopic, .partition_count = partitions}};
    server_.put(topic_key(kTopic), *item_of(topic));
  }
  void put_log_start(std::int64_t log_start) {
    server_.put(partition_key(kZero),
                item_of(Partition{.key = kZero, .log_start = Offset(log_start)}));
  }
  bool needs(const segment::SpanTable& spans) {
    SpanNeeds needs(server_.table());
    const PrefixRow row = commit_row(1, spans);
    EXPECT_TRUE(server_.run(needs.learn({row})).has_value());
    return needs.needs(row);
  }
  void put_row(const PrefixRow& row) {
    Item item = item_of(row.stored);
    item.set(kPayload, base::Bytes(segment::encode_span_table(row.spans)));
    server_.put(row_key(kSession, row.stored.row.seq), std::move(item));
  }
  Seq covered(SessionState state) {
    const Session session{.id = kSession, .state = state};
    return *server_.run(covered_to(server_.table(), session));
  }

  tests::RecordingTable server_;
};

TEST_F(DynamodbLogPrefixTest, ASpanIsNeededThatReachesAboveTheDurableLogStart) {
  put_topic(2);
  put_log_start(20);
  EXPECT_FALSE(needs({span(kZero, 10, 20)})) << "ends where the log starts";
  EXPECT_TRUE(needs({span(kZero, 10, 21)}));
  EXPECT_TRUE(needs({span(kZero, 20, 30)}));
  EXPECT_TRUE(needs({span(kZero, 0, 5), span(kZero, 20, 21)})) << "one is enough";
  EXPECT_FALSE(needs({})) << "a row without spans";
}

TEST_F(DynamodbLogPrefixTest, APartitionThatNobodyLedStartsAtNought) {
  put_topic(2);
  EXPECT_TRUE(needs({span({kTopic, model::PartitionIndex(1)}, 0, 1)}));
}

TEST_F(DynamodbLogPrefixTest, WhatIsGoneNeedsNothing) {
  EXPECT_FALSE(needs({span(kZero, 0, 1'000)})) << "the topic";
  put_topic(1);
  EXPECT_FALSE(needs({span({kTopic, model::PartitionIndex(1)}, 0, 1'000)})) << "no such partition";
}

TEST_F(DynamodbLogPrefixTest, LogStartsAreReadOncePerPartition) {
  put_topic(1);
  put_log_start(20);
  SpanNeeds needs(server_.table());
  const auto first = commit_row(1, {span(kZero, 0, 10)});
  EXPECT_TRUE(server_.run(needs.learn({first, commit_row(2, {span(kZero, 10, 20)})})).has_value());
  const std::size_t reads = server_.asked("BatchGetItem").size();
  put_log_start(0);
  EXPECT_TRUE(server_.run(needs.learn({first})).has_value());
  EXPECT_EQ(server_.asked("BatchGetItem").size(), reads);
  EXPECT_FALSE(needs.needs(first)) << "it only rises, so what was learnt stays true";
}

TEST_F(DynamodbLogPrefixTest, ALiveLogIsCoveredByItsCheckpointAndNeverToItsNewestRow) {
  for (std::int64_t seq = 0; seq <= 5; ++seq) put_row(commit_row(seq, {}));
  EXPECT_EQ(covered(SessionState::kLive), Seq(0)) << "no checkpoint";
  for (const auto& [upto, expected] : {std::pair(0, 0), {3, 3}, {4, 4}, {5, 4}}) {
    server_.put(checkpoint_key(kSession), item_of(CheckpointHead{.upto_seq = Seq(upto)}));
    EXPECT_EQ(covered(SessionState::kLive), Seq(expected)) << upto;
  }
  EXPECT_EQ(covered(SessionState::kRecovered), Seq(4)) << "everything below the seal";
}

TEST_F(DynamodbLogPrefixTest, APrefixIsReadFromItsFirstRowToItsLast) {
  for (std::int64_t seq = 1; seq <= 12; ++seq)
    put_row(commit_row(seq, {span(kZero, 10 * seq, 10 * seq + 10)}));
  const auto read = [&](std::int64_t first, std::int64_t last, std::size_t limit) {
    std::vector<std::int64_t> seqs;
    const SeqRange range{Seq(first), Seq(last)};
    for (const PrefixRow& row :
         *server_.run(read_prefix(server_.table(), kSession, range, limit))) {
      seqs.push_back(row.stored.row.seq.value());
      EXPECT_EQ(row.spans,
                (segment::SpanTable{span(kZero, 10 * seqs.back(), 10 * seqs.back() + 10)}));
    }
    return seqs;
  };
  EXPECT_THAT(read(8, 11, SIZE_MAX), ElementsAre(8, 9, 10, 11));
  EXPECT_THAT(read(8, 11, 2), ElementsAre(8, 9));
  EXPECT_THAT(read(12, 99, SIZE_MAX), ElementsAre(12));
  const std::size_t queries = server_.asked("Query").size();
  EXPECT_THAT(read(9, 8, SIZE_MAX), ElementsAre());
  EXPECT_EQ(server_.asked("Query").size(), queries) << "DynamoDB refuses a range that is none";
}

TEST_F(DynamodbLogPrefixTest, ARowWhoseSpansAreDamagedIsNamed) {
  put_row(commit_row(3, {}));
  Item damaged = item_of(commit_row(3, {}).stored);
  damaged.set(kPayload, base::Bytes(std::string("damaged")));
  server_.put(row_key(kSession, Seq(3)), damaged);
  const auto read = server_.run(read_prefix(server_.table(), kSession, {Seq(1), Seq(3)}, SIZE_MAX));
  EXPECT_EQ(read.error().code, Errc::kCorrupt);
  EXPECT_TRUE(read.error().text.contains("row 3 of session")) << read.error().text;
}

TEST_F(DynamodbLogPrefixTest, VoidRowsLeaveADeadObjectForEachCommitAndTheirTotals) {
  std::vector<PrefixRow> rows = {commit_row(4, {}), commit_row(5, {})};
  rows.push_back(commit_row(6, {}));
  rows.back().stored.row.kind = RowKind::kRelease;
  const StoredSession session{.session = {.id = kSession, .trimmed_to = Seq(3)}};
  server_.put(session_key(kSession), item_of(session));
  Transaction transaction(server_.table());
  EXPECT_TRUE(server_.run(require_session(transaction, kSession)).has_value());
  ObjectCounts counts;
  void_prefix(transaction, session, rows, counts);
  EXPECT_TRUE(server_.run(counts.store(transaction)).has_value());
  EXPECT_EQ(*server_.run(transaction.commit(Transaction::Writes::kApply)), Written::kDone);
  const std::string fourth = segment::object_key(kSession, Seq(4));
  const std::string fifth = segment::object_key(kSession, Seq(5));
  EXPECT_THAT(server_.newest_transaction(),
              testing::UnorderedElementsAre("Put K objects new", "Put OD =" + fourth,
                                            "Put OD =" + fifth, "Put S 0000000000000009 if 7"));
  const auto trimmed = server_.newest_put(session_key(kSession));
  EXPECT_EQ(trimmed["trimmed"]["N"], "6");
  EXPECT_EQ(trimmed["trimmed_objects"]["N"], "6");
  EXPECT_EQ(trimmed["trimmed_bytes"]["N"], "240");
  EXPECT_EQ(server_.newest_put(dead_object_key(fifth))["size"]["N"], "40");
  EXPECT_EQ(server_.newest_put(object_counts_key())["dead_flushed"]["N"], "2");
  EXPECT_EQ(server_.newest_put(object_counts_key())["dead_flushed_bytes"]["N"], "80");
}

TEST_F(DynamodbLogPrefixTest, VoidRowsAreRemovedWithTheirChunksAndNoOthers) {
  for (const std::int64_t seq : {0, 1, 2, 3}) put_row(commit_row(seq, {}));
  const std::string pk = session_blobs_key(kSession);
  for (const char* kind : {"C", "L", "V"})
    for (const std::int64_t seq : {2, 3}) server_.put({pk, kind + padded(seq) + "#01234567#1"}, {});
  server_.run(remove_void_rows(server_.table(), kSession, Seq(2)));
  std::vector<std::string> removed;
  for (const auto& request : server_.asked("BatchWriteItem"))
    for (const auto& one : request["RequestItems"]["t"])
      removed.push_back(one["DeleteRequest"]["Key"]["sk"]["S"].get<std::string>());
  EXPECT_THAT(removed, ElementsAre(padded(1), padded(2), "L" + padded(2) + "#01234567#1"))
      << "row 0 stays, and checkpoints";
}

}  // namespace
}  // namespace streamhouse::metadata::dynamodb
