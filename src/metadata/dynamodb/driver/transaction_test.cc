// Goal: a commit carries a guard for each item that was read or must not be there, takes no more
// requests and items than it needs, and is run again while others are faster.
// Method: a table that reads out items and keeps what it is asked to write.
#include "metadata/dynamodb/driver/transaction.h"

#include <gmock/gmock.h>

#include "tests/metadata/recording_table.h"

namespace streamhouse::metadata::dynamodb {
namespace {

using base::Errc;
using testing::ElementsAre;
using testing::IsEmpty;
using Writes = Transaction::Writes;

const Key kThere{"p", "there"};
const Key kMissing{"p", "missing"};
const Key kUnread{"p", "unread"};

Item item(std::int64_t value) { return {{"n", value}}; }

class DynamodbCommitTest : public ::testing::Test {
 protected:
  DynamodbCommitTest() { server_.put(kThere, item(1)); }
  Result<Written> commit(Writes writes = Writes::kApply) {
    return server_.run(transaction_.commit(writes));
  }
  void load(std::vector<Key> keys) {
    ASSERT_TRUE(server_.run(transaction_.load(std::move(keys))).has_value());
  }
  std::size_t reads() const { return server_.asked("BatchGetItem").size(); }
  std::size_t commits() const { return server_.asked("TransactWriteItems").size(); }

