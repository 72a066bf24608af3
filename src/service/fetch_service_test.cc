// Goal: a reader finds its start by every kind of position and reads by topic name; what is
// not there, not led or out of range has an error of its own. Method: a whole session scope;
// records are read back out of objects.

#include "service/fetch_service.h"

#include <gmock/gmock.h>

#include "tests/service/scope_world.h"

namespace streamhouse::service {
namespace {

using core_testing::milliseconds;
using core_testing::seconds;
using model::Offset;
using model::PartitionIndex;

class FetchServiceTest : public service_testing::ScopeWorld {
 protected:
  /// Where a read of partition 0 starts, or the error.
  std::string start(StartPosition position) {
    const auto range = wait(service_.resolve("orders", PartitionIndex(0), std::move(position)));
    return range ? std::to_string(range->start.value()) : outcome(range);
  }
  void commit_position(std::int64_t offset) {
    ASSERT_TRUE(wait(groups_.commit(
        "readers",
        {{.topic = "orders", .partition = PartitionIndex(0), .offset = Offset(offset)}})));
  }
  base::Result<fetch::Fetched> fetch(const std::string& topic, std::int32_t partition,
                                     std::int64_t offset, std::size_t bytes_max = 1u << 20) {
    return wait(service_.fetch(topic, PartitionIndex(partition), Offset(offset), bytes_max, {}));
  }
  base::Result<Offset> high_watermark(std::int32_t partition) {
    return wait(service_.high_watermark("orders", PartitionIndex(partition)));
  }
  static std::vector<std::int64_t> bases(const fetch::Fetched& fetched) {
    std::vector<std::int64_t> all;
    for (const base::Bytes& run : fetched.batches) {
      model::BatchCursor cursor(run);
      for (auto batch = cursor.next(); batch && *batch; batch = cursor.next()) {
        all.push_back((*batch)->base_offset().value());
      }
    }
    return all;
  }

