// Goal: the read-only views show the state under the contract's names, also the spans of commits
// that nobody but SQL unpacks.
// Method: the store writes, a second connection queries as a person would; unpacked spans are
// compared with those that random tables were packed from.
#include <gtest/gtest.h>

#include "metadata/sqlite/driver/connection.h"
#include "metadata/sqlite/sqlite_metadata.h"
#include "segment/object_key.h"
#include "tests/scratch_directory.h"
#include "tests/segment/random_table.h"

namespace streamhouse::metadata {
namespace {

using sqlite::Row;

constexpr DatabaseMs kNow = 1'700'000'000'000;
constexpr SessionId kSession{0xfedcba9876543210};

/// A row as text: columns with `|` between them, NULL as `null`.
class Query {
 public:
  explicit Query(const std::string& path)
      : connection_(*sqlite::Connection::open(path, sqlite::OpenMode::kReadOnly, "")) {}

  std::vector<std::string> operator()(const std::string& sql, int columns) {
    const auto rows = connection_->all(sql, [columns](Row row) { return as_text(row, columns); });
    EXPECT_TRUE(rows.has_value()) << to_string(rows.error());
    return rows.value_or(std::vector<std::string>());
  }
  std::string columns_of(const std::string& view) {
    const auto names =
        (*this)("SELECT group_concat(name, ' ') FROM pragma_table_info('" + view + "')", 1);
    return names.empty() ? "" : names[0];
  }

 private:
  static std::string as_text(Row row, int columns) {
    std::string text;
    for (int column = 0; column < columns; ++column) {
      if (column > 0) text += "|";
      text += row.is_null(column) ? "null" : row.text(column);
    }
    return text;
  }

