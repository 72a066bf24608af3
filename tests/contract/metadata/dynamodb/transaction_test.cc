// Goal: transactions over items are serialisable: no update is lost, nobody decides on what is no
// longer so, and what cannot be done as one transaction is refused.
// Method: the real server that scripts/with_dynamodb starts; other writers strike between the reads
// and the commit of a transaction, or many run at once.
#include "metadata/dynamodb/driver/transaction.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>

#include "runtime/task_group.h"
#include "tests/metadata/dynamodb_process.h"

namespace streamhouse::metadata::dynamodb {
namespace {

using base::Errc;

const Key kOne{"test", "1"};
const Key kTwo{"test", "2"};

Item number(std::int64_t value) {
  Item item;
  item.set("n", value);
  return item;
}

class DynamodbTransactionTest : public ::testing::Test {
 protected:
  DynamodbTransactionTest() { tests::prepare(runtime_, table_); }

  template <class T>
  Result<T> run(Task<Result<T>> task) {
    return runtime::run_task(runtime_, std::move(task));
  }
  void put(const Key& key, std::int64_t value) {
    EXPECT_TRUE(run(table_.put({.key = key, .item = number(value)})).has_value());
  }
  void remove(const Key& key) {
    EXPECT_TRUE(run(table_.write_all({{.kind = Write::Kind::kRemove, .key = key}})).has_value());
  }
  /// -1 if there is none.
  std::int64_t value(const Key& key) {
    const auto item = run(table_.get(key));
    return item && *item ? (*item)->number("n") : -1;
  }
  std::int64_t read(Transaction& transaction, const Key& key) {
    const auto item = run(transaction.get(key));
    return item && *item ? (*item)->number("n") : -1;
  }
  Written commit(Transaction& transaction,
                 Transaction::Writes writes = Transaction::Writes::kApply) {
    const auto written = run(transaction.commit(writes));
    EXPECT_TRUE(written.has_value()) << to_string(written.error());
    return written.value_or(Written::kLost);
  }

