// Goal: however reads of the store and this agent's own writes overlap, no topic goes back and none
// that was removed comes back. Method: what reads found is told in orders chosen by hand, then in
// thousands of random ones against a database that is a list of versions.

#include "cluster/catalog/topic_table.h"

#include <gtest/gtest.h>

#include <optional>
#include <random>

namespace streamhouse::cluster {
namespace {

using metadata::TopicState;
using model::TopicNo;

TopicPtr topic(std::uint32_t no, const std::string& name, std::int64_t version = 1,
               TopicState state = TopicState::kLive) {
  return std::make_shared<const metadata::Topic>(metadata::Topic{
      .no = TopicNo(no), .name = name, .partition_count = 1, .version = version, .state = state});
}

class TopicTableTest : public testing::Test {
 protected:
  /// `name:number:version` of each listed topic.
  std::string shown() const {
    std::string text;
    for (const TopicPtr& one : *table_.list()) {
      text += (text.empty() ? "" : " ") + one->name + ":" + std::to_string(one->no.value()) + ":" +
              std::to_string(one->version);
    }
    return text;
  }
  void learn(TopicPtr found) { table_.learn(std::move(found), table_.now()); }

  TopicTable table_;
};

TEST_F(TopicTableTest, ListsLiveUserTopicsByName) {
  metadata::Topic internal = *topic(3, "__consumer_offsets");
  internal.kind = metadata::TopicKind::kInternal;
  learn(std::make_shared<const metadata::Topic>(internal));
  learn(topic(2, "a"));
  learn(topic(1, "b"));
  learn(topic(4, "c", 2, TopicState::kDeleting));
  EXPECT_EQ(shown(), "a:2:1 b:1:1");
  EXPECT_NE(table_.find("__consumer_offsets"), nullptr);
  EXPECT_EQ(table_.find("c"), nullptr);
  EXPECT_NE(table_.find(TopicNo(4)), nullptr);
  ASSERT_EQ(table_.deleting().size(), 1u);
  EXPECT_EQ(table_.deleting().front()->name, "c");
}

TEST_F(TopicTableTest, FindsLiveTopicsByIdUntilTheyAreRemoved) {
  metadata::Topic orders = *topic(7, "orders");
  orders.id = {{7}};
  learn(std::make_shared<const metadata::Topic>(orders));
  ASSERT_NE(table_.find(model::TopicId{{7}}), nullptr);
  EXPECT_EQ(table_.find(model::TopicId{{7}})->name, "orders");
  EXPECT_EQ(table_.find(model::TopicId{{8}}), nullptr);
  orders.version = 2;
  orders.state = TopicState::kDeleting;
  learn(std::make_shared<const metadata::Topic>(orders));
  EXPECT_EQ(table_.find(model::TopicId{{7}}), nullptr) << "it is being deleted";
  table_.remove(TopicNo(7));
  EXPECT_EQ(table_.find(model::TopicId{{7}}), nullptr);
}

TEST_F(TopicTableTest, AListStaysWhatItWasAndIsMadeOnceAChange) {
  learn(topic(1, "a"));
  const auto before = table_.list();
  learn(topic(1, "a"));
  EXPECT_EQ(table_.list(), before) << "nothing has changed";
  learn(topic(2, "b"));
  EXPECT_EQ(before->size(), 1u);
  EXPECT_EQ(shown(), "a:1:1 b:2:1");
}

TEST_F(TopicTableTest, TheLatestVersionStaysWhateverReadEndsLast) {
  const auto begun = table_.now();
  learn(topic(1, "a", 3));
  table_.learn(topic(1, "a", 2), begun);
  EXPECT_EQ(shown(), "a:1:3");
  learn(topic(1, "a", 4, TopicState::kDeleting));
  table_.learn(topic(1, "a", 3), begun);
  EXPECT_EQ(shown(), "");
  EXPECT_EQ(table_.deleting().size(), 1u);
}

TEST_F(TopicTableTest, ARemovedTopicNeverComesBack) {
  learn(topic(1, "a"));
  const auto begun = table_.now();
  table_.remove(TopicNo(1));
  table_.remove(TopicNo(2));
  table_.learn(topic(1, "a"), begun);
  table_.learn_all({topic(1, "a"), topic(2, "b"), topic(3, "c")}, begun);
  EXPECT_EQ(shown(), "c:3:1");
  learn(topic(4, "a"));
  EXPECT_EQ(shown(), "a:4:1 c:3:1") << "a new topic of the old name";
}

TEST_F(TopicTableTest, OfTwoTopicsOfOneNameTheLaterIsMeant) {
  learn(topic(2, "a"));
  learn(topic(1, "a", 7));
  EXPECT_EQ(shown(), "a:2:1") << "the end of the first is not known yet";
  learn(topic(1, "a", 8, TopicState::kDeleting));
  table_.remove(TopicNo(1));
  EXPECT_EQ(shown(), "a:2:1");
  learn(topic(3, "a"));
  EXPECT_EQ(shown(), "a:3:1");
}

TEST_F(TopicTableTest, WhatAReadOfAllDoesNotFindIsGoneUnlessALaterReadFoundIt) {
  learn(topic(1, "gone"));
  const auto all = table_.now();
  learn(topic(2, "created"));
  table_.learn_all({topic(3, "kept")}, all);
  EXPECT_EQ(shown(), "created:2:1 kept:3:1");
  const auto later = table_.now();
  table_.learn_all({topic(3, "kept")}, later);
  EXPECT_EQ(shown(), "kept:3:1");
}

TEST_F(TopicTableTest, AReadThatBeganBeforeAReadOfAllBringsNothingThatThisDidNotFind) {
  const auto early = table_.now();
  const auto earlier_all = table_.now();
  const auto all = table_.now();
  table_.learn_all({topic(2, "b", 2)}, all);
  table_.learn(topic(1, "a"), early);
  table_.learn_all({topic(1, "a"), topic(2, "b")}, earlier_all);
  EXPECT_EQ(shown(), "b:2:2");
}

TEST_F(TopicTableTest, AfterTheDatabaseWentBackEarlierVersionsAreTakenAndRemovedOnesCanReturn) {
  learn(topic(1, "a", 5));
  learn(topic(2, "b"));
  table_.remove(TopicNo(3));
  const auto begun = table_.now();
  learn(topic(4, "own"));
  table_.distrust_before(begun);
  table_.learn_all({topic(1, "a", 2), topic(3, "c")}, begun);
  EXPECT_EQ(shown(), "a:1:2 c:3:1 own:4:1");
}

/// What the store has come to, step by step; a read sees it as it is at some moment between its
/// begin and its end.
class RandomReads {
 public:
  explicit RandomReads(std::uint64_t seed) : random_(seed) {}