  std::unique_ptr<sqlite::Connection> connection_;
};

class SqliteViewsTest : public ::testing::Test {
 protected:
  SqliteViewsTest() {
    const NewSession session{.id = kSession,
                             .agent = {.agent_id = "agent-1",
                                       .address = "host:9090",
                                       .zone = "z1",
                                       .group = "g1",
                                       .metadata = {{"k", "v"}}},
                             .timeout_ms = 6000};
    EXPECT_TRUE(metadata_->open_session(session).has_value());
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
  void append(LogEntry entry) {
    EXPECT_EQ(metadata_->append(kSession, next_, std::move(entry)), Appended::kNow);
    ++next_;
  }
  void commit(const segment::SpanTable& table) {
    append(CommitEntry{.object_size = 1,
                       .object_crc = 2,
                       .spans = base::Bytes(segment::encode_span_table(table))});
  }

  tests::ScratchDirectory directory_;
  const std::string path_ = directory_.path() / "metadata.db";
  std::unique_ptr<SqliteMetadata> metadata_ =
      SqliteMetadata::open({.path = path_, .new_cluster_id = {{1}}}, kNow).value();
  Query query_{path_};
  Seq next_{1};
  std::uint8_t topics_ = 0;
};

TEST_F(SqliteViewsTest, HaveTheColumnsOfTheDocuments) {
  EXPECT_EQ(query_.columns_of("topics"),
            "name partition_count retention_ms config created_at updated_at");
  EXPECT_EQ(query_.columns_of("partitions"),
            "topic partition_id high_watermark created_at updated_at");
  EXPECT_EQ(query_.columns_of("segments"),
            "id topic partition_id base_offset end_offset record_count size_bytes s3_bucket s3_key"
            " created_at");
  EXPECT_EQ(query_.columns_of("consumer_groups"), "group_id created_at updated_at");
  EXPECT_EQ(query_.columns_of("consumer_offsets"),
            "group_id topic partition_id committed_offset metadata committed_at");
  EXPECT_EQ(query_.columns_of("agents"),
            "agent_id address availability_zone agent_group last_heartbeat started_at metadata");
  EXPECT_EQ(query_.columns_of("partition_leases"),
            "topic partition_id agent_id lease_expires_at acquired_at epoch");
}

TEST_F(SqliteViewsTest, NameTheBucketThatIsWrittenDown) {
  const TopicPartition key{create("t", 1).no, model::PartitionIndex(0)};
  segment::SpanTable table{
      {.partition = key, .offsets = {Offset(0), Offset(5)}, .length = 500, .batch_count = 1}};
  segment::place_spans(table, 64);
  commit(table);
  const std::string name = segment::object_key(kSession, Seq(1));
  EXPECT_EQ(query_("SELECT s3_bucket, s3_key FROM segments", 2), std::vector{"|" + name});
  ASSERT_TRUE(metadata_->put_setting("objects.bucket", base::Bytes(std::string("b")), 0));
  ASSERT_TRUE(metadata_->put_setting("objects.prefix", base::Bytes(std::string("p/")), 0));
  EXPECT_EQ(query_("SELECT s3_bucket, s3_key FROM segments", 2), std::vector{"b|p/" + name});
}

TEST_F(SqliteViewsTest, CannotBeWritten) {
  const auto writer = sqlite::Connection::open(path_, sqlite::OpenMode::kReadWrite, "");
  for (const char* view : {"topics", "partitions", "segments", "consumer_groups",
                           "consumer_offsets", "agents", "partition_leases"}) {
    EXPECT_FALSE((*writer)->execute("DELETE FROM " + std::string(view)).has_value()) << view;
    EXPECT_FALSE((*writer)->execute("INSERT INTO " + std::string(view) + " DEFAULT VALUES"))
        << view;
  }
}

TEST_F(SqliteViewsTest, ShowTopicsAndPartitionsButNoInternalOrDeletedOnes) {
  create("seen", 2);
  create("__consumer_offsets", 3, TopicKind::kInternal);
  create("gone", 1);
  ASSERT_TRUE(metadata_->delete_topic(metadata_->get_topic("gone")->id).has_value());
  const std::string now = std::to_string(kNow);
  EXPECT_EQ(query_("SELECT * FROM topics", 6),
            std::vector{R"(seen|2|1000|{"a":"b"}|)" + now + "|" + now});
  EXPECT_EQ(query_("SELECT topic, partition_id, high_watermark FROM partitions", 3),
            (std::vector<std::string>{"seen|0|0", "seen|1|0"}));
}

TEST_F(SqliteViewsTest, ShowTheHighWatermarkOfTheNewestCheckpoint) {
  const TopicPartition key{create("t", 1).no, model::PartitionIndex(0)};
  lead(key);
  const segment::CheckpointTable table{
      {.partition = key, .epoch = LeaderEpoch(1), .high_watermark = Offset(41)}};
  ASSERT_TRUE(metadata_->checkpoint(kSession, Seq(0), table).has_value());
  EXPECT_EQ(query_("SELECT high_watermark FROM partitions", 1), std::vector<std::string>{"41"});
}

TEST_F(SqliteViewsTest, ShowAgentsAndLeases) {
  lead({create("t", 2).no, model::PartitionIndex(1)});
  const std::string now = std::to_string(kNow);
  EXPECT_EQ(query_("SELECT * FROM agents", 7),
            std::vector{"agent-1|host:9090|z1|g1|" + now + "|" + now + R"(|{"k":"v"})"});
  EXPECT_EQ(query_("SELECT * FROM partition_leases", 6),
            std::vector{"t|1|agent-1|" + std::to_string(kNow + 6000) + "|" + now + "|1"});
}

TEST_F(SqliteViewsTest, ShowGroupsAndTheirOffsets) {
  const TopicPartition shard{create("__consumer_offsets", 1, TopicKind::kInternal).no,
                             model::PartitionIndex(0)};
  const TopicPartition key{create("t", 1).no, model::PartitionIndex(0)};
  lead(shard);
  const ShardGuard guard{.shard = shard, .owner = kSession, .epoch = LeaderEpoch(1)};
  ASSERT_TRUE(
      metadata_->commit_offsets(guard, "g", 1, {{.key = key, .offset = Offset(7), .metadata = "m"}})
          .has_value());
  const std::string now = std::to_string(kNow);
  EXPECT_EQ(query_("SELECT * FROM consumer_groups", 3), std::vector{"g|" + now + "|" + now});
  EXPECT_EQ(query_("SELECT * FROM consumer_offsets", 6), std::vector{"g|t|0|7|m|" + now});
}

TEST_F(SqliteViewsTest, ShowSpansAsSegmentsWithInclusiveEnds) {
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
  const std::string now = std::to_string(kNow);
  const std::string key = segment::object_key(kSession, Seq(1));
  EXPECT_EQ(query_("SELECT * FROM segments ORDER BY id", 10),
            (std::vector{"a-b-0-0|a-b|0|0|4|5|500||" + key + "|" + now,
                         "a-b-1-1000|a-b|1|1000|1000|1|70||" + key + "|" + now}));
}

TEST_F(SqliteViewsTest, HideSpansBelowTheLogStartAndVoidRows) {
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
  ASSERT_TRUE(metadata_->advance_log_start(key, kSession, LeaderEpoch(1), Offset(15)).has_value());
  EXPECT_EQ(query_("SELECT id FROM segments ORDER BY base_offset", 1),
            (std::vector<std::string>{"t-0-10", "t-0-20"}));
  ASSERT_TRUE(metadata_->checkpoint(kSession, Seq(2), {}).has_value());
  ASSERT_EQ(metadata_->trim(kSession, Seq(2)), Seq(1));
  EXPECT_EQ(query_("SELECT count(*) FROM sh_spans", 1), std::vector<std::string>{"2"});
}

TEST_F(SqliteViewsTest, ShowCompactedSegments) {
  const TopicPartition key{create("t", 1).no, model::PartitionIndex(0)};
  lead(key);
  segment::SpanTable table{
      {.partition = key, .offsets = {Offset(0), Offset(9)}, .length = 1, .batch_count = 1}};
  segment::place_spans(table, 64);
  commit(table);
  commit({});
  ASSERT_TRUE(metadata_->checkpoint(kSession, Seq(1), {}).has_value());
  const Replacement replacement{
      .compactor = kSession,
      .log = kSession,
      .upto_seq = Seq(1),
      .inputs = {Seq(1)},
      .objects = {{.key = "seg/1", .level = 1, .size = 100}},
      .segments = {
          {.key = key,
           .location = {.offsets = {Offset(0), Offset(9)}, .object_key = "seg/1", .length = 90},
           .record_count = 8}}};
  ASSERT_TRUE(metadata_->replace_objects(replacement).has_value());
  EXPECT_EQ(query_("SELECT id, end_offset, record_count, size_bytes, s3_key FROM segments", 5),
            std::vector<std::string>{"t-0-0|8|8|90|seg/1"});
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

TEST_F(SqliteViewsTest, UnpackRandomSpanTablesExactly) {
  std::mt19937_64 random(7);
  std::vector<std::string> expected;
  for (const std::size_t count : {0u, 1u, 2u, 3u, 5u, 17u, 100u, 1000u, 0u, 40u}) {
    for (int i = 0; i < (count < 100 ? 10 : 1); ++i) {
      const segment::SpanTable table = segment::testing::random_table(random, count);
      for (const segment::Span& span : table) expected.push_back(span_text(span, next_));
      commit(table);
    }
  }
  EXPECT_EQ(query_("SELECT seq, topic_no, partition, base_offset, next_offset, length"
                   " FROM sh_spans ORDER BY seq, topic_no, partition, base_offset",
                   6),
            expected);
}

}  // namespace
}  // namespace streamhouse::metadata
