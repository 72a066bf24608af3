// Goal: the read-only views show the state under the contract's names, also the spans of commits
// that nobody but SQL unpacks.
// Method: the operations write, a second connection queries as a person would; unpacked spans are
// compared with those that random tables were packed from.
#include <gtest/gtest.h>

#include "metadata/postgres/postgres_metadata_store.h"
#include "segment/object_key.h"
#include "tests/metadata/test_postgres.h"
#include "tests/segment/random_table.h"

namespace streamhouse::metadata {
namespace {

using postgres::Connection;
using postgres::Row;

constexpr DatabaseMs kNow = 1'700'000'000'000;
constexpr SessionId kSession{0xfedcba9876543210};
const std::string kNowText = std::to_string(kNow);

class PostgresViewsTest : public ::testing::Test {
 protected:
  PostgresViewsTest() {
    EXPECT_TRUE(open_postgres({.connection = {.url = url_}, .new_cluster_id = {{1}}}));
    writer_ = Connection::open({.url = url_, .time = kNow}).value();
    reader_ = Connection::open({.url = url_}).value();
    metadata_ = std::make_unique<PostgresMetadata>(*writer_);
    const NewSession session{.id = kSession,
                             .agent = {.agent_id = "agent-1",
                                       .address = "host:9090",
                                       .zone = "z1",
                                       .group = "g1",
                                       .metadata = {{"k", "v"}}},
                             .timeout_ms = 6000};
    EXPECT_TRUE(metadata_->open_session(session));
  }

  /// Rows as text: the columns with `|` between them.
  std::vector<std::string> rows(const std::string& columns, const std::string& rest) {
    const auto read = [](Row row) { return row.get<std::string>(0); };
    const auto found = reader_->all("SELECT concat_ws('|', " + columns + ") FROM " + rest, read);
    EXPECT_TRUE(found) << to_string(found.error());
    return found.value_or(std::vector<std::string>());
  }
  std::string columns_of(const std::string& view) {
    const auto names = rows("string_agg(column_name, ' ' ORDER BY ordinal_position)",
                            "information_schema.columns WHERE table_schema = current_schema()"
                            " AND table_name = '" +
                                view + "'");
    return names.empty() ? "" : names[0];
  }
  Topic create(const std::string& name, std::int32_t partitions,
               TopicKind kind = TopicKind::kUser) {
    const NewTopic topic{.name = name,
                         .id = {{++topics_}},
                         .partition_count = partitions,
                         .retention_ms = 1000,
                         .config = {{"a", "b"}},
                         .kind = kind};
    return metadata_->create_topic(topic).value();
  }
  void lead(TopicPartition key) {
    const auto answers = metadata_->acquire_leases(kSession, {{.key = key, .since_seq = next_}});
    EXPECT_TRUE(answers && answers->front());
  }
  void commit(const segment::SpanTable& table) {
    const CommitEntry entry{
        .object_size = 1, .object_crc = 2, .spans = base::Bytes(segment::encode_span_table(table))};
    EXPECT_EQ(metadata_->append(kSession, next_, entry), Appended::kNow);
    ++next_;
  }

