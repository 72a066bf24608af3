// Goal: partition rows keep their contract (topics.h): the log start only rises and only for the
// leader, free partitions are found, and 10,000 partitions are no special case.
// Method: one operation after the other on an empty database, answers compared with the contract.
#include "tests/contract/metadata_store_contract.h"

namespace streamhouse::metadata::contract {
namespace {

TEST_P(MetadataStoreContract, OnlyTheLeaderRaisesTheLogStartAndItNeverFalls) {
  const TopicPartition key = key_of(create("orders"));
  open(kFirst);
  open(kSecond, "other");
  lead(kFirst, key);
  pass_time(2);
  const auto advance = [&](SessionId owner, std::int32_t epoch, std::int64_t to) {
    return outcome(store().advance_log_start(key, owner, LeaderEpoch(epoch), Offset(to)));
  };
  EXPECT_EQ(advance(kFirst, 1, 10), "ok");
  EXPECT_EQ(partition(key).log_start, Offset(10));
  EXPECT_EQ(partition(key).updated_ms, kStart + 2);
  EXPECT_EQ(advance(kFirst, 1, 10), "ok");
  EXPECT_EQ(advance(kFirst, 1, 4), "ok");
  EXPECT_EQ(partition(key).log_start, Offset(10));
  EXPECT_EQ(advance(kSecond, 1, 20), "fenced");
  EXPECT_EQ(advance(kFirst, 0, 20), "fenced");
  EXPECT_EQ(advance(kFirst, 2, 20), "fenced");
  take_over(kFirst);
  EXPECT_EQ(advance(kFirst, 1, 20), "fenced");
  EXPECT_EQ(advance(model::kNoSession, 1, 20), "fenced");
  EXPECT_EQ(partition(key).log_start, Offset(10));
  const TopicPartition gone{model::TopicNo(5), model::PartitionIndex(0)};
  EXPECT_EQ(outcome(store().advance_log_start(gone, kFirst, LeaderEpoch(1), Offset(1))),
            "partition_not_found");
}

TEST_P(MetadataStoreContract, FreePartitionsOfLiveTopicsAreListedByKey) {
  const Topic orders = create("orders", 2);
  const Topic payments = create("payments", 2);
  const Topic deleted = create("deleted", 2);
  delete_topic("deleted");
  open(kFirst);
  lead(kFirst, key_of(orders, 1));
  const auto rows = must(store().list_free_partitions(10));
  ASSERT_EQ(rows.size(), 3u);
  EXPECT_EQ(rows[0], partition(key_of(orders, 0)));
  EXPECT_EQ(rows[1], partition(key_of(payments, 0)));
  EXPECT_EQ(rows[2], partition(key_of(payments, 1)));
  EXPECT_EQ(must(store().list_free_partitions(2)).size(), 2u);
  EXPECT_TRUE(must(store().list_free_partitions(0)).empty());
}

/// Ten thousand partitions; fewer on a slow server.
TEST_P(MetadataStoreContract, AWideTopicIsCreatedLeasedReleasedAndPurged) {
  const std::int32_t count = GetParam().rounds(10'000);
  const Topic topic = create("wide", count);
  const auto rows = must(store().list_partitions(topic.no));
  ASSERT_EQ(rows.size(), static_cast<std::size_t>(count));
  EXPECT_EQ(rows.back().key, key_of(topic, count - 1));
  open(kFirst);
  std::vector<AcquireRequest> requests;
  for (const Partition& row : rows)
    requests.push_back({.key = row.key, .expected_epoch = LeaderEpoch(0), .since_seq = Seq(1)});
  std::size_t acquired = 0;
  for (const auto& answer : must(store().acquire_leases(kFirst, requests)))
    acquired += answer && answer->owner == kFirst ? 1 : 0;
  EXPECT_EQ(acquired, rows.size());
  EXPECT_EQ(must(store().list_leases(topic.no)).size(), rows.size());
  EXPECT_EQ(must(store().heartbeat(kFirst, kTimeout, ListOwned::kYes)).owned.size(), rows.size());
  EXPECT_TRUE(must(store().list_free_partitions(1)).empty());

  segment::CheckpointTable table;
  for (const Partition& row : rows) table.push_back(entry(row.key, 1, 7));
  append(kFirst, 1, release(table));
  EXPECT_EQ(must(store().list_free_partitions(rows.size())).size(), rows.size());
  EXPECT_EQ(partition(key_of(topic, count - 1)).high_watermark, Offset(7));
  delete_topic("wide");
  must(store().purge_topic(topic.no));
  EXPECT_EQ(outcome(store().get_partition(rows.back().key)), "partition_not_found");
}

}  // namespace
}  // namespace streamhouse::metadata::contract
