// Goal: only CockroachDB is served as such, one process at a time migrates and another goes on
// where it died, what loses or stays open is repeated or found out, and no statement lacks support.
// Method: the stand-in: a real PostgreSQL server behind a proxy that behaves like CockroachDB.
#include "metadata/cockroach/cockroach_dialect.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "metadata/opened_metadata_store.h"
#include "metadata/postgres/driver/migrations.h"
#include "metadata/postgres/postgres_metadata_store.h"
#include "runtime/asio_runtime.h"
#include "runtime/run_task.h"
#include "runtime/thread_pool.h"
#include "tests/metadata/postgres_proxy.h"
#include "tests/metadata/test_postgres.h"

namespace streamhouse::metadata::cockroach {
namespace {

using base::Errc;
using postgres::Connection;
using tests::Guise;
using tests::PostgresProxy;

constexpr SessionId kSession{0xfedcba9876543210};
constexpr model::TopicId kCluster{{1}};

std::string code(const auto& result) {
  return result ? "ok" : std::string(base::errc_name(result.error().code));
}

class CockroachDialectTest : public ::testing::Test {
 protected:
  static int server_port() { return tests::test_postgres().port(); }
  postgres::ConnectionOptions at(int port) const {
    return {.url = tests::PostgresServer::url_at(port, schema_), .dialect = &cockroach_dialect()};
  }
  std::unique_ptr<Connection> connect() { return Connection::open(at(proxy_.port())).value(); }
  std::shared_ptr<postgres::ConnectionPool> open() {
    auto opened = open_postgres({.connection = at(proxy_.port()), .new_cluster_id = kCluster});
    EXPECT_TRUE(opened) << to_string(opened.error());
    return *std::move(opened);
  }
  /// Why a server is refused.
  static std::string refusal(const postgres::ConnectionOptions& options) {
    const auto opened = Connection::open(options);
    EXPECT_EQ(code(opened), "unsupported");
    return opened ? "" : opened.error().text;
  }

