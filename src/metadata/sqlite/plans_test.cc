// Goal: no operation gets slower with what it does not look at: each finds its rows by key.
// Method: every operation runs once; SQLite counts which statements read whole tables or sort.
#include <gtest/gtest.h>

#include "metadata/sqlite/driver/migrations.h"
#include "metadata/sqlite/sqlite_metadata.h"
#include "tests/scratch_directory.h"

namespace streamhouse::metadata {
namespace {

constexpr SessionId kSession{5};
constexpr SessionId kDead{6};
constexpr TopicPartition kKey{model::TopicNo(1), model::PartitionIndex(0)};

CommitEntry commit(std::int64_t base) {
  segment::SpanTable table{{.partition = kKey,
                            .epoch = LeaderEpoch(1),
                            .offsets = {Offset(base), Offset(base + 1)},
                            .length = 10,
                            .batch_count = 1}};
  segment::place_spans(table, 64);
  return {.object_size = 100,
          .object_crc = static_cast<std::uint32_t>(base),
          .spans = base::Bytes(segment::encode_span_table(table))};
}

class SqlitePlansTest : public ::testing::Test {
 protected:
  SqlitePlansTest() {
    auto connection = sqlite::Connection::open(directory_.path() / "metadata.db",
                                               sqlite::OpenMode::kReadWrite, "")
                          .value();
    EXPECT_TRUE(sqlite::migrate(*connection, sqlite::embedded_migrations(), 1));
    connection_ = connection.get();
    metadata_ = std::make_unique<SqliteMetadata>(std::nullopt, std::move(connection), 1);
    for (const SessionId session : {kSession, kDead}) open(session);
    for (const char* name : {"a", "b", "c"}) {
      const NewTopic topic{
          .name = name, .id = {{static_cast<std::uint8_t>(name[0])}}, .partition_count = 20};
      EXPECT_TRUE(metadata_->create_topic(topic));
    }
  }

  void open(SessionId session) {
    const NewSession wanted{
        .id = session, .agent = {.agent_id = "agent" + to_string(session)}, .timeout_ms = 1000};
    EXPECT_TRUE(metadata_->open_session(wanted));
  }

  /// What ran without an index since the last call; statements that ran before are left out.
  std::vector<std::string> new_unindexed() {
    std::vector<std::string> found;
    for (std::string& sql : connection_->unindexed_statements())
      if (seen_.insert(sql).second) found.push_back(std::move(sql));
    return found;
  }