  tests::RecordingTable server_;
  Transaction transaction_{server_.table()};
};

TEST_F(DynamodbCommitTest, WhatWasReadIsGuardedHoweverItIsWritten) {
  load({kThere, kMissing});
  transaction_.put(kThere, item(2));
  transaction_.put(kMissing, item(3));
  transaction_.put(kUnread, item(4));
  EXPECT_EQ(*commit(), Written::kDone);
  EXPECT_THAT(server_.newest_transaction(),
              ElementsAre("Put p missing new", "Put p there if 7", "Put p unread"));
}

TEST_F(DynamodbCommitTest, RemovalsAndChecksAreGuardedToo) {
  load({kThere, kMissing});
  transaction_.remove(kThere);
  transaction_.put_new(kUnread, item(4));
  EXPECT_EQ(*commit(), Written::kDone);
  EXPECT_THAT(server_.newest_transaction(), ElementsAre("ConditionCheck p missing new",
                                                        "Delete p there if 7", "Put p unread new"));
}

TEST_F(DynamodbCommitTest, WhatMustBeNewIsNewAlsoIfItWasReadAsThere) {
  load({kThere});
  transaction_.put_new(kThere, item(2));
  EXPECT_EQ(*commit(), Written::kDone);
  EXPECT_THAT(server_.newest_transaction(), ElementsAre("Put p there new")) << "so it is lost";
}

TEST_F(DynamodbCommitTest, TheLastWordOnAnItemCounts) {
  transaction_.put(kUnread, item(1));
  transaction_.remove(kUnread);
  transaction_.remove(kMissing);
  transaction_.put(kMissing, item(2));
  EXPECT_EQ(*commit(), Written::kDone);
  EXPECT_THAT(server_.newest_transaction(), ElementsAre("Put p missing", "Delete p unread"));
  EXPECT_EQ(server_.newest_put(kMissing)["n"]["N"], "2");
}

TEST_F(DynamodbCommitTest, WhatIsDroppedLeavesOnlyTheChecksOfWhatWasRead) {
  load({kThere, kMissing});
  transaction_.put(kThere, item(2));
  transaction_.put(kUnread, item(4));
  EXPECT_EQ(*commit(Writes::kDrop), Written::kDone);
  EXPECT_THAT(server_.newest_transaction(),
              ElementsAre("ConditionCheck p missing new", "ConditionCheck p there if 7"));
}

TEST_F(DynamodbCommitTest, OneReadOrNoneNeedsNoConfirmation) {
  EXPECT_EQ(*commit(), Written::kDone);
  load({kThere});
  EXPECT_EQ(*commit(), Written::kDone);
  EXPECT_EQ(*commit(Writes::kDrop), Written::kDone);
  EXPECT_EQ(commits(), 0u);
}

TEST_F(DynamodbCommitTest, EachItemIsReadOnce) {
  load({kThere, kThere, kMissing});
  load({kThere, kMissing});
  load({});
  EXPECT_EQ(reads(), 1u);
  EXPECT_EQ(server_.asked("BatchGetItem")[0]["RequestItems"]["t"]["Keys"].size(), 2u);
  load({kUnread, kThere});
  EXPECT_EQ(server_.asked("BatchGetItem")[1]["RequestItems"]["t"]["Keys"].size(), 1u);
  EXPECT_EQ(transaction_.size(), 3u);
}

TEST_F(DynamodbCommitTest, MoreThanAHundredItemsAreRefusedBeforeTheyAreSent) {
  for (int i = 0; i < 100; ++i) transaction_.put({"many", std::to_string(i)}, item(i));
  EXPECT_EQ(*commit(), Written::kDone);
  EXPECT_EQ(server_.newest_transaction().size(), 100u);
  load({kThere});
  EXPECT_EQ(commit().error().code, Errc::kTooLarge) << "what was only read takes part";
  EXPECT_EQ(commits(), 1u);
}

TEST_F(DynamodbCommitTest, MoreThanAHundredReadsAreNotConfirmed) {
  std::vector<Key> keys;
  for (int i = 0; i < 101; ++i) keys.push_back({"many", std::to_string(i)});
  load(keys);
  EXPECT_EQ(*commit(Writes::kDrop), Written::kDone);
  EXPECT_EQ(commits(), 0u);
}

/// Puts an item and answers how often it was run.
struct CountedPut {
  int& runs;
  std::optional<Errc> failure = {};
  Task<Result<int>> run(Transaction& transaction) const {
    SH_CO_TRY_OK(co_await transaction.load({kThere, kMissing}));
    transaction.put(kThere, item(++runs));
    if (failure) co_return base::make_error(*failure, "refused");
    co_return runs;
  }
};

TEST_F(DynamodbCommitTest, WhoeverLosesReadsAndDecidesAgain) {
  for (const char* lost : {"x#ConditionalCheckFailedException", "x#TransactionConflictException"})
    server_.refuse(lost);
  int runs = 0;
  EXPECT_EQ(*server_.run(transact(server_.table(), CountedPut{runs})), 3);
  EXPECT_EQ(reads(), 3u) << "each time anew";
  EXPECT_EQ(server_.newest_put(kThere)["n"]["N"], "3");
}

TEST_F(DynamodbCommitTest, AnAnswerThatSaysSomethingAboutTheItemsIsConfirmed) {
  for (const Errc code : {Errc::kNotFound, Errc::kExists, Errc::kConflict, Errc::kFenced,
                          Errc::kRegressed, Errc::kInvalid, Errc::kTopicNotFound, Errc::kCorrupt}) {
    const std::size_t before = commits();
    server_.refuse("x#ConditionalCheckFailedException");
    int runs = 0;
    EXPECT_EQ(server_.run(transact(server_.table(), CountedPut{runs, code})).error().code, code);
    EXPECT_EQ(runs, 2) << "the first answer rested on what was no longer so";
    EXPECT_EQ(commits(), before + 2);
    EXPECT_THAT(server_.newest_transaction(),
                ElementsAre("ConditionCheck p missing new", "ConditionCheck p there if 7"));
  }
}

TEST_F(DynamodbCommitTest, AnAnswerThatSaysNothingAboutThemIsGivenAtOnce) {
  for (const Errc code : {Errc::kUnavailable, Errc::kThrottled, Errc::kUnknownOutcome,
                          Errc::kUnsupported, Errc::kInternal, Errc::kTooLarge}) {
    int runs = 0;
    EXPECT_EQ(server_.run(transact(server_.table(), CountedPut{runs, code})).error().code, code);
    EXPECT_EQ(runs, 1);
  }
  EXPECT_EQ(commits(), 0u);
}

/// After its first run it finds the service away.
struct AwayLater {
  int& runs;
  Task<Status> run(Transaction& transaction) const {
    if (++runs > 1) co_return base::make_error(Errc::kUnavailable, "away");
    SH_CO_TRY_OK(co_await transaction.load({kThere}));
    transaction.put(kThere, item(1));
    co_return Status{};
  }
};

TEST_F(DynamodbCommitTest, ALossBehindALostAnswerMayHaveBeenASuccess) {
  int runs = 0;
  server_.refuse("x#ConditionalCheckFailedException");
  EXPECT_EQ(server_.run(transact(server_.table(), AwayLater{runs})).error().code,
            Errc::kUnavailable);
  runs = 0;
  server_.refuse("InternalServerError");
  server_.refuse("x#ConditionalCheckFailedException");
  EXPECT_EQ(server_.run(transact(server_.table(), AwayLater{runs})).error().code,
            Errc::kUnknownOutcome);
  runs = 1;
  EXPECT_EQ(
      server_.run(transact(server_.table(), AwayLater{runs}, Earlier::kMayBeApplied)).error().code,
      Errc::kUnknownOutcome);
  for (const Errc code : {Errc::kConflict, Errc::kTooLarge})
    EXPECT_EQ(behind_applied(base::make_error(code, "")).code, code);
}

TEST_F(DynamodbCommitTest, AFailureOfTheCommitIsNoLoss) {
  server_.refuse("x#ValidationException");
  int runs = 0;
  EXPECT_EQ(server_.run(transact(server_.table(), CountedPut{runs})).error().code, Errc::kInternal);
  EXPECT_EQ(runs, 1);
  EXPECT_EQ(server_.table().rows_written(), 0u);
}

}  // namespace
}  // namespace streamhouse::metadata::dynamodb