  const std::string schema_ = tests::test_postgres().new_schema();
  PostgresProxy proxy_{server_port(), Guise::kCockroach};
};

TEST_F(CockroachDialectTest, OnlyAServerOfItsKindIsServed) {
  EXPECT_NE(refusal(at(server_port())).find("is not CockroachDB"), std::string::npos);
  EXPECT_NE(refusal({.url = tests::PostgresServer::url_at(proxy_.port(), schema_)})
                .find("is CockroachDB"),
            std::string::npos);
  const PostgresProxy old(server_port(), Guise::kCockroach, "CockroachDB CCL v23.1.30 (x)");
  EXPECT_NE(refusal(at(old.port())).find("older than CockroachDB 23.2"), std::string::npos);
  const PostgresProxy oldest(server_port(), Guise::kCockroach, "CockroachDB OSS v23.2.0 (x)");
  EXPECT_TRUE(Connection::open(at(oldest.port())));
}

TEST_F(CockroachDialectTest, AUrlOfItsSchemeOpensIt) {
  const std::string url = tests::PostgresServer::url_at(proxy_.port(), schema_);
  runtime::AsioRuntime runtime;
  const auto opened = runtime::run_task(
      runtime, open_metadata_store(runtime, {.url = "cockroach" + url.substr(url.find(':')),
                                             .new_cluster_id = kCluster,
                                             .connections_max = 2}));
  ASSERT_TRUE(opened) << to_string(opened.error());
  EXPECT_FALSE((*opened)->exclusive());
  EXPECT_EQ(runtime::run_task(runtime, (*opened)->store().cluster_info())->cluster_id, kCluster);
}

TEST_F(CockroachDialectTest, WhatItLacksIsRefusedByTheStandIn) {
  const auto db = connect();
  EXPECT_FALSE(db->execute("SELECT pg_advisory_lock(1)"));
  EXPECT_FALSE(db->run_script("CREATE TABLE a (n int8); CREATE TABLE b (n int8)"));
  EXPECT_FALSE(db->transaction([&] { return db->run_script("CREATE TABLE a (n int8)"); }));
  EXPECT_TRUE(db->run_script("CREATE TABLE a (n int8)"));
  EXPECT_EQ(proxy_.injected().size(), 2u) << "two reasons";
}

TEST_F(CockroachDialectTest, AMigrationThatWasLeftHalfwayIsFinished) {
  const auto statements = statements_of(embedded_migrations()[0].sql);
  const auto dead = connect();
  for (std::size_t i = 0; i < statements.size() / 2; ++i)
    ASSERT_TRUE(dead->run_script(statements[i])) << statements[i];
  const auto db = open()->take().value();
  EXPECT_TRUE(postgres::check_migrated(*db));
  EXPECT_TRUE(PostgresMetadata(*db).create_topic({.name = "t", .id = {{1}}}));
}

TEST_F(CockroachDialectTest, AClaimThatHasEndedIsNoticedBeforeTheNextStep) {
  const postgres::Dialect& dialect = cockroach_dialect();
  const auto slow = connect();
  const auto claim = dialect.lock_migrations(*slow);
  ASSERT_TRUE(claim);
  EXPECT_TRUE(dialect.keep_migration_lock(*slow, *claim));
  const auto next = connect();
  ASSERT_TRUE(next->run_script("UPDATE sh_migration_claims SET expires_at = 0"));
  const auto other = dialect.lock_migrations(*next);
  ASSERT_TRUE(other);
  EXPECT_EQ(code(dialect.keep_migration_lock(*slow, *claim)), "unavailable");
  EXPECT_TRUE(dialect.unlock_migrations(*slow, *claim));
  EXPECT_TRUE(dialect.keep_migration_lock(*next, *other)) << "it is not the other's to end";
}

/// A store with a runtime and workers of its own, as another agent would have it.
class Agent {
 public:
  explicit Agent(std::shared_ptr<postgres::ConnectionPool> connections)
      : store_(runtime_, workers_, std::move(connections)) {}
  template <class T>
  T run(Task<T> task) {
    return runtime::run_task(runtime_, std::move(task));
  }
  PostgresMetadataStore& store() { return store_; }
  void open_session(SessionId session) {
    const NewSession wanted{
        .id = session, .agent = {.agent_id = to_string(session)}, .timeout_ms = 60'000};
    EXPECT_EQ(code(run(store_.open_session(wanted))), "ok");
  }
  Result<Appended> append(Seq seq) {
    CommitEntry entry{.object_size = 1,
                      .object_crc = static_cast<std::uint32_t>(seq.value()),
                      .spans = base::Bytes(segment::encode_span_table({}))};
    return run(store_.append(kSession, seq, std::move(entry)));
  }

 private:
  runtime::AsioRuntime runtime_{1};
  runtime::ThreadPool workers_{runtime_, {.name = "agent", .threads = 4}};
  PostgresMetadataStore store_;
};

TEST_F(CockroachDialectTest, OpenOutcomesNeverLeaveAnAppend) {
  Agent agent(open());
  agent.open_session(kSession);
  constexpr int kRows = 150;
  proxy_.set_faults({.conflict = 0.1, .unknown = 0.15, .stall = 0.01});
  for (Seq seq{1}; seq <= Seq(kRows); ++seq)
    ASSERT_EQ(code(agent.append(seq)), "ok") << seq.value();
  proxy_.set_faults({});
  const auto rows = agent.run(agent.store().tail(kSession, Seq(0), 1'000)).value();
  ASSERT_EQ(rows.size(), static_cast<std::size_t>(kRows));
  for (int i = 0; i < kRows; ++i)
    EXPECT_EQ(rows[static_cast<std::size_t>(i)].crc, static_cast<std::uint32_t>(i + 1));
  auto injected = proxy_.injected();
  for (const char* const fault : {"40001", "40003", "cut"}) EXPECT_GT(injected[fault], 0) << fault;
}

TEST_F(CockroachDialectTest, AnOpenAppendThatWasSealedMeanwhileIsFenced) {
  Agent agent(open());
  agent.open_session(kSession);
  ASSERT_EQ(code(agent.append(Seq(1))), "ok");
  ASSERT_TRUE(agent.run(agent.store().seal_session(kSession)));
  proxy_.set_faults({.unknown = 0.2});
  for (int i = 0; i < 20; ++i) EXPECT_EQ(code(agent.append(Seq(2))), "fenced");
}

/// Real conflicts, and injected ones.
TEST_F(CockroachDialectTest, AgentsThatMeetNeitherLoseNorRepeatAnything) {
  constexpr int kAgents = 4;
  constexpr int kRounds = 8;
  const auto connections = open();
  Agent first(connections);
  first.open_session(kSession);
  const NewTopic topic{.name = "t", .id = {{1}}, .partition_count = 8};
  ASSERT_TRUE(first.run(first.store().create_topic(topic)));
  std::vector<AcquireRequest> wanted;
  for (int i = 0; i < topic.partition_count; ++i)
    wanted.push_back({.key = {model::TopicNo(1), model::PartitionIndex(i)}});
  proxy_.set_faults({.conflict = 0.02, .unknown = 0.02});
  std::atomic<int> taken = 0;
  std::vector<std::thread> threads;
  for (int n = 0; n < kAgents; ++n)
    threads.emplace_back([&, n] {
      Agent agent(connections);
      const auto led = agent.run(agent.store().acquire_leases(kSession, wanted));
      if (n == 0) taken += led ? static_cast<int>(led->size()) : 0;
      const ShardGuard guard{.shard = wanted[0].key, .owner = kSession, .epoch = LeaderEpoch(1)};
      const std::string group = "g" + std::to_string(n);
      for (int round = 1; round <= kRounds; ++round) {
        const std::vector<CommittedOffset> offsets{{.key = wanted[1].key, .offset = Offset(round)}};
        EXPECT_EQ(code(agent.run(agent.store().commit_offsets(guard, group, round, offsets))),
                  "ok");
        const NewTopic other{
            .name = group + "-" + std::to_string(round),
            .id = {{static_cast<std::uint8_t>(n + 1), static_cast<std::uint8_t>(round)}}};
        EXPECT_EQ(code(agent.run(agent.store().create_topic(other))), "ok");
      }
    });
  for (std::thread& thread : threads) thread.join();
  proxy_.set_faults({});
  EXPECT_EQ(taken, 8);
  const auto topics = first.run(first.store().list_topics(model::TopicNo(0), 1'000)).value();
  EXPECT_EQ(topics.size(), static_cast<std::size_t>(1 + kAgents * kRounds));
  EXPECT_EQ(topics.back().no, model::TopicNo(1 + kAgents * kRounds)) << "no number is lost";
  for (const AcquireRequest& request : wanted)
    EXPECT_EQ(first.run(first.store().get_partition(request.key))->epoch, LeaderEpoch(1));
  const auto changes = first.run(first.store().watch_changes(0, 10'000)).value();
  EXPECT_EQ(changes.latest, static_cast<std::int64_t>(changes.changes.size())) << "no gap";
}

}  // namespace
}  // namespace streamhouse::metadata::cockroach
