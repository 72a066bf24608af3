// Goal: nothing is acknowledged that the synchronous standby may lack. A server that gives up
// waiting for it says so with no more than a warning, and from then on shows the commit to
// everybody. Method: a primary whose synchronous standby is stopped, and an administrator who
// cancels what waits.
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <thread>

#include "metadata/postgres/postgres_metadata_store.h"
#include "runtime/asio_runtime.h"
#include "runtime/run_task.h"
#include "runtime/thread_pool.h"
#include "segment/span.h"
#include "tests/metadata/test_postgres.h"

namespace streamhouse::metadata {
namespace {

using base::Errc;
using postgres::Connection;

constexpr SessionId kSession{7};

/// An administrator who cancels whatever waits for the standby.
class Impatience {
 public:
  explicit Impatience(const std::string& url)
      : connection_(Connection::open({.url = url}).value()) {
    thread_ = std::thread([this] {
      while (!over_) {
        EXPECT_TRUE(connection_->run_script(
            "SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE wait_event = 'SyncRep'"));
        std::this_thread::sleep_for(std::chrono::milliseconds(20));
      }
    });
  }
  ~Impatience() {
    over_ = true;
    thread_.join();
  }

 private:
  std::unique_ptr<Connection> connection_;
  std::atomic<bool> over_ = false;
  std::thread thread_;
};

class PostgresStandbySyncTest : public ::testing::Test {
 protected:
  void SetUp() override {
    const postgres::ConnectionOptions options{.url = primary_.url(),
                                              .standbys = postgres::AsyncStandbys::kAllow};
    pool_ = open_postgres({.connection = options, .new_cluster_id = {{1}}}).value();
    connection_ = Connection::open(options).value();
    metadata_ = std::make_unique<PostgresMetadata>(*connection_);
    ASSERT_TRUE(metadata_->open_session(
        {.id = kSession, .agent = {.agent_id = "a"}, .timeout_ms = 600'000}));
    standby_.emplace(&primary_);
    run("ALTER SYSTEM SET synchronous_standby_names = '*'");
    run("SELECT pg_reload_conf()");
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(60);
    while (synchronous_standbys() == 0 && std::chrono::steady_clock::now() < deadline) continue;
    ASSERT_TRUE(metadata_->append(kSession, Seq(1), commit()));
  }
  void run(const char* sql) { ASSERT_TRUE(connection_->run_script(sql)); }
  static CommitEntry commit() {
    segment::SpanTable spans{{.partition = {model::TopicNo(9), model::PartitionIndex(0)},
                              .epoch = LeaderEpoch(1),
                              .offsets = {Offset(0), Offset(10)},
                              .length = 100,
                              .batch_count = 1}};
    segment::place_spans(spans, 64);
    return {.object_size = 200, .spans = base::Bytes(segment::encode_span_table(spans))};
  }
  template <class T>
  static std::string outcome(const Result<T>& result) {
    return result ? "ok" : std::string(base::errc_name(result.error().code));
  }
  std::int64_t count(const char* sql) {
    const auto counted = connection_->value<std::int64_t>(sql);
    return counted && *counted ? **counted : -1;
  }
  std::int64_t synchronous_standbys() {
    return count("SELECT count(*) FROM pg_stat_replication WHERE sync_state = 'sync'");
  }

  tests::TestPostgres primary_;
  std::optional<tests::TestPostgres> standby_;
  std::shared_ptr<postgres::ConnectionPool> pool_;
  std::unique_ptr<Connection> connection_;
  std::unique_ptr<PostgresMetadata> metadata_;
};

TEST_F(PostgresStandbySyncTest, ACommitThatTheStandbyMayLackIsOpen) {
  standby_->kill();
  {
    const Impatience administrator(primary_.url());
    EXPECT_EQ(outcome(metadata_->append(kSession, Seq(2), commit())), "unknown_outcome");
    EXPECT_EQ(count("SELECT count(*) FROM sh_commits"), 3) << "everybody sees it";
    EXPECT_EQ(outcome(metadata_->append(kSession, Seq(2), commit())), "unknown_outcome")
        << "seen is not safe";
    EXPECT_EQ(outcome(metadata_->create_topic({.name = "t", .id = {{3}}, .partition_count = 1})),
              "unknown_outcome")
        << "of a transaction of several statements";
  }
  standby_->start();
  const auto found = metadata_->append(kSession, Seq(2), commit());
  ASSERT_TRUE(found) << to_string(found.error());
  EXPECT_EQ(*found, Appended::kBefore);
  EXPECT_EQ(outcome(metadata_->append(kSession, Seq(3), commit())), "ok");
}

TEST_F(PostgresStandbySyncTest, OtherWarningsSayNothingOfCommits) {
  EXPECT_TRUE(connection_->execute("DO $$ BEGIN RAISE WARNING 'vacuum soon'; END $$"));
}

TEST_F(PostgresStandbySyncTest, TheStoreConfirmsWhatARepeatedCallFinds) {
  runtime::AsioRuntime runtime;
  runtime::ThreadPool workers(runtime, {.name = "postgres", .threads = 2});
  PostgresMetadataStore store(runtime, workers, pool_);
  const auto set = [&](const char* value) {
    return outcome(
        runtime::run_task(runtime, store.put_setting("key", base::Bytes(std::string(value)), 0)));
  };
  standby_->kill();
  {
    const Impatience administrator(primary_.url());
    EXPECT_EQ(set("1"), "unknown_outcome");
  }
  standby_->start();
  EXPECT_EQ(set("1"), "ok");
}

}  // namespace
}  // namespace streamhouse::metadata