  tests::ScratchDirectory directory_;
  sqlite::Connection* connection_ = nullptr;
  std::unique_ptr<SqliteMetadata> metadata_;
  std::set<std::string> seen_;
};

TEST_F(SqlitePlansTest, NoStatementOfTheWritePathReadsAWholeTable) {
  SqliteMetadata& db = *metadata_;
  EXPECT_TRUE(db.acquire_leases(kSession, {{.key = kKey, .since_seq = Seq(1)}}));
  for (int seq = 1; seq <= 5; ++seq) {
    EXPECT_TRUE(db.append(kSession, Seq(seq), commit(seq)));
    EXPECT_TRUE(db.append(kSession, Seq(seq), commit(seq))) << "a repeat";
  }
  const segment::CheckpointTable table{{.partition = kKey, .epoch = LeaderEpoch(1)}};
  EXPECT_TRUE(db.checkpoint(kSession, Seq(5), table));
  EXPECT_TRUE(db.advance_log_start(kKey, kSession, LeaderEpoch(1), Offset(3)));
  EXPECT_TRUE(db.trim(kSession, Seq(5)));
  EXPECT_TRUE(db.tail(kSession, Seq(0), 10));
  EXPECT_TRUE(db.heartbeat(kSession, 1000, ListOwned::kYes));
  EXPECT_TRUE(db.append(kSession, Seq(6), ReleaseEntry{table}));
  EXPECT_EQ(new_unindexed(), std::vector<std::string>());
}

TEST_F(SqlitePlansTest, NoStatementOfATakeOverReadsAWholeTable) {
  SqliteMetadata& db = *metadata_;
  EXPECT_TRUE(db.acquire_leases(kDead, {{.key = kKey, .since_seq = Seq(1)}}));
  EXPECT_TRUE(db.append(kDead, Seq(1), commit(1)));
  EXPECT_TRUE(db.get_session(kDead));
  EXPECT_TRUE(db.seal_session(kDead));
  EXPECT_TRUE(db.load_recovery(kDead));
  EXPECT_TRUE(db.get_checkpoint(kDead));
  const segment::CheckpointTable table{{.partition = kKey, .epoch = LeaderEpoch(1)}};
  EXPECT_EQ(db.recover_partitions(kDead, table), 1u);
  EXPECT_TRUE(db.finish_recovery(kDead));
  EXPECT_TRUE(db.self_seal(kSession, Seq(1)));
  EXPECT_TRUE(db.named_objects(kDead));
  EXPECT_TRUE(db.list_free_partitions(10));
  EXPECT_EQ(new_unindexed(), std::vector<std::string>());
}

TEST_F(SqlitePlansTest, NoLookUpReadsAWholeTable) {
  SqliteMetadata& db = *metadata_;
  EXPECT_TRUE(db.acquire_leases(kSession, {{.key = kKey, .since_seq = Seq(1)}}));
  EXPECT_TRUE(db.get_topic("b"));
  EXPECT_TRUE(db.get_topic(model::TopicNo(2)));
  EXPECT_TRUE(db.get_topic(model::TopicId{{'b'}}));
  EXPECT_TRUE(db.list_topics(model::TopicNo(0), 10));
  EXPECT_TRUE(db.update_topic_config("b", {.config = {{"k", "v"}}}));
  EXPECT_TRUE(db.create_partitions("b", 30));
  EXPECT_TRUE(db.delete_topic(db.get_topic("b")->id));
  EXPECT_TRUE(db.get_partition(kKey));
  EXPECT_TRUE(db.list_partitions(model::TopicNo(2)));
  EXPECT_TRUE(db.get_lease(kKey));
  EXPECT_TRUE(db.list_leases(model::TopicNo(1)));
  EXPECT_TRUE(db.get_agent("agent" + to_string(kSession)));
  EXPECT_TRUE(db.deregister_agent("agent" + to_string(kDead), kDead));
  EXPECT_TRUE(db.delete_segments_before(kKey, Offset(5), 10));
  EXPECT_TRUE(db.list_objects("", 10));
  EXPECT_TRUE(db.list_dead(10, 10));
  EXPECT_TRUE(db.forget_objects({"x"}));
  EXPECT_TRUE(db.allocate_producer_ids(10));
  EXPECT_TRUE(db.watch_changes(0, 10));
  EXPECT_TRUE(db.put_setting("k", base::Bytes(), 0));
  EXPECT_TRUE(db.get_setting("k"));
  EXPECT_TRUE(db.list_settings("k"));
  EXPECT_TRUE(db.delete_setting("k", 1));
  EXPECT_EQ(new_unindexed(), std::vector<std::string>());
}

TEST_F(SqlitePlansTest, NoStatementOfAGroupReadsAWholeTable) {
  SqliteMetadata& db = *metadata_;
  EXPECT_TRUE(db.acquire_leases(kSession, {{.key = kKey, .since_seq = Seq(1)}}));
  const ShardGuard guard{.shard = kKey, .owner = kSession, .epoch = LeaderEpoch(1)};
  EXPECT_TRUE(db.save_group(guard, {.group_id = "g", .commit_no = 1}));
  EXPECT_TRUE(db.commit_offsets(guard, "g", 2, {{.key = kKey, .offset = Offset(1)}}));
  EXPECT_TRUE(db.delete_offsets(guard, "g", 3, {kKey}));
  EXPECT_TRUE(db.load_group("g"));
  EXPECT_TRUE(db.fetch_offsets("g", {kKey}));
  EXPECT_TRUE(db.list_groups("", 10));
  EXPECT_TRUE(db.expire_offsets(10, 10));
  EXPECT_TRUE(db.delete_group(guard, "g", 4));
  EXPECT_EQ(new_unindexed(), std::vector<std::string>());
}

TEST_F(SqlitePlansTest, AWholeTableIsCountedWhereItIsMeantToBeRead) {
  EXPECT_TRUE(metadata_->list_sessions(SessionId(0), 10));  // sorted: ids are unsigned
  EXPECT_EQ(new_unindexed().size(), 1u);
}

TEST_F(SqlitePlansTest, CountingObjectsReadsSessionsAndNeitherCommitsNorObjects) {
  for (int seq = 1; seq <= 5; ++seq)
    EXPECT_TRUE(metadata_->append(kSession, Seq(seq), commit(seq)));
  EXPECT_TRUE(metadata_->delete_topic(metadata_->get_topic("a")->id));
  EXPECT_TRUE(metadata_->purge_topic(kKey.topic));
  EXPECT_TRUE(metadata_->checkpoint(kSession, Seq(3), {}));
  EXPECT_EQ(metadata_->trim(kSession, Seq(3)), Seq(3));
  new_unindexed();
  EXPECT_EQ(metadata_->count_objects()->size(), 2u);
  const auto whole = new_unindexed();
  ASSERT_EQ(whole.size(), 1u);
  EXPECT_NE(whole[0].find("FROM sh_sessions s CROSS JOIN"), std::string::npos) << whole[0];
}

}  // namespace
}  // namespace streamhouse::metadata
