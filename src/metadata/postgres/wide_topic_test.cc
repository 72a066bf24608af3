// Goal: a topic of more partitions than one statement names goes its whole way as a small one does.
// Method: each operation whose statements grow with partitions, on one topic of 10,001, read back.
#include <gtest/gtest.h>

#include "metadata/postgres/postgres_metadata_store.h"
#include "tests/metadata/test_postgres.h"

namespace streamhouse::metadata {
namespace {

using postgres::Connection;

constexpr SessionId kSession{7};
constexpr std::int32_t kPartitions = 10'001;

class PostgresWideTopicTest : public ::testing::Test {
 protected:
  PostgresWideTopicTest() {
    EXPECT_TRUE(open_postgres({.connection = {.url = url_}, .new_cluster_id = {{1}}}));
    connection_ = Connection::open({.url = url_}).value();
    metadata_ = std::make_unique<PostgresMetadata>(*connection_);
    EXPECT_TRUE(
        metadata_->open_session({.id = kSession, .agent = {.agent_id = "a"}, .timeout_ms = 1000}));
    const NewTopic topic{.name = "wide", .id = {{1}}, .partition_count = kPartitions - 1};
    EXPECT_TRUE(metadata_->create_topic(topic));
    EXPECT_TRUE(metadata_->create_partitions("wide", kPartitions));
  }
  static TopicPartition key(std::int32_t index) {
    return {model::TopicNo(1), model::PartitionIndex(index)};
  }
  /// From the last to the first, so that the order is not that of the keys.
  static std::vector<AcquireRequest> requests() {
    std::vector<AcquireRequest> wanted;
    for (std::int32_t i = kPartitions; i-- > 0;)
      wanted.push_back({.key = key(i), .since_seq = Seq(i)});
    return wanted;
  }
  /// With producers in every second one.
  static segment::CheckpointTable table(std::int64_t high_watermark) {
    segment::CheckpointTable entries;
    for (std::int32_t i = 0; i < kPartitions; ++i)
      entries.push_back({.partition = key(i),
                         .epoch = LeaderEpoch(1),
                         .high_watermark = Offset(high_watermark + i),
                         .producers = base::Bytes(std::string(i % 2 == 0 ? "p" : ""))});
    return entries;
  }
  std::int64_t count(const std::string& rows) {
    return connection_->value<std::int64_t>("SELECT count(*) FROM " + rows).value().value_or(-1);
  }

  const std::string url_ = tests::test_postgres().url(tests::test_postgres().new_schema());
  std::unique_ptr<Connection> connection_;
  std::unique_ptr<PostgresMetadata> metadata_;
};

TEST_F(PostgresWideTopicTest, IsLedWhole) {
  const std::int64_t changes = count("sh_changes");
  const auto answers = metadata_->acquire_leases(kSession, requests());
  ASSERT_TRUE(answers) << to_string(answers.error());
  ASSERT_EQ(answers->size(), static_cast<std::size_t>(kPartitions));
  const auto rows = metadata_->list_partitions(model::TopicNo(1));
  ASSERT_TRUE(rows);
  ASSERT_EQ(rows->size(), answers->size());
  for (std::size_t i = 0; i < rows->size(); ++i) {
    const auto& answer = (*answers)[rows->size() - 1 - i];
    ASSERT_TRUE(answer);
    EXPECT_EQ(*answer, (*rows)[i]);
    EXPECT_EQ(answer->since_seq, Seq(static_cast<std::int64_t>(i)));
  }
  EXPECT_EQ(count("sh_changes"), changes + kPartitions);
  const auto again = metadata_->acquire_leases(kSession, requests());
  ASSERT_TRUE(again);
  for (const auto& answer : *again) EXPECT_TRUE(answer) << "finds its own";
  EXPECT_EQ(count("sh_changes"), changes + kPartitions);
}

TEST_F(PostgresWideTopicTest, IsCheckpointedReleasedAndPurgedWhole) {
  ASSERT_TRUE(metadata_->acquire_leases(kSession, requests()));
  const std::uint64_t rows = connection_->rows_written();
  ASSERT_TRUE(metadata_->checkpoint(kSession, Seq(0), table(10)));
  EXPECT_EQ(connection_->rows_written(), rows + 1) << "however many partitions moved";
  EXPECT_EQ(count("partitions WHERE high_watermark = 10 + partition_id"), kPartitions);
  EXPECT_EQ(metadata_->get_partition(key(7'000))->visible_high_watermark, Offset(7'010));
  EXPECT_EQ(metadata_->list_partitions(model::TopicNo(1))->at(9'000).visible_high_watermark,
            Offset(9'010));
  ASSERT_EQ(metadata_->append(kSession, Seq(1), ReleaseEntry{table(20)}), Appended::kNow);
  EXPECT_EQ(count("sh_partitions WHERE owner_session = 0 AND leader_epoch = 2"
                  " AND high_watermark = 20 + partition"),
            kPartitions);
  EXPECT_EQ(count("partitions WHERE high_watermark = 20 + partition_id"), kPartitions);
  EXPECT_EQ(count("sh_partition_producers"), (kPartitions + 1) / 2);
  std::vector<TopicPartition> keys;
  for (std::int32_t i = 0; i < kPartitions; ++i) keys.push_back(key(i));
  const auto loaded = metadata_->load_partitions(keys);
  ASSERT_TRUE(loaded);
  ASSERT_EQ(loaded->size(), keys.size());
  EXPECT_EQ(loaded->back().row.key, keys.back());
  ASSERT_TRUE(metadata_->delete_topic({{1}}));
  ASSERT_TRUE(metadata_->purge_topic(model::TopicNo(1)));
  for (const char* const table : {"sh_partitions", "sh_partition_producers", "sh_topics"})
    EXPECT_EQ(count(table), 0) << table;
}

}  // namespace
}  // namespace streamhouse::metadata
