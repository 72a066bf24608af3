// Goal: the end of a log is found, a seal stands behind it with the totals of all commits, and what
// checkpoints show is read back. Method: items on a table that keeps what it is asked to write.
#include "metadata/dynamodb/tables/sessions.h"

#include <gmock/gmock.h>

#include "metadata/dynamodb/items/keys.h"
#include "tests/metadata/recording_table.h"

namespace streamhouse::metadata::dynamodb {
namespace {

using base::Errc;
using testing::ElementsAre;

constexpr SessionId kSession{9};

class DynamodbSessionsTest : public ::testing::Test {
 protected:
  void put_row(std::int64_t seq, RowKind kind, std::int64_t total_bytes) {
    StoredRow stored{.row = {.kind = kind}, .total_objects = seq, .total_bytes = total_bytes};
    server_.put(row_key(kSession, Seq(seq)), item_of(stored));
  }
  tests::RecordingTable server_;
};

TEST_F(DynamodbSessionsTest, TheNewestRowIsReadByItselfFromTheEnd) {
  for (std::int64_t seq = 0; seq <= 12; ++seq) put_row(seq, RowKind::kCommit, 100 * seq);
  const auto newest = server_.run(newest_row(server_.table(), kSession));
  ASSERT_TRUE(newest.has_value());
  EXPECT_EQ(newest->row.seq, Seq(12)) << "12 stands behind 9";
  EXPECT_EQ(newest->total_bytes, 1'200);
  const auto query = server_.asked("Query").at(0);
  EXPECT_EQ(query["Limit"], 1);
  EXPECT_EQ(query["ScanIndexForward"], false);
}

TEST_F(DynamodbSessionsTest, ALogWithoutRowsIsDamage) {
  EXPECT_EQ(server_.run(newest_row(server_.table(), kSession)).error().code, Errc::kCorrupt);
}

TEST_F(DynamodbSessionsTest, ASealStandsBehindTheEndAndKeepsItsTotals) {
  const StoredSession live{.session = {.id = kSession, .agent_id = "a"}, .trimmed_bytes = 50};
  server_.put(session_key(kSession), item_of(live));
  Transaction transaction(server_.table());
  const auto found = server_.run(require_session(transaction, kSession));
  ASSERT_TRUE(found.has_value());
  StoredRow end{.total_objects = 4, .total_bytes = 400};
  end.row.seq = Seq(6);
  put_seal(transaction, *found, end);
  EXPECT_EQ(*server_.run(transaction.commit(Transaction::Writes::kApply)), Written::kDone);
  EXPECT_THAT(
      server_.newest_transaction(),
      ElementsAre("Put L#0000000000000009 " + padded(7) + " new", "Put S 0000000000000009 if 7"));
  const auto row = server_.newest_put(row_key(kSession, Seq(7)));
  EXPECT_EQ(row["kind"]["S"], "S");
  EXPECT_EQ(row["objects"]["N"], "4") << "a seal is no commit";
  EXPECT_EQ(row["created"]["N"], "1000");
  EXPECT_TRUE(row.contains("payload"));
  const auto session = server_.newest_put(session_key(kSession));
  EXPECT_EQ(session["seal"]["N"], "7");
  EXPECT_EQ(session["state"]["N"], "1") << "fencing";
  EXPECT_EQ(session["total_bytes"]["N"], "400");
  EXPECT_EQ(session["trimmed_bytes"]["N"], "50");
  EXPECT_EQ(session["agent"]["S"], "a");
}

TEST_F(DynamodbSessionsTest, ASessionThatIsNotThereIsNamed) {
  Transaction transaction(server_.table());
  EXPECT_FALSE(server_.run(find_session(transaction, kSession))->has_value());
  for (const auto& answer : {server_.run(require_session(transaction, kSession)),
                             server_.run(read_session(server_.table(), kSession))}) {
    EXPECT_EQ(answer.error().code, Errc::kNotFound);
    EXPECT_TRUE(answer.error().text.contains("0000000000000009"));
  }
}

TEST_F(DynamodbSessionsTest, OnlyALiveSessionIsLive) {
  const auto code = [&] {
    Transaction transaction(server_.table());
    EXPECT_TRUE(server_.run(transaction.load({session_key(kSession)})).has_value());
    const Status live = check_live(transaction, kSession);
    return live ? std::optional<Errc>() : live.error().code;
  };
  EXPECT_EQ(code(), Errc::kFenced) << "one that is not there";
  for (const auto& [state, expected] : {std::pair(SessionState::kLive, std::optional<Errc>()),
                                        {SessionState::kFencing, Errc::kFenced},
                                        {SessionState::kRecovered, Errc::kFenced}}) {
    const StoredSession stored{.session = {.id = kSession, .state = state}};
    server_.put(session_key(kSession), item_of(stored));
    EXPECT_EQ(code(), expected);
  }
}

TEST_F(DynamodbSessionsTest, SessionsAreListedBehindTheOneBefore) {
  for (const std::uint64_t id : {1u, 9u, 10u, 200u})
    server_.put(session_key(SessionId(id)),
                item_of(StoredSession{.session = {.id = SessionId(id)}}));
  const auto ids = [&](std::uint64_t after, std::size_t limit) {
    std::vector<std::uint64_t> list;
    for (const auto& one :
         *server_.run(list_stored_sessions(server_.table(), SessionId(after), limit)))
      list.push_back(one.session.id.value());
    return list;
  };
  EXPECT_THAT(ids(0, SIZE_MAX), ElementsAre(1u, 9u, 10u, 200u));
  EXPECT_THAT(ids(9, 1), ElementsAre(10u));
  EXPECT_THAT(ids(200, 5), ElementsAre());
}

TEST_F(DynamodbSessionsTest, WhatACheckpointShowsIsReadBack) {
  const TopicPartition key{model::TopicNo(1), model::PartitionIndex(2)};
  const VisibleWatermarks shown = {{key, LeaderEpoch(3), Offset(50)}};
  EXPECT_TRUE(server_.run(visible_of(server_.table(), kSession))->empty()) << "none yet";
  server_.put(checkpoint_key(kSession), {{kVisible, encode_visible(shown)}});
  const auto read = server_.run(visible_of(server_.table(), kSession));
  ASSERT_TRUE(read.has_value());
  EXPECT_EQ(*read, shown);
  server_.put(checkpoint_key(kSession), {{kVisible, base::Bytes(std::string("damaged"))}});
  EXPECT_TRUE(server_.run(visible_of(server_.table(), kSession))->empty()) << "as none is shown";
}

}  // namespace
}  // namespace streamhouse::metadata::dynamodb