  const std::string url_ = tests::test_postgres().url(tests::test_postgres().new_schema());
  std::unique_ptr<Connection> writer_;
  std::unique_ptr<Connection> reader_;
  std::unique_ptr<PostgresMetadata> metadata_;
  Seq next_{1};
  std::uint8_t topics_ = 0;
};

TEST_F(PostgresViewsTest, HaveTheColumnsOfTheDocuments) {
  EXPECT_EQ(columns_of("topics"), "name partition_count retention_ms config created_at updated_at");
  EXPECT_EQ(columns_of("partitions"), "topic partition_id high_watermark created_at updated_at");
  EXPECT_EQ(columns_of("segments"),
            "id topic partition_id base_offset end_offset record_count size_bytes s3_bucket s3_key"
            " created_at");
  EXPECT_EQ(columns_of("consumer_groups"), "group_id created_at updated_at");
  EXPECT_EQ(columns_of("consumer_offsets"),
            "group_id topic partition_id committed_offset metadata committed_at");
  EXPECT_EQ(columns_of("agents"),
            "agent_id address availability_zone agent_group last_heartbeat started_at metadata");
  EXPECT_EQ(columns_of("partition_leases"),
            "topic partition_id agent_id lease_expires_at acquired_at epoch");
}

TEST_F(PostgresViewsTest, CannotBeWritten) {
  for (const char* view : {"topics", "partitions", "segments", "consumer_groups",
                           "consumer_offsets", "agents", "partition_leases"}) {
    EXPECT_FALSE(reader_->execute("DELETE FROM " + std::string(view))) << view;
    EXPECT_FALSE(reader_->execute("INSERT INTO " + std::string(view) + " DEFAULT VALUES")) << view;
  }
}

TEST_F(PostgresViewsTest, ShowTopicsAndPartitionsButNoInternalOrDeletedOnes) {
  create("seen", 2);
  create("__consumer_offsets", 3, TopicKind::kInternal);
  create("gone", 1);
  ASSERT_TRUE(metadata_->delete_topic(metadata_->get_topic("gone")->id));
  EXPECT_EQ(rows("name, partition_count, retention_ms, config, created_at, updated_at", "topics"),
            std::vector{R"(seen|2|1000|{"a": "b"}|)" + kNowText + "|" + kNowText});
  EXPECT_EQ(rows("topic, partition_id, high_watermark", "partitions ORDER BY partition_id"),
            (std::vector<std::string>{"seen|0|0", "seen|1|0"}));
}

TEST_F(PostgresViewsTest, ShowTheHighWatermarkOfTheNewestCheckpoint) {
  const TopicPartition key{create("t", 1).no, model::PartitionIndex(0)};
  lead(key);
  const segment::CheckpointTable table{
      {.partition = key, .epoch = LeaderEpoch(1), .high_watermark = Offset(41)}};
  ASSERT_TRUE(metadata_->checkpoint(kSession, Seq(0), table));
  EXPECT_EQ(rows("high_watermark", "partitions"), std::vector<std::string>{"41"});
}

TEST_F(PostgresViewsTest, AHighWatermarkStaysWhenItsPartitionLeavesTheCheckpoints) {
  const TopicPartition key{create("t", 1).no, model::PartitionIndex(0)};
  lead(key);
  const segment::CheckpointTable table{
      {.partition = key, .epoch = LeaderEpoch(1), .high_watermark = Offset(41)}};
  ASSERT_TRUE(metadata_->checkpoint(kSession, Seq(0), table));
  ASSERT_EQ(metadata_->append(kSession, Seq(1), ReleaseEntry{table}), Appended::kNow);
  ASSERT_EQ(rows("high_watermark", "sh_visible").size(), 1u);
  ASSERT_TRUE(metadata_->checkpoint(kSession, Seq(1), {}));
  EXPECT_TRUE(rows("high_watermark", "sh_visible").empty()) << "the session leads it no more";
  EXPECT_EQ(rows("high_watermark", "partitions"), std::vector<std::string>{"41"});
}

TEST_F(PostgresViewsTest, ShowAgentsAndLeases) {
  lead({create("t", 2).no, model::PartitionIndex(1)});
  EXPECT_EQ(rows("agent_id, address, availability_zone, agent_group, last_heartbeat, started_at,"
                 " metadata->>'k'",
                 "agents"),
            std::vector{"agent-1|host:9090|z1|g1|" + kNowText + "|" + kNowText + "|v"});
  EXPECT_EQ(rows("topic, partition_id, agent_id, lease_expires_at, acquired_at, epoch",
                 "partition_leases"),
            std::vector{"t|1|agent-1|" + std::to_string(kNow + 6000) + "|" + kNowText + "|1"});
}

TEST_F(PostgresViewsTest, ShowGroupsAndTheirOffsets) {
  const TopicPartition shard{create("__consumer_offsets", 1, TopicKind::kInternal).no,
                             model::PartitionIndex(0)};
  const TopicPartition key{create("t", 1).no, model::PartitionIndex(0)};
  lead(shard);
  const ShardGuard guard{.shard = shard, .owner = kSession, .epoch = LeaderEpoch(1)};
  ASSERT_TRUE(metadata_->commit_offsets(guard, "g", 1,
                                        {{.key = key, .offset = Offset(7), .metadata = "m"}}));
  EXPECT_EQ(rows("group_id, created_at, updated_at", "consumer_groups"),
            std::vector{"g|" + kNowText + "|" + kNowText});
  EXPECT_EQ(rows("group_id, topic, partition_id, committed_offset, metadata, committed_at",
                 "consumer_offsets"),
            std::vector{"g|t|0|7|m|" + kNowText});
}

TEST_F(PostgresViewsTest, ShowSpansAsSegmentsWithInclusiveEnds) {
  const model::TopicNo topic = create("a-b", 2).no;
  segment::SpanTable table{{.partition = {topic, model::PartitionIndex(0)},
                            .offsets = {Offset(0), Offset(5)},
                            .length = 500,
                            .batch_count = 1},
                           {.partition = {topic, model::PartitionIndex(1)},
                            .offsets = {Offset(1000), Offset(1001)},
                            .length = 70,
                            .batch_count = 1}};
  segment::place_spans(table, 64);
  commit(table);
  const std::string key = segment::object_key(kSession, Seq(1));
  EXPECT_EQ(rows("id, topic, partition_id, base_offset, end_offset, record_count, size_bytes,"
                 " s3_bucket, s3_key, created_at",
                 "segments ORDER BY id"),
            (std::vector{"a-b-0-0|a-b|0|0|4|5|500||" + key + "|" + kNowText,
                         "a-b-1-1000|a-b|1|1000|1000|1|70||" + key + "|" + kNowText}));
}

TEST_F(PostgresViewsTest, NameTheBucketThatIsWrittenDown) {
  const TopicPartition key{create("t", 1).no, model::PartitionIndex(0)};
  segment::SpanTable table{
      {.partition = key, .offsets = {Offset(0), Offset(5)}, .length = 500, .batch_count = 1}};
  segment::place_spans(table, 64);
  commit(table);
  const std::string name = segment::object_key(kSession, Seq(1));
  EXPECT_EQ(rows("s3_bucket, s3_key", "segments"), std::vector{"|" + name});
  ASSERT_TRUE(metadata_->put_setting("objects.bucket", base::Bytes(std::string("b")), 0));
  ASSERT_TRUE(metadata_->put_setting("objects.prefix", base::Bytes(std::string("p/")), 0));
  EXPECT_EQ(rows("s3_bucket, s3_key", "segments"), std::vector{"b|p/" + name});
}

TEST_F(PostgresViewsTest, HideSpansBelowTheLogStartAndVoidRows) {
  const TopicPartition key{create("t", 1).no, model::PartitionIndex(0)};
  lead(key);
  for (std::int64_t base = 0; base < 30; base += 10) {
    segment::SpanTable table{{.partition = key,
                              .epoch = LeaderEpoch(1),
                              .offsets = {Offset(base), Offset(base + 10)},
                              .length = 1,
                              .batch_count = 1}};
    segment::place_spans(table, 64);
    commit(table);
  }
  ASSERT_TRUE(metadata_->advance_log_start(key, kSession, LeaderEpoch(1), Offset(15)));
  EXPECT_EQ(rows("id", "segments ORDER BY base_offset"),
            (std::vector<std::string>{"t-0-10", "t-0-20"}));
  ASSERT_TRUE(metadata_->checkpoint(kSession, Seq(2), {}));
  ASSERT_EQ(metadata_->trim(kSession, Seq(2)), Seq(1));
  EXPECT_EQ(rows("count(*)", "sh_spans"), std::vector<std::string>{"2"});
}

std::string span_text(const segment::Span& span, Seq seq) {
  std::string text;
  for (const std::int64_t value :
       {seq.value(), std::int64_t{span.partition.topic.value()},
        std::int64_t{span.partition.partition.value()}, span.offsets.base.value(),
        span.offsets.next.value(), std::int64_t{span.length}})
    text += (text.empty() ? "" : "|") + std::to_string(value);
  return text;
}

TEST_F(PostgresViewsTest, UnpackRandomSpanTablesExactly) {
  std::mt19937_64 random(7);
  std::vector<std::string> expected;
  for (const std::size_t count : {0u, 1u, 2u, 3u, 5u, 17u, 100u, 1000u, 0u, 40u}) {
    for (int i = 0; i < (count < 100 ? 10 : 1); ++i) {
      const segment::SpanTable table = segment::testing::random_table(random, count);
      for (const segment::Span& span : table) expected.push_back(span_text(span, next_));
      commit(table);
    }
  }
  EXPECT_EQ(rows("seq, topic_no, partition, base_offset, next_offset, length",
                 "sh_spans ORDER BY seq, topic_no, partition, base_offset"),
            expected);
}

}  // namespace
}  // namespace streamhouse::metadata
