// Goal: each record lands in the right partition, in order, in batches within their limits.
// Method: records in, closed batches out; limits small enough to meet.
#include "cli/produce/record_batcher.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <utility>

#include "base/bytes.h"
#include "model/key_partition.h"

namespace streamhouse::cli {
namespace {

using testing::ElementsAre;

v1::Record keyless(const std::string& value) {
  v1::Record record;
  record.set_value(value);
  return record;
}
v1::Record keyed(const std::string& key, const std::string& value = "v") {
  auto record = keyless(value);
  record.set_key(key);
  return record;
}
std::vector<std::string> values(const Batch& batch) {
  std::vector<std::string> values;
  for (const auto& record : batch.request.records()) values.push_back(record.value());
  return values;
}
RecordBatcher::Target three_partitions() { return {"t", 3, std::nullopt, 0}; }
BatchLimits two_records() {
  BatchLimits limits;
  limits.batch_records = 2;
  return limits;
}

TEST(RecordBatcherTest, KeepsRecordsOfOneBatchInOrder) {
  RecordBatcher batcher(three_partitions(), {});
  EXPECT_TRUE(batcher.add(keyless("a"), 1).empty());
  EXPECT_TRUE(batcher.add(keyless("b"), 2).empty());
  const auto closed = batcher.close_all();
  ASSERT_EQ(closed.size(), 1u);
  EXPECT_THAT(values(closed[0]), ElementsAre("a", "b"));
  EXPECT_EQ(closed[0].request.topic(), "t");
  EXPECT_EQ(closed[0].first_line, 1);
  EXPECT_TRUE(batcher.close_all().empty());
}

TEST(RecordBatcherTest, SendsKeylessBatchesToThePartitionsInTurn) {
  RecordBatcher batcher({"t", 3, std::nullopt, 1}, two_records());
  std::vector<int> partitions;
  for (int i = 0; i < 8; ++i) {
    for (const auto& batch : batcher.add(keyless("v"), i)) {
      partitions.push_back(batch.request.partition());
    }
  }
  EXPECT_THAT(partitions, ElementsAre(1, 2, 0, 1));
}

TEST(RecordBatcherTest, SendsAKeyWhereKafkasClientsSendIt) {
  RecordBatcher batcher({"t", 10, std::nullopt, 0}, {});
  for (const auto* key : {"foobar", "21", "foobar"}) batcher.add(keyed(key), 1);
  const auto closed = batcher.close_all();
  ASSERT_EQ(closed.size(), 2u);
  EXPECT_EQ(closed[0].request.partition(), 0);  // murmur2("21") mod 10
  EXPECT_EQ(closed[1].request.partition(), 6);  // murmur2("foobar") mod 10
  EXPECT_EQ(closed[1].request.records_size(), 2);
}

TEST(RecordBatcherTest, AnEmptyKeyIsAKey) {
  RecordBatcher batcher({"t", 10, std::nullopt, 3}, {});
  batcher.add(keyed(""), 1);
  const auto expected = model::partition_of_key(base::as_bytes(""), 10).value();
  EXPECT_EQ(batcher.close_all().at(0).request.partition(), expected);
}

TEST(RecordBatcherTest, SendsEverythingToTheFixedPartition) {
  RecordBatcher batcher({"t", 3, 2, 0}, two_records());
  std::vector<Batch> closed;
  for (int i = 0; i < 6; ++i) {
    for (auto& batch : batcher.add(i % 2 ? keyed("k") : keyless("v"), i)) {
      closed.push_back(std::move(batch));
    }
  }
  ASSERT_EQ(closed.size(), 3u);
  for (const auto& batch : closed) EXPECT_EQ(batch.request.partition(), 2);
}

TEST(RecordBatcherTest, ClosesABatchBeforeItGrowsBeyondItsBytes) {
  BatchLimits limits;
  limits.batch_bytes = 1000;
  RecordBatcher batcher({"t", 1, 0, 0}, limits);
  std::vector<Batch> closed;
  for (int i = 0; i < 20; ++i) {
    for (auto& batch : batcher.add(keyless(std::string(200, 'x')), i)) {
      closed.push_back(std::move(batch));
    }
  }
  for (auto& batch : batcher.close_all()) closed.push_back(std::move(batch));
  int records = 0;
  for (const auto& batch : closed) {
    EXPECT_LE(batch.bytes, 1000u);
    EXPECT_GE(batch.bytes, batch.request.ByteSizeLong());
    records += batch.request.records_size();
  }
  EXPECT_EQ(records, 20);
  EXPECT_EQ(closed.size(), 7u);  // three of 236 bytes beside the header's 61
}

TEST(RecordBatcherTest, ARecordAboveTheLimitTravelsAlone) {
  BatchLimits limits;
  limits.batch_bytes = 100;
  RecordBatcher batcher({"t", 1, 0, 0}, limits);
  batcher.add(keyless("small"), 1);
  const auto first = batcher.add(keyless(std::string(500, 'x')), 2);
  ASSERT_EQ(first.size(), 1u);
  EXPECT_THAT(values(first[0]), ElementsAre("small"));
  const auto second = batcher.add(keyless("small"), 3);
  ASSERT_EQ(second.size(), 1u);
  EXPECT_EQ(second[0].request.records_size(), 1);
  EXPECT_EQ(second[0].first_line, 2);
}

TEST(RecordBatcherTest, ClosesAllWhenManyPartitionsTogetherHoldTooMuch) {
  BatchLimits limits;
  limits.total_bytes = 2000;
  RecordBatcher batcher({"t", 1000, std::nullopt, 0}, limits);
  std::size_t open = 0;
  std::size_t largest = 0;
  for (int i = 0; i < 200; ++i) {
    open += 1;
    for (const auto& batch : batcher.add(keyed("key" + std::to_string(i)), i)) {
      open -= static_cast<std::size_t>(batch.request.records_size());
    }
    largest = std::max(largest, open);
  }
  EXPECT_LE(largest, 2000u / 97);  // a header and a record each
}

TEST(RecordBatcherTest, KeylessRecordsAlsoMoveOnWhenAKeyFilledTheirBatch) {
  RecordBatcher batcher({"t", 2, std::nullopt, 0}, two_records());
  std::string key = "a";
  while (model::partition_of_key(base::as_bytes(key), 2).value() != 0) key += "a";
  batcher.add(keyless("v"), 1);
  EXPECT_EQ(batcher.add(keyed(key), 2).size(), 1u);
  batcher.add(keyless("v"), 3);
  EXPECT_EQ(batcher.close_all().at(0).request.partition(), 1);
}

}  // namespace
}  // namespace streamhouse::cli
