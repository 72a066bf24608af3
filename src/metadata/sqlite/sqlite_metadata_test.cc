// Goal: what SQLite adds to the contract of every store (tests/contract): a database that is made,
// kept, locked and read by others.
// Method: real files, opened and closed.
#include "metadata/sqlite/sqlite_metadata.h"

#include <gtest/gtest.h>

#include <fstream>

#include "metadata/sqlite/driver/migrations.h"
#include "tests/scratch_directory.h"

namespace streamhouse::metadata {
namespace {

using base::Errc;

class SqliteMetadataTest : public ::testing::Test {
 protected:
  SqliteOptions options() const {
    return {.path = directory_.path() / "deep" / "metadata.db",
            .holder = "agent-1 at 127.0.0.1:9090",
            .new_cluster_id = {{1, 2, 3}}};
  }
  std::unique_ptr<SqliteMetadata> open() {
    auto metadata = SqliteMetadata::open(options(), 1000);
    EXPECT_TRUE(metadata.has_value()) << to_string(metadata.error());
    return metadata ? *std::move(metadata) : nullptr;
  }

  tests::ScratchDirectory directory_;
};

NewTopic topic_named(const std::string& name) {
  return {.name = name, .id = {{9, static_cast<std::uint8_t>(name.size())}}, .partition_count = 3};
}

TEST_F(SqliteMetadataTest, KeepsEverythingWhenClosedAndOpenedAgain) {
  open()->create_topic(topic_named("kept")).value();
  const auto again = open();
  EXPECT_EQ(again->get_topic(std::string("kept"))->partition_count, 3);
  EXPECT_EQ(again->list_partitions(model::TopicNo(1))->size(), 3u);
}

TEST_F(SqliteMetadataTest, TheClusterKeepsItsFirstId) {
  open();
  SqliteOptions other = options();
  other.new_cluster_id = {{7}};
  const auto again = SqliteMetadata::open(other, 2000);
  ASSERT_TRUE(again.has_value());
  EXPECT_EQ((*again)->cluster_info()->cluster_id, options().new_cluster_id);
  EXPECT_EQ((*again)->cluster_info()->created_ms, 1000);
}

/// Its first log is trimmed to row 1 and has a void row 1 besides; 30 bytes live there, 4 in the
/// other log. Two dead objects of 7 bytes, one segment's object of 50.
constexpr char kOldRows[] =
    "INSERT INTO sh_sessions VALUES (1, 'a', 0, 1, 1000), (2, 'b', 2, 0, 1000);"
    "INSERT INTO sh_commits VALUES (1, 0, 'O', 0, 0, 0, x''), (1, 1, 'C', 0, 500, 0, x''),"
    " (1, 2, 'C', 0, 10, 0, x''), (1, 3, 'R', 0, 0, 0, x''), (1, 4, 'C', 0, 20, 0, x''),"
    " (2, 0, 'O', 0, 0, 0, x''), (2, 1, 'C', 0, 4, 0, x''), (2, 2, 'S', 0, 0, 0, x'');"
    "INSERT INTO sh_objects VALUES ('a', 1, 0, 7, 0, 1, 5), ('b', 2, 0, 7, 0, 1, 5),"
    " ('c', 1, 1, 50, 1, 0, 0);";

TEST_F(SqliteMetadataTest, AnOlderDatabasesObjectsAreCountedOnFromWhatThereIs) {
  auto old =
      sqlite::Connection::open(directory_.path() / "old.db", sqlite::OpenMode::kReadWrite, "")
          .value();
  const auto all = sqlite::embedded_migrations();
  ASSERT_TRUE(sqlite::migrate(*old, all.first(2), 1));
  ASSERT_TRUE(old->run_script(kOldRows));
  ASSERT_TRUE(sqlite::migrate(*old, all, 2));
  SqliteMetadata metadata(std::nullopt, std::move(old), 1000);
  using Counts = std::vector<ObjectCount>;
  const ObjectCount dead{.state = ObjectState::kDead, .objects = 2, .bytes = 14};
  const ObjectCount compacted{.level = 1, .objects = 1, .bytes = 50};
  EXPECT_EQ(metadata.count_objects(), (Counts{{.objects = 3, .bytes = 34}, dead, compacted}));
  segment::SpanTable table{{.partition = {model::TopicNo(1), model::PartitionIndex(0)},
                            .epoch = LeaderEpoch(1),
                            .offsets = {Offset(0), Offset(1)},
                            .length = 10,
                            .batch_count = 1}};
  segment::place_spans(table, 64);
  const CommitEntry next{.object_size = 100,
                         .spans = base::Bytes(segment::encode_span_table(table))};
  ASSERT_EQ(metadata.append(SessionId(1), Seq(5), next), Appended::kNow);
  EXPECT_EQ(metadata.count_objects(), (Counts{{.objects = 4, .bytes = 134}, dead, compacted}));
}

TEST_F(SqliteMetadataTest, ASecondOneIsRefusedNamingTheHolder) {
  const auto first = open();
  const auto second = SqliteMetadata::open(options(), 1000);
  ASSERT_FALSE(second.has_value());
  EXPECT_EQ(second.error().code, Errc::kConflict);
  EXPECT_NE(second.error().text.find("agent-1 at 127.0.0.1:9090"), std::string::npos);
}

TEST_F(SqliteMetadataTest, ALinkToTheFileMeetsTheSameLock) {
  const auto first = open();
  SqliteOptions linked = options();
  linked.path = directory_.path() / "link.db";
  std::filesystem::create_symlink(options().path, linked.path);
  const auto second = SqliteMetadata::open(linked, 1000);
  ASSERT_FALSE(second.has_value());
  EXPECT_EQ(second.error().code, Errc::kConflict);
}

TEST_F(SqliteMetadataTest, ADirectoryThatCannotBeMadeIsUnavailableAndNamed) {
  const auto opened = SqliteMetadata::open({.path = "/proc/none/deep/metadata.db"}, 1000);
  ASSERT_FALSE(opened.has_value());
  EXPECT_EQ(opened.error().code, Errc::kUnavailable);
  EXPECT_NE(opened.error().text.find("/proc/none"), std::string::npos) << opened.error().text;
}

TEST_F(SqliteMetadataTest, IsReadWithoutTheLockButNeverWritten) {
  const auto agent = open();
  const auto reader = SqliteMetadata::open_read_only(options(), 1000);
  ASSERT_TRUE(reader.has_value()) << to_string(reader.error());
  ASSERT_TRUE(agent->create_topic(topic_named("seen")).has_value());
  const auto seen = (*reader)->get_topic(std::string("seen"));
  ASSERT_TRUE(seen.has_value());
  EXPECT_EQ((*reader)->create_topic(topic_named("refused")).error().code, Errc::kUnsupported);
  EXPECT_EQ((*reader)->delete_topic(seen->id).error().code, Errc::kUnsupported);
}

TEST_F(SqliteMetadataTest, AReaderDoesNotMakeADatabase) {
  EXPECT_FALSE(SqliteMetadata::open_read_only(options(), 1000).has_value());
  EXPECT_FALSE(std::filesystem::exists(options().path));
}

TEST_F(SqliteMetadataTest, CountsTheRowsThatItWrites) {
  const auto metadata = open();
  const std::uint64_t before = metadata->rows_written();
  NewTopic topic = topic_named("t");
  topic.partition_count = 5;
  ASSERT_TRUE(metadata->create_topic(topic).has_value());
  EXPECT_GE(metadata->rows_written(), before + 6) << "a topic and five partitions";
  const std::uint64_t written = metadata->rows_written();
  ASSERT_TRUE(metadata->get_topic("t").has_value());
  EXPECT_EQ(metadata->rows_written(), written);
}

/// Overwrites `size` bytes of every page from `first` on.
void damage(const std::string& path, std::uint64_t first, std::size_t size) {
  std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
  for (std::uint64_t page = first; page < std::filesystem::file_size(path) / 4096; ++page) {
    file.seekp(static_cast<std::streamoff>(page * 4096));
    file << std::string(size, '\xee');
  }
}

TEST_F(SqliteMetadataTest, ADamagedFileIsCorruptFromTheStart) {
  open();
  damage(options().path, 0, 16);
  const auto opened = SqliteMetadata::open(options(), 1000);
  ASSERT_FALSE(opened.has_value());
  EXPECT_EQ(opened.error().code, Errc::kCorrupt);
  EXPECT_NE(opened.error().text.find(options().path), std::string::npos);
}

TEST_F(SqliteMetadataTest, RowsThatAreDamagedAreCorruptNeverMissing) {
  {
    const auto metadata = open();
    ASSERT_TRUE(metadata->create_topic(topic_named("t")).has_value());
    const NewSession session{.id = SessionId(5), .agent = {.agent_id = "a"}, .timeout_ms = 1000};
    ASSERT_TRUE(metadata->open_session(session).has_value());
  }
  const auto metadata = open();  // has read the schema
  damage(options().path, 2, 4096);
  const auto topic = metadata->get_topic("t");
  ASSERT_FALSE(topic.has_value());
  EXPECT_EQ(topic.error().code, Errc::kCorrupt) << to_string(topic.error());
  const auto session = metadata->get_session(SessionId(5));
  ASSERT_FALSE(session.has_value());
  EXPECT_EQ(session.error().code, Errc::kCorrupt) << to_string(session.error());
  const auto created = metadata->create_topic(topic_named("other"));
  ASSERT_FALSE(created.has_value());
  EXPECT_EQ(created.error().code, Errc::kCorrupt) << to_string(created.error());
}

TEST_F(SqliteMetadataTest, ASpanTableThatDoesNotDecodeIsNamedAndSpoilsNoOther) {
  const auto metadata = open();
  ASSERT_TRUE(metadata->create_topic(topic_named("t")).has_value());
  const NewSession session{.id = SessionId(5), .agent = {.agent_id = "a"}, .timeout_ms = 1000};
  ASSERT_TRUE(metadata->open_session(session).has_value());
  const TopicPartition key{model::TopicNo(1), model::PartitionIndex(0)};
  const segment::Span span{.partition = key,
                           .epoch = LeaderEpoch(1),
                           .offsets = {model::Offset(0), model::Offset(3)},
                           .length = 10,
                           .batch_count = 1};
  for (const std::int64_t seq : {1, 2}) {
    const CommitEntry commit{.spans = base::Bytes(segment::encode_span_table({span}))};
    ASSERT_TRUE(metadata->append(SessionId(5), Seq(seq), commit).has_value());
  }
  const auto other = sqlite::Connection::open(options().path, sqlite::OpenMode::kReadWrite, "");
  ASSERT_TRUE((*other)->execute("UPDATE sh_commits SET payload = x'00' WHERE seq = 1"));
  const auto loaded = metadata->load_partitions({key});
  ASSERT_TRUE(loaded.has_value());
  EXPECT_EQ(loaded->front().spans.size(), 1u) << "of row 2";
  EXPECT_NE(loaded->front().damage.find("row 1 of session 0000000000000005"), std::string::npos)
      << loaded->front().damage;
  const auto listed = metadata->list_segments(key, Offset(0), 10);
  ASSERT_FALSE(listed.has_value()) << "a listing that leaves out what it cannot read is wrong";
  EXPECT_EQ(listed.error().code, Errc::kCorrupt);
  EXPECT_NE(listed.error().text.find("row 1 of session"), std::string::npos);
}

TEST_F(SqliteMetadataTest, TextsThatAreNotUtf8AreRefused) {
  NewTopic topic = topic_named("t");
  topic.config["k"] = "\xff";
  EXPECT_EQ(open()->create_topic(topic).error().code, Errc::kInvalid);
}

}  // namespace
}  // namespace streamhouse::metadata