  GroupService groups_{{metadata_, topics_, current_}};
  FetchService service_{{agent_, metadata_, topics_, current_, groups_}};
};

// ---- where to start

TEST_F(FetchServiceTest, StartsAtTheEndsAndAtOffsets) {
  produce(0, {.count = 5});
  raise_log_start(0, 2);
  EXPECT_EQ(start(Earliest{}), "2");
  EXPECT_EQ(start(Latest{}), "5");
  EXPECT_EQ(start(Offset(3)), "3");
  const auto range = wait(service_.resolve("orders", PartitionIndex(0), Earliest{}));
  ASSERT_TRUE(range);
  EXPECT_EQ(range->log_start, Offset(2));
  EXPECT_EQ(range->high_watermark, Offset(5));
}

TEST_F(FetchServiceTest, StartsAtTheFirstRecordOfATime) {
  produce(0, {.count = 3, .first_timestamp = 1'000});  // 1000, 1010, 1020
  produce(0, {.count = 2, .first_timestamp = 2'000});
  EXPECT_EQ(start(AtTimestamp{0}), "0");
  EXPECT_EQ(start(AtTimestamp{1'010}), "1");
  EXPECT_EQ(start(AtTimestamp{1'011}), "2");
  EXPECT_EQ(start(AtTimestamp{1'500}), "3");
  EXPECT_EQ(start(AtTimestamp{9'000}), "5") << "none: the end";
}

TEST_F(FetchServiceTest, StartsWhereTheGroupStopped) {
  produce(0, {.count = 5});
  EXPECT_EQ(start(AtGroup{"readers"}), "0") << "no position: the earliest";
  commit_position(4);
  EXPECT_EQ(start(AtGroup{"readers"}), "4");
  EXPECT_EQ(start(AtGroup{"others"}), "0");
  commit_position(1);
  raise_log_start(0, 3);
  EXPECT_EQ(start(AtGroup{"readers"}), "3") << "what it stopped at was deleted";
}

TEST_F(FetchServiceTest, NamesTopicsAndPartitionsThatAreNotThere) {
  const PartitionIndex zero(0);
  EXPECT_EQ(outcome(wait(service_.resolve("nowhere", zero, Earliest{}))), "topic_not_found");
  EXPECT_EQ(outcome(fetch("nowhere", 0, 0)), "topic_not_found");
  EXPECT_EQ(outcome(fetch(std::string(groups::kOffsetsTopic), 0, 0)), "topic_not_found");
  for (const std::int32_t index : {-1, kPartitions}) {
    const PartitionIndex partition(index);
    EXPECT_EQ(outcome(wait(service_.resolve("orders", partition, Earliest{}))),
              "partition_not_found");
    EXPECT_EQ(outcome(fetch("orders", index, 0)), "partition_not_found");
    const auto answered = high_watermark(index);
    ASSERT_FALSE(answered);
    EXPECT_THAT(answered.error().text, testing::HasSubstr("only 0 to 1"));
  }
}

// ---- reading

TEST_F(FetchServiceTest, ReadsWhatWasCommittedFromTheBatchThatHoldsTheOffset) {
  produce(0, {.count = 2});
  produce(0, {.count = 3});
  produce(1, {.count = 1});
  const auto fetched = fetch("orders", 0, 3);
  ASSERT_TRUE(fetched) << to_string(fetched.error());
  EXPECT_THAT(bases(*fetched), testing::ElementsAre(2));
  EXPECT_EQ(fetched->high_watermark, Offset(5));
  EXPECT_EQ(fetched->log_start, Offset(0));
  EXPECT_EQ(fetched->source, fetch::Source::kStore);
  EXPECT_EQ(bases(*fetch("orders", 0, 0, 1)).front(), 0) << "one batch at least, however large";
}

TEST_F(FetchServiceTest, ReadsOfHotPartitionsCostNoStatement) {
  for (int i = 0; i < 100; ++i) {
    produce(0);
    produce(1);
  }
  ASSERT_EQ(outcome(fetch("orders", 0, 0)), "ok");
  const auto statements = [this] {  // heartbeats and the like go on
    std::uint64_t sum = 0;
    for (const auto operation :
         {metadata::Operation::kGetTopic, metadata::Operation::kGetPartition,
          metadata::Operation::kLoadPartitions, metadata::Operation::kListSegments,
          metadata::Operation::kFindSegment}) {
      sum += metadata_faults_.count(operation, metadata::MetadataFault::kNone);
    }
    return sum;
  };
  const std::uint64_t before = statements();
  const std::uint64_t hits = scope_->index_loader().use().hits;
  for (int i = 0; i < 10'000; ++i) {
    const auto fetched = fetch("orders", i % 2, i % 100, 1);
    ASSERT_TRUE(fetched);
    ASSERT_EQ(fetched->source, fetch::Source::kStore);
    ASSERT_EQ(bases(*fetched).at(0), i % 100);
  }
  EXPECT_EQ(statements(), before);
  EXPECT_EQ(scope_->index_loader().use().hits, hits + 10'000);
}

TEST_F(FetchServiceTest, WaitsForTheNextRecordNoLongerThanAsked) {
  produce(0);
  const auto polled =
      begin(service_.fetch("orders", PartitionIndex(0), Offset(1), 1u << 20, seconds(10)));
  run(seconds(1));
  EXPECT_EQ(outcome(polled), "pending");
  produce(0);
  run(milliseconds(100));
  ASSERT_EQ(outcome(polled), "ok");
  EXPECT_THAT(bases(***polled), testing::ElementsAre(1));
  const auto empty =
      begin(service_.fetch("orders", PartitionIndex(0), Offset(2), 1u << 20, milliseconds(500)));
  run(milliseconds(499));
  EXPECT_EQ(outcome(empty), "pending");
  run(milliseconds(2));
  ASSERT_EQ(outcome(empty), "ok");
  EXPECT_TRUE((**empty)->batches.empty());
}

TEST_F(FetchServiceTest, RefusesOffsetsOutsideTheLog) {
  produce(0, {.count = 5});
  raise_log_start(0, 2);
  EXPECT_EQ(outcome(fetch("orders", 0, 1)), "invalid_offset");
  EXPECT_EQ(outcome(fetch("orders", 0, 2)), "ok");
  EXPECT_EQ(outcome(fetch("orders", 0, 5)), "ok");
  const auto above = fetch("orders", 0, 6);
  ASSERT_EQ(outcome(above), "invalid_offset");
  EXPECT_EQ(above.error().text, "orders-0: offset 6 lies outside [2, 5]");
  EXPECT_EQ(start(Offset(6)), "6") << "judged where it is read";
}

// ---- elsewhere

TEST_F(FetchServiceTest, ReadsOnlyWhatIsLedHereAndKnowsOfTheRestWhatIsStored) {
  produce(0, {.count = 5});
  produce(1, {.count = 3});
  give_away(key(0));
  EXPECT_EQ(start(Earliest{}), "not_leader");
  EXPECT_EQ(outcome(fetch("orders", 0, 0)), "not_leader");
  EXPECT_EQ(high_watermark(0), Offset(5)) << "as its release said";
  EXPECT_EQ(high_watermark(1), Offset(3));
}

TEST_F(FetchServiceTest, IsNotTheLeaderBetweenSessions) {
  produce(0, {.count = 5});
  current_.set(nullptr);
  EXPECT_EQ(start(Earliest{}), "not_leader");
  EXPECT_EQ(outcome(fetch("orders", 0, 0)), "not_leader");
  EXPECT_EQ(high_watermark(0), Offset(0)) << "no checkpoint has said more yet";
}

}  // namespace
}  // namespace streamhouse::service
