// Goal: what only a server shared by several agents can do to a call goes well: a commit cut off
// before or after it took effect, a crash of the server, agents that start, append, seal, acquire
// and commit at the same time.
// Method: a real server, a proxy that cuts at chosen moments, several stores on one database.
#include "metadata/postgres/postgres_metadata_store.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <thread>

#include "metadata/postgres/driver/migrations.h"
#include "runtime/asio_runtime.h"
#include "runtime/run_task.h"
#include "runtime/thread_pool.h"
#include "tests/metadata/postgres_proxy.h"
#include "tests/metadata/test_postgres.h"

namespace streamhouse::metadata {
namespace {

using base::Errc;
using postgres::Connection;
using tests::Cut;

constexpr SessionId kSession{0xfedcba9876543210};

CommitEntry commit(std::uint32_t crc) {
  return {
      .object_size = 1, .object_crc = crc, .spans = base::Bytes(segment::encode_span_table({}))};
}

std::string code(const auto& result) {
  return result ? "ok" : std::string(base::errc_name(result.error().code));
}

/// A store with a runtime and workers of its own, as another agent would have it.
class Agent {
 public:
  explicit Agent(const std::string& url)
      : store_(runtime_, workers_,
               open_postgres({.connection = {.url = url}, .new_cluster_id = {{1}}}).value()) {}