  runtime::AsioRuntime runtime_;
  tests::DynamodbProcess process_{runtime_};
  Table table_{process_.client, tests::new_table_name(), Access::kReadWrite};
};

TEST_F(DynamodbTransactionTest, AppliesAllItsWritesOrNone) {
  put(kTwo, 2);
  Transaction good(table_);
  good.put_new(kOne, number(1));
  good.remove(kTwo);
  EXPECT_EQ(commit(good), Written::kDone);
  EXPECT_EQ(value(kOne), 1);
  EXPECT_EQ(value(kTwo), -1);
  Transaction bad(table_);
  bad.put(kTwo, number(5));
  bad.put_new(kOne, number(6));
  EXPECT_EQ(commit(bad), Written::kLost);
  EXPECT_EQ(value(kOne), 1);
  EXPECT_EQ(value(kTwo), -1);
}

TEST_F(DynamodbTransactionTest, LosesWhenWhatItOverwritesHasChanged) {
  put(kOne, 1);
  Transaction transaction(table_);
  EXPECT_EQ(read(transaction, kOne), 1);
  put(kOne, 10);
  transaction.put(kOne, number(2));
  EXPECT_EQ(commit(transaction), Written::kLost);
  EXPECT_EQ(value(kOne), 10);
}

TEST_F(DynamodbTransactionTest, LosesWhenWhatItOnlyReadHasChanged) {
  put(kOne, 1);
  put(kTwo, 1);
  Transaction transaction(table_);
  EXPECT_EQ(read(transaction, kOne), 1);
  transaction.put(kTwo, number(2));
  put(kOne, 0);
  EXPECT_EQ(commit(transaction), Written::kLost) << "two that each read the other's item skew";
  EXPECT_EQ(value(kTwo), 1);
}

TEST_F(DynamodbTransactionTest, LosesWhenWhatWasMissingHasAppeared) {
  Transaction transaction(table_);
  EXPECT_EQ(read(transaction, kOne), -1);
  transaction.put(kTwo, number(2));
  put(kOne, 1);
  EXPECT_EQ(commit(transaction), Written::kLost);
  EXPECT_EQ(value(kTwo), -1);
}

TEST_F(DynamodbTransactionTest, LosesWhenWhatWasThereHasGoneOrComeBack) {
  put(kOne, 1);
  Transaction gone(table_);
  EXPECT_EQ(read(gone, kOne), 1);
  gone.put(kTwo, number(2));
  remove(kOne);
  EXPECT_EQ(commit(gone), Written::kLost);
  put(kOne, 1);
  Transaction again(table_);
  EXPECT_EQ(read(again, kOne), 1);
  again.put(kTwo, number(2));
  remove(kOne);
  put(kOne, 1);
  EXPECT_EQ(commit(again), Written::kLost) << "the same content is another item";
  EXPECT_EQ(value(kTwo), -1);
}

TEST_F(DynamodbTransactionTest, ReadsOfOneMomentAreConfirmedWithoutWrites) {
  put(kOne, 1);
  put(kTwo, 2);
  Transaction still(table_);
  EXPECT_EQ(read(still, kOne), 1);
  EXPECT_EQ(read(still, kTwo), 2);
  EXPECT_EQ(commit(still), Written::kDone);
  Transaction torn(table_);
  EXPECT_EQ(read(torn, kOne), 1);
  put(kOne, 10);
  put(kTwo, 20);
  EXPECT_EQ(read(torn, kTwo), 20);
  EXPECT_EQ(commit(torn), Written::kLost) << "1 and 20 never stood there together";
}

TEST_F(DynamodbTransactionTest, ADroppedTransactionWritesNothing) {
  put(kOne, 1);
  Transaction transaction(table_);
  EXPECT_EQ(read(transaction, kOne), 1);
  EXPECT_EQ(read(transaction, kTwo), -1);
  transaction.put(kOne, number(9));
  transaction.put(kTwo, number(9));
  EXPECT_EQ(commit(transaction, Transaction::Writes::kDrop), Written::kDone);
  EXPECT_EQ(value(kOne), 1);
  EXPECT_EQ(value(kTwo), -1);
}

TEST_F(DynamodbTransactionTest, WhatItReadOnceItRemembers) {
  put(kOne, 1);
  Transaction transaction(table_);
  EXPECT_EQ(read(transaction, kOne), 1);
  put(kOne, 2);
  EXPECT_EQ(read(transaction, kOne), 1);
  EXPECT_TRUE(run(transaction.load({kOne, kOne, kTwo})).has_value()) << "each key once";
  EXPECT_EQ(transaction.find(kOne)->number("n"), 1);
  EXPECT_EQ(transaction.find(kTwo), nullptr);
  EXPECT_EQ(transaction.size(), 2u);
}

TEST_F(DynamodbTransactionTest, TakesAHundredItemsAndNotOneMore) {
  for (const int count : {100, 101}) {
    Transaction transaction(table_);
    for (int i = 0; i < count; ++i) transaction.put({"many", std::to_string(i)}, number(count));
    const auto written = run(transaction.commit(Transaction::Writes::kApply));
    EXPECT_EQ(written.has_value(), count == 100);
    if (!written) EXPECT_EQ(written.error().code, Errc::kTooLarge);
  }
  EXPECT_EQ(value({"many", "99"}), 100);
}

TEST_F(DynamodbTransactionTest, AnItemThatIsTooLargeSaysSo) {
  constexpr std::size_t kDynamodbTakes = 400u << 10;
  Item item;
  item.set("b", base::Bytes(base::ByteVector(kDynamodbTakes + 1)));
  EXPECT_EQ(run(table_.put({.key = kOne, .item = item})).error().code, Errc::kTooLarge);
  Transaction transaction(table_);
  transaction.put(kOne, item);
  EXPECT_EQ(run(transaction.commit(Transaction::Writes::kApply)).error().code, Errc::kTooLarge);
}

/// Adds to a counter; `meanwhile` is called between its read and its commit.
struct Add {
  Key key;
  std::int64_t amount;
  std::function<void()> meanwhile = {};

  Task<Result<std::int64_t>> run(Transaction& transaction) const {
    SH_CO_TRY(const Item* const item, co_await transaction.get(key));
    const std::int64_t sum = (item ? item->number("n") : 0) + amount;
    if (meanwhile) meanwhile();
    transaction.put(key, number(sum));
    co_return sum;
  }
};

Task<void> add_often(Table& table, int times, std::vector<std::int64_t>& sums) {
  for (int i = 0; i < times; ++i) {
    const auto sum = co_await transact(table, Add{.key = kOne, .amount = 1});
    if (sum) sums.push_back(*sum);
  }
}

TEST_F(DynamodbTransactionTest, ManyAtOnceLoseNoUpdate) {
  constexpr int kWriters = 4;
  constexpr int kTimes = 15;
  std::vector<std::int64_t> sums;
  runtime::TaskGroup group(runtime_);
  for (int i = 0; i < kWriters; ++i) group.spawn(add_often(table_, kTimes, sums));
  runtime_.run_until_ended(group.close());
  ASSERT_EQ(sums.size(), static_cast<std::size_t>(kWriters * kTimes));
  std::ranges::sort(sums);
  for (std::size_t i = 0; i < sums.size(); ++i)
    EXPECT_EQ(sums[i], static_cast<std::int64_t>(i) + 1) << "each sum was answered once";
  EXPECT_EQ(value(kOne), kWriters * kTimes);
}

/// Refuses unless the two are alike; others change them, alike, between its reads.
struct Compare {
  Table& table;
  int& attempts;

