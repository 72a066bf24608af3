// Goal: no operation gets slower with what it does not look at: each finds its rows by an index,
// and its plan does not rest on statistics that are old.
// Method: every operation runs once on a database with many rows; then the server explains, with
// its statistics and free to read tables whole, the very statements that were prepared.
#include <gtest/gtest.h>

#include "metadata/postgres/postgres_metadata_store.h"
#include "tests/metadata/test_postgres.h"

namespace streamhouse::metadata {
namespace {

using postgres::Connection;
using postgres::Row;

constexpr SessionId kSession{5};
constexpr SessionId kDead{6};
constexpr TopicPartition kKey{model::TopicNo(1), model::PartitionIndex(0)};

/// Tables that are large where many agents are at work; the others may be read whole.
constexpr std::array kLarge = {"sh_partitions", "sh_partition_producers",
                               "sh_commits",    "sh_objects",
                               "sh_segments",   "sh_groups",
                               "sh_offsets",    "sh_changes",
                               "sh_sessions"};

/// Rows that belong to others.
constexpr std::string_view kFill =
    "INSERT INTO sh_partitions SELECT t, p, 3, 1000 + p, 1, 0, 0, 0, 1, 1, 1"
    " FROM generate_series(1000, 1019) t, generate_series(0, 999) p;"
    "INSERT INTO sh_partition_producers SELECT t, p, '' FROM generate_series(1000, 1019) t,"
    " generate_series(0, 999) p;"
    "INSERT INTO sh_sessions SELECT s, 'other' || s, 2, 0, 0, 0, 1 FROM generate_series(1000, "
    "5000) s;"
    "INSERT INTO sh_commits SELECT s, q, 'C', 1, 1, 1, '\\x00', 1, 1"
    " FROM generate_series(1000, 1999) s, generate_series(1, 20) q;"
    "INSERT INTO sh_objects SELECT 'x' || o, o, 1, 1, 1, 0, 0 FROM generate_series(1, 20000) o;"
    "INSERT INTO sh_segments SELECT t, p, o, 0, 'x', 0, 1, 1, 1, 1, 1, 1"
    " FROM generate_series(1000, 1009) t, generate_series(0, 99) p, generate_series(1, 20) o;"
    "INSERT INTO sh_groups SELECT 'other' || g, 1, 0, '', '', '', 1, 1 FROM generate_series(1, "
    "5000) g;"
    "INSERT INTO sh_offsets SELECT 'other' || g, 1000, p, 1, 1, '', 1, NULL"
    " FROM generate_series(1, 500) g, generate_series(0, 39) p;"
    "INSERT INTO sh_changes SELECT -c, 1, '', 1 FROM generate_series(1, 20000) c;"
    "ANALYZE";

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

class PostgresPlansTest : public ::testing::Test {
 protected:
  PostgresPlansTest() {
    EXPECT_TRUE(open_postgres({.connection = {.url = url_}, .new_cluster_id = {{1}}}));
    connection_ = Connection::open({.url = url_}).value();
    EXPECT_TRUE(connection_->run_script("SET enable_seqscan = on"));
    metadata_ = std::make_unique<PostgresMetadata>(*connection_);
    for (const SessionId session : {kSession, kDead}) {
      const NewSession wanted{
          .id = session, .agent = {.agent_id = "agent" + to_string(session)}, .timeout_ms = 1000};
      EXPECT_TRUE(metadata_->open_session(wanted));
    }
    for (const char* name : {"a", "b", "c"}) {
      const NewTopic topic{
          .name = name, .id = {{static_cast<std::uint8_t>(name[0])}}, .partition_count = 20};
      EXPECT_TRUE(metadata_->create_topic(topic));
    }
    EXPECT_TRUE(connection_->run_script(kFill));
  }

  std::string plan_of(const Connection::Prepared& statement) {
    std::string sql = "EXPLAIN EXECUTE " + statement.name;
    for (int i = 0; i < statement.parameter_count; ++i) sql += i == 0 ? "(NULL" : ", NULL";
    if (statement.parameter_count > 0) sql += ")";
    std::string plan;
    const auto read = [&](Row row) {
      plan += row.get<std::string>(0) + "\n";
      return true;
    };
    EXPECT_TRUE(explainer().all(sql, read)) << sql;
    return plan;
  }
  /// Prepared statements belong to their connection.
  Connection& explainer() { return *connection_; }

  /// What ran since the last call and reads a large table whole.
  std::vector<std::string> new_unindexed() {
    std::vector<std::string> found;
    const auto prepared = connection_->prepared();  // explaining prepares more
    for (const auto& [sql, statement] : prepared) {
      if (sql.starts_with("EXPLAIN") || !seen_.insert(sql).second) continue;
      const std::string plan = plan_of(statement);
      for (const char* const table : kLarge)
        if (plan.find("Seq Scan on " + std::string(table)) != std::string::npos)
          found.push_back(sql + "\n" + plan);
    }
    return found;
  }

  /// Of what was prepared so far, what puts its rows in order instead of reading them so.
  std::vector<std::string> sorting() {
    std::vector<std::string> found;
    const auto prepared = connection_->prepared();
    for (const auto& [sql, statement] : prepared) {
      if (sql.starts_with("EXPLAIN")) continue;
      const std::string plan = plan_of(statement);
      if (plan.contains("Sort")) found.push_back(sql + "\n" + plan);
    }
    return found;
  }