  template <class T>
  T run(Task<T> task) {
    return runtime::run_task(runtime_, std::move(task));
  }
  PostgresMetadataStore& store() { return store_; }
  void open_session(SessionId session) {
    const NewSession wanted{
        .id = session, .agent = {.agent_id = to_string(session)}, .timeout_ms = 60'000};
    EXPECT_TRUE(run(store_.open_session(wanted)));
  }
  void create_topic(const std::string& name, std::int32_t partitions) {
    const NewTopic topic{
        .name = name, .id = {{static_cast<std::uint8_t>(name[0])}}, .partition_count = partitions};
    EXPECT_TRUE(run(store_.create_topic(topic)));
  }

 private:
  runtime::AsioRuntime runtime_{1};
  runtime::ThreadPool workers_{runtime_, {.name = "agent", .threads = 4}};
  PostgresMetadataStore store_;
};

class PostgresMetadataStoreTest : public ::testing::Test {
 protected:
  const std::string schema_ = tests::test_postgres().new_schema();
  const std::string url_ = tests::test_postgres().url(schema_);
};

TEST_F(PostgresMetadataStoreTest, AnAppendThatIsCutOffIsFoundOut) {
  Agent direct(url_);
  direct.open_session(kSession);
  tests::PostgresProxy proxy(tests::test_postgres().port());
  Agent agent(tests::PostgresServer::url_at(proxy.port(), schema_));
  ASSERT_EQ(agent.run(agent.store().append(kSession, Seq(1), commit(1))), Appended::kNow);
  proxy.cut_statements(Cut::kBeforeCommit, 1);
  EXPECT_EQ(agent.run(agent.store().append(kSession, Seq(2), commit(2))), Appended::kNow);
  proxy.cut_statements(Cut::kAfterCommit, 1);
  EXPECT_EQ(agent.run(agent.store().append(kSession, Seq(3), commit(3))), Appended::kBefore);
  EXPECT_EQ(proxy.cuts(), 2);
  EXPECT_EQ(direct.run(direct.store().tail(kSession, Seq(0), 10))->size(), 3u);
}

TEST_F(PostgresMetadataStoreTest, AnAppendThatIsCutOffAndSealedMeanwhileIsFenced) {
  Agent direct(url_);
  direct.open_session(kSession);
  tests::PostgresProxy proxy(tests::test_postgres().port());
  Agent agent(tests::PostgresServer::url_at(proxy.port(), schema_));
  ASSERT_TRUE(agent.run(agent.store().append(kSession, Seq(1), commit(1))));
  ASSERT_TRUE(direct.run(direct.store().seal_session(kSession)));
  proxy.cut_statements(Cut::kBeforeCommit, 1);
  EXPECT_EQ(code(agent.run(agent.store().append(kSession, Seq(2), commit(2)))), "fenced");
}

TEST_F(PostgresMetadataStoreTest, TransactionsThatAreCutOffFindTheirOwnSuccess) {
  Agent direct(url_);
  direct.open_session(kSession);
  direct.create_topic("t", 4);
  tests::PostgresProxy proxy(tests::test_postgres().port());
  Agent agent(tests::PostgresServer::url_at(proxy.port(), schema_));
  for (const Cut cut : {Cut::kBeforeCommit, Cut::kAfterCommit}) {
    const int round = static_cast<int>(cut);
    const TopicPartition key{model::TopicNo(1), model::PartitionIndex(round)};
    proxy.cut_commits(cut, 1);
    const auto led = agent.run(agent.store().acquire_leases(kSession, {{.key = key}}));
    ASSERT_TRUE(led && led->front());
    EXPECT_EQ(led->front()->epoch, LeaderEpoch(1));
    const ShardGuard guard{.shard = key, .owner = kSession, .epoch = LeaderEpoch(1)};
    const std::string group = "g" + std::to_string(round);
    proxy.cut_commits(cut, 1);
    EXPECT_TRUE(agent.run(agent.store().commit_offsets(guard, group, 1, {{.key = key}})));
    proxy.cut_commits(cut, 1);
    const segment::CheckpointTable table{{.partition = key, .epoch = LeaderEpoch(1)}};
    EXPECT_TRUE(agent.run(agent.store().append(kSession, Seq(round), ReleaseEntry{table})));
    EXPECT_EQ(agent.run(agent.store().get_partition(key))->epoch, LeaderEpoch(2));
  }
  EXPECT_EQ(proxy.cuts(), 6);
}

TEST_F(PostgresMetadataStoreTest, IdleConnectionsThatBrokeAreReplacedUnseen) {
  tests::PostgresProxy proxy(tests::test_postgres().port());
  Agent agent(tests::PostgresServer::url_at(proxy.port(), schema_));
  for (int i = 0; i < 5; ++i) {
    EXPECT_TRUE(agent.run(agent.store().cluster_info()));
    proxy.cut_all();
  }
  agent.open_session(kSession);
}

TEST_F(PostgresMetadataStoreTest, WhatIsNotRepeatableIsAnsweredAsUnknown) {
  Agent direct(url_);
  tests::PostgresProxy proxy(tests::test_postgres().port());
  Agent agent(tests::PostgresServer::url_at(proxy.port(), schema_));
  proxy.cut_commits(Cut::kAfterCommit, 1);
  const NewSession wanted{.id = kSession, .agent = {.agent_id = "a"}, .timeout_ms = 1000};
  EXPECT_EQ(code(agent.run(agent.store().open_session(wanted))), "unknown_outcome");
  EXPECT_TRUE(direct.run(direct.store().get_session(kSession)));
}

TEST_F(PostgresMetadataStoreTest, TenAgentsThatStartAtOnceMigrateOnce) {
  std::atomic<int> opened = 0;
  std::vector<std::thread> starting;
  for (int i = 0; i < 10; ++i)
    starting.emplace_back([&] {
      opened += open_postgres({.connection = {.url = url_}, .new_cluster_id = {{9}}}) ? 1 : 0;
    });
  for (std::thread& thread : starting) thread.join();
  EXPECT_EQ(opened, 10);
  const auto db = Connection::open({.url = url_}).value();
  EXPECT_EQ(db->value<std::size_t>("SELECT count(*) FROM sh_schema_migrations"),
            postgres::embedded_migrations().size());
}

TEST_F(PostgresMetadataStoreTest, ADatabaseOfANewerProgramIsRefused) {
  ASSERT_TRUE(open_postgres({.connection = {.url = url_}, .new_cluster_id = {{9}}}));
  const auto db = Connection::open({.url = url_}).value();
  ASSERT_TRUE(db->execute("INSERT INTO sh_schema_migrations VALUES (99, '0099_later', 1, 1)"));
  const auto refused = open_postgres({.connection = {.url = url_}, .new_cluster_id = {{9}}});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Errc::kUnsupported);
  EXPECT_NE(refused.error().text.find("0099_later"), std::string::npos);
}

TEST_F(PostgresMetadataStoreTest, WhoOnlyLooksChangesNothing) {
  const postgres::ConnectionOptions look{.url = url_, .mode = postgres::OpenMode::kReadOnly};
  const auto empty = open_postgres({.connection = look});
  ASSERT_FALSE(empty);
  EXPECT_EQ(empty.error().code, Errc::kUnsupported);
  ASSERT_TRUE(open_postgres({.connection = {.url = url_}, .new_cluster_id = {{9}}}));
  const auto connection = open_postgres({.connection = look}).value()->take().value();
  PostgresMetadata metadata(*connection);
  EXPECT_TRUE(metadata.list_sessions(SessionId(0), 10));
  EXPECT_EQ(code(metadata.allocate_producer_ids(1)), "unsupported");
}

/// The seal property: whatever runs at once, nothing is acknowledged behind a seal, and a log has
/// no gap before it.
TEST_F(PostgresMetadataStoreTest, NoAppendIsAcknowledgedBehindASealThatRacesWithIt) {
  Agent owner(url_);
  constexpr int kSessions = 60;
  for (int i = 1; i <= kSessions; ++i) {
    const SessionId session(static_cast<std::uint64_t>(i));
    owner.open_session(session);
    std::atomic<bool> begun = false;
    std::optional<Result<Seq>> seal;
    std::thread successor([&] {
      const auto db = Connection::open({.url = url_}).value();
      PostgresMetadata metadata(*db);
      while (!begun) continue;
      seal = metadata.seal_session(session);
    });
    Seq acknowledged{0};
    for (Seq seq{1};; ++seq) {
      const auto appended = owner.run(owner.store().append(session, seq, commit(1)));
      begun = true;
      if (!appended) {
        EXPECT_EQ(code(appended), "fenced");
        break;
      }
      acknowledged = seq;
    }
    successor.join();
    ASSERT_TRUE(seal && *seal);
    EXPECT_EQ(**seal, acknowledged + 1);
    EXPECT_EQ(owner.run(owner.store().get_session(session))->state, SessionState::kFencing);
  }
}

TEST_F(PostgresMetadataStoreTest, EveryPartitionHasOneLeaderAnEpochWhoeverAsksForIt) {
  Agent agent(url_);
  agent.create_topic("t", 20);
  constexpr int kAgents = 4;
  std::vector<AcquireRequest> wanted;
  for (int i = 0; i < 20; ++i)
    wanted.push_back({.key = {model::TopicNo(1), model::PartitionIndex(i)}});
  std::atomic<int> taken = 0;
  std::vector<std::thread> threads;
  for (int n = 1; n <= kAgents; ++n) {
    const SessionId session(static_cast<std::uint64_t>(n));
    agent.open_session(session);
    threads.emplace_back([&, session, backwards = n % 2 == 0] {
      const auto db = Connection::open({.url = url_}).value();
      PostgresMetadata metadata(*db);
      std::vector<AcquireRequest> order = wanted;
      if (backwards) std::ranges::reverse(order);
      const auto answers = metadata.acquire_leases(session, order);
      ASSERT_TRUE(answers) << to_string(answers.error());
      for (const auto& answer : *answers) taken += answer ? 1 : 0;
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(taken, 20);
}

TEST_F(PostgresMetadataStoreTest, ManyAgentsAtOnceNeitherBlockEachOtherNorLoseANumber) {
  Agent agent(url_);
  agent.create_topic("t", 8);
  agent.open_session(kSession);
  std::vector<AcquireRequest> wanted;
  for (int i = 0; i < 8; ++i)
    wanted.push_back({.key = {model::TopicNo(1), model::PartitionIndex(i)}});
  ASSERT_TRUE(agent.run(agent.store().acquire_leases(kSession, wanted)));
  constexpr int kThreads = 6;
  constexpr int kRounds = 25;
  std::vector<std::thread> threads;
  for (int n = 0; n < kThreads; ++n)
    threads.emplace_back([&, n] {
      const auto db = Connection::open({.url = url_}).value();
      PostgresMetadata metadata(*db);
      const TopicPartition shard{model::TopicNo(1), model::PartitionIndex(n % 2)};
      const ShardGuard guard{.shard = shard, .owner = kSession, .epoch = LeaderEpoch(1)};
      const std::string group = "g" + std::to_string(n);
      for (int round = 1; round <= kRounds; ++round) {
        std::vector<CommittedOffset> offsets;
        for (int i = 0; i < 8; ++i)
          offsets.push_back({.key = wanted[static_cast<std::size_t>((i + n) % 8)].key});
        EXPECT_EQ(code(metadata.commit_offsets(guard, group, round, offsets)), "ok");
        const NewTopic topic{
            .name = group + "-" + std::to_string(round),
            .id = {{static_cast<std::uint8_t>(n + 1), static_cast<std::uint8_t>(round)}}};
        EXPECT_EQ(code(metadata.create_topic(topic)), "ok");
        EXPECT_EQ(code(metadata.delete_topic(topic.id)), "ok");
      }
      EXPECT_EQ(code(metadata.delete_group(guard, group, kRounds + 1)), "ok");
      EXPECT_EQ(db->failure(), postgres::Failure::kNone) << "no deadlock, no lost transaction";
    });
  for (std::thread& thread : threads) thread.join();
  const auto changes = agent.run(agent.store().watch_changes(0, 10'000));
  ASSERT_TRUE(changes);
  EXPECT_EQ(changes->latest, static_cast<std::int64_t>(changes->changes.size())) << "no gap";
}

TEST(PostgresCrashTest, WhatWasAcknowledgedIsThereAfterTheServerWasKilled) {
  tests::TestPostgres server;
  std::atomic<bool> ended = false;
  std::atomic<std::int64_t> acknowledged = 0;
  std::thread appender([&] {
    Agent agent(server.url());
    agent.open_session(kSession);
    while (!ended) {
      const Seq seq(acknowledged + 1);
      const auto appended = agent.run(agent.store().append(kSession, seq, commit(1)));
      if (appended) ++acknowledged;
      if (!appended)
        EXPECT_EQ(base::retryability(appended.error().code), base::Retry::kAfterBackoff)
            << to_string(appended.error());
    }
  });
  for (int crash = 0; crash < 3; ++crash) {
    const std::int64_t before = acknowledged;
    while (acknowledged < before + 20) std::this_thread::yield();
    server.kill();
    server.start();
  }
  ended = true;
  appender.join();
  Agent agent(server.url());
  const auto rows = agent.run(agent.store().tail(kSession, Seq(0), 1'000'000));
  ASSERT_TRUE(rows) << to_string(rows.error());
  EXPECT_GE(static_cast<std::int64_t>(rows->size()), acknowledged);
  EXPECT_LE(static_cast<std::int64_t>(rows->size()), acknowledged + 1);
}

TEST(PostgresStandbyTest, AStandbyIsRefusedAndSoIsItsPrimaryUnlessAllowed) {
  tests::TestPostgres primary;
  tests::TestPostgres standby(&primary);
  const auto refusal = [](const std::string& url) {
    const auto opened = Connection::open({.url = url});
    if (opened) return std::string();
    EXPECT_EQ(opened.error().code, Errc::kUnsupported);
    return opened.error().text;
  };
  EXPECT_NE(refusal(standby.url()).find("is a standby"), std::string::npos);
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(120);
  while (refusal(primary.url()).empty() && std::chrono::steady_clock::now() < deadline) continue;
  EXPECT_NE(refusal(primary.url()).find("replicates asynchronously"), std::string::npos);
  EXPECT_TRUE(
      Connection::open({.url = primary.url(), .standbys = postgres::AsyncStandbys::kAllow}));
}

TEST(PostgresCrashTest, AServerThatCouldLoseCommitsIsRefusedAndSaysWhy) {
  for (const char* const setting : {"fsync", "full_page_writes"}) {
    tests::TestPostgres server;  // the test's own look at it is with everything on
    server.execute("ALTER SYSTEM SET " + std::string(setting) + " = off");
    server.execute("SELECT pg_reload_conf()");
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(60);
    auto opened = Connection::open({.url = server.url()});
    while (opened && std::chrono::steady_clock::now() < deadline)
      opened = Connection::open({.url = server.url()});
    ASSERT_FALSE(opened) << setting;
    EXPECT_EQ(opened.error().code, Errc::kUnsupported);
    EXPECT_NE(opened.error().text.find(setting), std::string::npos) << opened.error().text;
  }
}

}  // namespace
}  // namespace streamhouse::metadata