  Task<Status> run(Transaction& transaction) const {
    SH_CO_TRY(const Item* const one, co_await transaction.get(kOne));
    const std::int64_t first = one->number("n");
    if (++attempts == 1) {
      SH_CO_TRY_OK(co_await table.put({.key = kOne, .item = number(first + 1)}));
      SH_CO_TRY_OK(co_await table.put({.key = kTwo, .item = number(first + 1)}));
    }
    SH_CO_TRY(const Item* const two, co_await transaction.get(kTwo));
    if (first == two->number("n")) co_return Status{};
    co_return base::make_error(Errc::kConflict, "they differ");
  }
};

TEST_F(DynamodbTransactionTest, AnErrorThatRestsOnTornReadsIsNotAnswered) {
  put(kOne, 5);
  put(kTwo, 5);
  int attempts = 0;
  EXPECT_TRUE(run(transact(table_, Compare{table_, attempts})).has_value());
  EXPECT_EQ(attempts, 2);
}

/// Fails as a service that is away does.
struct Unavailable {
  Task<Status> run(Transaction& transaction) const {
    SH_CO_TRY_OK(co_await transaction.load({kOne, kTwo}));
    transaction.put(kOne, number(1));
    co_return base::make_error(Errc::kUnavailable, "away");
  }
};

TEST_F(DynamodbTransactionTest, AnErrorOfTheWayIsAnsweredAndNothingIsWritten) {
  EXPECT_EQ(run(transact(table_, Unavailable{})).error().code, Errc::kUnavailable);
  EXPECT_EQ(value(kOne), -1);
}

TEST_F(DynamodbTransactionTest, AReaderConfirmsNothingSinceThatWouldBeAWrite) {
  put(kOne, 1);
  Table reader(process_.client, table_.name(), Access::kReadOnly);
  Transaction transaction(reader);
  EXPECT_EQ(read(transaction, kOne), 1);
  EXPECT_EQ(read(transaction, kTwo), -1);
  EXPECT_EQ(commit(transaction), Written::kDone);
  transaction.put(kTwo, number(2));
  EXPECT_EQ(run(transaction.commit(Transaction::Writes::kApply)).error().code, Errc::kUnsupported);
  EXPECT_EQ(value(kTwo), -1);
}

TEST_F(DynamodbTransactionTest, ALatePutUnderAGuardLosesAgainstTheFirst) {
  const Guard absent{.kind = Guard::Kind::kAbsent};
  EXPECT_EQ(*run(table_.put({.key = kOne, .item = number(1), .guard = absent})), Written::kDone);
  EXPECT_EQ(*run(table_.put({.key = kOne, .item = number(2), .guard = absent})), Written::kLost);
  EXPECT_EQ(value(kOne), 1);
}

TEST_F(DynamodbTransactionTest, RangesAreInTheOrderOfTheirBytes) {
  std::vector<Write> writes;
  for (const char* sk : {"a", "b", "b#1", "b#2", "b$", "c", "\xc3\xbf"})
    writes.push_back({.key = {"range", sk}});
  ASSERT_TRUE(run(table_.write_all(writes)).has_value());
  const auto texts = [&](const Range& range) {
    std::string text;
    for (const Item& item : *run(table_.query(range))) text += item.text(kSortKey) + " ";
    return text;
  };
  EXPECT_EQ(texts(Range::whole("range")), "a b b#1 b#2 b$ c \xc3\xbf ");
  EXPECT_EQ(texts(Range::after("range", "b")), "b#1 b#2 b$ c \xc3\xbf ");
  EXPECT_EQ(texts(Range::prefix("range", "b#")), "b#1 b#2 ");
  EXPECT_EQ(texts(Range::between("range", "b", "b$")), "b b#1 b#2 b$ ");
  EXPECT_EQ(texts(Range::whole("range").limited(2).backward()), "\xc3\xbf c ");
  EXPECT_EQ(texts(Range::whole("nothing")), "");
}

TEST_F(DynamodbTransactionTest, AQueryReadsMoreThanAPageHolds) {
  constexpr int kItems = 12;
  std::vector<Write> writes;
  for (int i = 0; i < kItems; ++i) {
    Item item;
    item.set("b", base::Bytes(base::ByteVector(300'000, static_cast<std::uint8_t>(i))));
    writes.push_back({.key = {"large", std::to_string(100 + i)}, .item = item});
  }
  ASSERT_TRUE(run(table_.write_all(writes)).has_value());
  const auto items = run(table_.query(Range::whole("large")));
  ASSERT_TRUE(items.has_value());
  ASSERT_EQ(items->size(), static_cast<std::size_t>(kItems));
  for (int i = 0; i < kItems; ++i)
    EXPECT_EQ((*items)[static_cast<std::size_t>(i)].bytes("b").view()[299'999], i);
}

}  // namespace
}  // namespace streamhouse::metadata::dynamodb