  /// Statements that write many partitions and whose plan does not walk them in the order given:
  /// they could lock them in another order than others do.
  std::vector<std::string> out_of_order() {
    std::vector<std::string> found;
    const auto prepared = connection_->prepared();
    for (const auto& [sql, statement] : prepared) {
      if (!sql.starts_with("UPDATE sh_partitions p")) continue;
      const std::string plan = plan_of(statement);
      const std::size_t keys = plan.find("Function Scan");
      const bool walks = plan.find("Nested Loop") < keys && keys < plan.find("Index Scan");
      if (!walks) found.push_back(sql + "\n" + plan);
    }
    return found;
  }

  const std::string url_ = tests::test_postgres().url(tests::test_postgres().new_schema());
  std::unique_ptr<Connection> connection_;
  std::unique_ptr<PostgresMetadata> metadata_;
  std::set<std::string> seen_;
};

TEST_F(PostgresPlansTest, NoStatementOfTheWritePathReadsAWholeTable) {
  PostgresMetadata& db = *metadata_;
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

TEST_F(PostgresPlansTest, NothingThatRunsAllTheTimeSorts) {
  Connection& db = *connection_;
  for (int seq = 1; seq <= 3; ++seq) {
    EXPECT_TRUE(metadata_->append(kSession, Seq(seq), commit(seq)));
    EXPECT_TRUE(metadata_->append(kSession, Seq(seq), commit(seq))) << "a repeat";
  }
  EXPECT_TRUE(metadata_->checkpoint(kSession, Seq(3), {}));
  EXPECT_TRUE(metadata_->tail(kSession, Seq(0), 10));
  EXPECT_TRUE(metadata_->heartbeat(kSession, 1000, ListOwned::kNo));
  EXPECT_TRUE(metadata_->watch_changes(0, 10));
  EXPECT_TRUE(metadata_->get_topic("a"));
  EXPECT_TRUE(metadata_->get_partition(kKey));
  EXPECT_TRUE(metadata_->find_segment({model::TopicNo(1000), model::PartitionIndex(5)}, Offset(0)));
  EXPECT_GT(db.prepared().size(), 8u);
  EXPECT_EQ(sorting(), std::vector<std::string>());
}

TEST_F(PostgresPlansTest, NoStatementOfATakeOverReadsAWholeTable) {
  PostgresMetadata& db = *metadata_;
  EXPECT_TRUE(db.acquire_leases(kDead, {{.key = kKey, .since_seq = Seq(1)}}));
  EXPECT_TRUE(db.append(kDead, Seq(1), commit(1)));
  EXPECT_TRUE(db.get_session(kDead));
  EXPECT_TRUE(db.list_due_sessions("agent" + to_string(kDead)));
  EXPECT_TRUE(db.seal_session(kDead));
  EXPECT_TRUE(db.load_recovery(kDead));
  EXPECT_TRUE(db.get_checkpoint(kDead));
  const segment::CheckpointTable table{{.partition = kKey, .epoch = LeaderEpoch(1)}};
  EXPECT_EQ(db.recover_partitions(kDead, table), 1u);
  EXPECT_TRUE(db.finish_recovery(kDead));
  EXPECT_TRUE(db.self_seal(kSession, Seq(1)));
  EXPECT_TRUE(db.named_objects(kDead));
  EXPECT_EQ(new_unindexed(), std::vector<std::string>());
}

TEST_F(PostgresPlansTest, NoLookUpReadsAWholeTable) {
  PostgresMetadata& db = *metadata_;
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
  EXPECT_TRUE(db.find_segment({model::TopicNo(1000), model::PartitionIndex(5)}, Offset(0)));
  EXPECT_TRUE(db.list_objects("", 10));
  EXPECT_TRUE(db.list_dead(10, 10));
  EXPECT_TRUE(db.forget_objects({"y"}));
  EXPECT_TRUE(db.allocate_producer_ids(10));
  EXPECT_TRUE(db.watch_changes(0, 10));
  EXPECT_EQ(new_unindexed(), std::vector<std::string>());
}

TEST_F(PostgresPlansTest, NoStatementOfAGroupReadsAWholeTable) {
  PostgresMetadata& db = *metadata_;
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

TEST_F(PostgresPlansTest, AWideTopicIsLedThoughTheStatisticsAreOfEmptyTables) {
  for (const char* const sql :
       {"DELETE FROM sh_partitions", "DELETE FROM sh_partition_producers", "DELETE FROM sh_changes",
        "VACUUM ANALYZE", "SET enable_seqscan = off"})
    EXPECT_TRUE(connection_->run_script(sql)) << sql;
  const NewTopic topic{.name = "wide", .id = {{9}}, .partition_count = 10'000};
  const auto wide = metadata_->create_topic(topic);
  ASSERT_TRUE(wide);
  std::vector<AcquireRequest> requests;
  segment::CheckpointTable table;
  for (std::int32_t i = 0; i < topic.partition_count; ++i) {
    const TopicPartition key{wide->no, model::PartitionIndex(i)};
    requests.push_back({.key = key, .since_seq = Seq(1)});
    table.push_back(
        {.partition = key, .epoch = LeaderEpoch(1), .producers = base::Bytes(std::string("p"))});
  }
  ASSERT_TRUE(metadata_->acquire_leases(kSession, requests));
  EXPECT_TRUE(metadata_->checkpoint(kSession, Seq(0), table));
  EXPECT_TRUE(metadata_->append(kSession, Seq(1), ReleaseEntry{table}));
  EXPECT_EQ(out_of_order(), std::vector<std::string>());
  EXPECT_EQ(new_unindexed(), std::vector<std::string>());
}

TEST_F(PostgresPlansTest, AWholeTableIsSeenWhereItIsMeantToBeRead) {
  EXPECT_TRUE(metadata_->list_leases(std::nullopt));
  EXPECT_GE(new_unindexed().size(), 1u);
}

}  // namespace
}  // namespace streamhouse::metadata