  void run() {
    for (int step = 0; step < 200; ++step) act();
    while (!reads_.empty()) end_read();
    // What is told of last is what is there.
    const auto begun = table_.now();
    for (std::size_t i = 0; i < store_.size(); ++i) tell(i, begun);
    EXPECT_EQ(shown(), stored());
  }

 private:
  struct Row {
    std::int64_t version = 1;
    std::optional<TopicState> state = TopicState::kLive;  ///< nullopt = removed.
  };
  struct Read {
    TopicTable::Moment begun = 0;
    std::optional<std::size_t> row;  ///< nullopt = all.
    std::optional<std::vector<Row>> seen;
  };

  TopicPtr topic_of(std::size_t i, const Row& row) const {
    return topic(static_cast<std::uint32_t>(i + 1), std::to_string(i % 3), row.version, *row.state);
  }
  void tell(std::size_t i, TopicTable::Moment begun) {
    if (store_[i].state) {
      table_.learn(topic_of(i, store_[i]), begun);
    } else {
      table_.remove(TopicNo(static_cast<std::uint32_t>(i + 1)));
    }
  }

  void act() {
    switch (random_() % 6) {
      case 0:
        return change();
      case 1:
        return begin_read();
      case 2:
      case 3:
        for (Read& read : reads_)
          if (!read.seen && random_() % 2 == 0) read.seen = store_;
        return;
      default:
        if (!reads_.empty()) end_read();
        check();
    }
  }
  /// A name has one live topic, and a new one only when the others are removed.
  void change() {
    const std::size_t i = random_() % (store_.size() + 1);
    if (i == store_.size()) {
      for (std::size_t other = i % 3; other < i; other += 3)
        if (store_[other].state) return;
      store_.emplace_back();
    } else if (store_[i].state) {
      ++store_[i].version;
      if (store_[i].state == TopicState::kDeleting) {
        store_[i].state.reset();
      } else if (random_() % 2 == 0) {
        store_[i].state = TopicState::kDeleting;
      }
    }
    if (i < store_.size() && random_() % 2 == 0) tell(i, table_.now());  // a write of our own
  }
  void begin_read() {
    Read read{.begun = table_.now(), .row = {}, .seen = {}};
    if (!store_.empty() && random_() % 2 == 0) read.row = random_() % store_.size();
    reads_.push_back(read);
  }
  void end_read() {
    const std::size_t chosen = random_() % reads_.size();
    Read read = reads_[chosen];
    reads_.erase(reads_.begin() + static_cast<std::ptrdiff_t>(chosen));
    const std::vector<Row> seen = read.seen.value_or(store_);
    if (read.row) {
      const Row& row = seen.at(*read.row);
      if (row.state) return table_.learn(topic_of(*read.row, row), read.begun);
      return table_.remove(TopicNo(static_cast<std::uint32_t>(*read.row + 1)));
    }
    TopicList all;
    for (std::size_t i = 0; i < seen.size(); ++i)
      if (seen[i].state) all.push_back(topic_of(i, seen[i]));
    table_.learn_all(all, read.begun);
  }
  /// What was known at the last look, and still is, has not gone back.
  void check() {
    versions_.resize(store_.size());
    for (std::size_t i = 0; i < store_.size(); ++i) {
      const TopicPtr known = table_.find(TopicNo(static_cast<std::uint32_t>(i + 1)));
      EXPECT_TRUE(!known || versions_[i] <= known->version);
      EXPECT_TRUE(!known || known->version <= store_[i].version);
      versions_[i] = known ? known->version : 0;
    }
  }

  std::string shown() const {
    std::string text;
    for (const TopicPtr& one : *table_.list())
      text += std::to_string(one->no.value()) + ":" + std::to_string(one->version) + " ";
    return text;
  }
  std::string stored() const {
    std::map<std::string, std::string> by_name;
    for (std::size_t i = 0; i < store_.size(); ++i) {
      if (store_[i].state != TopicState::kLive) continue;
      by_name[std::to_string(i % 3)] =
          std::to_string(i + 1) + ":" + std::to_string(store_[i].version) + " ";
    }
    std::string text;
    for (const auto& [name, one] : by_name) text += one;
    return text;
  }

  std::mt19937_64 random_;
  std::vector<Row> store_;
  std::vector<Read> reads_;
  TopicTable table_;
  std::vector<std::int64_t> versions_;
};

TEST(TopicTableRandomTest, EndsWithWhatIsThereHoweverReadsOverlap) {
  for (std::uint64_t seed = 0; seed < 1'000; ++seed) {
    SCOPED_TRACE(seed);
    RandomReads(seed).run();
    if (HasFailure()) return;
  }
}

}  // namespace
}  // namespace streamhouse::cluster
