// Goal: the PostgreSQL store keeps the contract of every metadata store in the dialect of
// CockroachDB, whatever loses, stalls or stays open meanwhile.
// Method: the suite of metadata_store_contract.h on the stand-in of
// tests/metadata/test_cockroach.h, where transactions lose, requests stall and the outcomes of
// commits stay open at random; or, with COCKROACH_TEST_URL set, on a server of CockroachDB as it
// is.
#include <algorithm>
#include <array>
#include <atomic>
#include <thread>

#include "metadata/metadata_store_adapter.h"
#include "metadata/postgres/driver/outlast.h"
#include "metadata/postgres/postgres_metadata_store.h"
#include "runtime/thread_pool.h"
#include "tests/contract/metadata/empty_tables.h"
#include "tests/contract/metadata_store_contract.h"
#include "tests/metadata/test_cockroach.h"

namespace streamhouse::metadata::contract {
namespace {

constexpr tests::ServerFaults kFaults{.conflict = 0.02, .stall = 0.0001};
constexpr tests::ServerFaults kOpenOutcomes{.conflict = 0.02, .unknown = 0.1, .stall = 0.0001};

void inject(tests::ServerFaults faults) {
  if (tests::PostgresProxy* const proxy = tests::test_cockroach().proxy())
    proxy->set_faults(faults);
}

/// Whether a repetition that finds its own success answers the same, so that nobody notices.
bool answers_the_same(Operation operation) {
  constexpr std::array kSame = {Operation::kCreateTopic,      Operation::kDeleteTopic,
                                Operation::kPurgeTopic,       Operation::kUpdateTopicConfig,
                                Operation::kCreatePartitions, Operation::kAdvanceLogStart,
                                Operation::kCheckpoint,       Operation::kTrim,
                                Operation::kFinishRecovery,   Operation::kDeregisterAgent,
                                Operation::kAcquireLeases,    Operation::kReplaceObjects,
                                Operation::kForgetObjects,    Operation::kSaveGroup,
                                Operation::kCommitOffsets,    Operation::kDeleteOffsets,
                                Operation::kDeleteGroup,      Operation::kPutSetting,
                                Operation::kDeleteSetting};
  return std::ranges::find(kSame, operation) != kSame.end();
}

/// Lets the outcomes of calls stay open where the store has to find out by itself.
class OpenOutcomes final : public MetadataStoreAdapter<OpenOutcomes> {
 public:
  explicit OpenOutcomes(MetadataStore& inner) : inner_(inner) {}

  std::uint64_t rows_written() const override { return inner_.rows_written(); }
  template <class Call>
  std::invoke_result_t<Call&, MetadataStore&> perform(Operation operation, Call call) {
    inject(answers_the_same(operation) ? kOpenOutcomes : kFaults);
    return call(inner_);
  }

 private:
  MetadataStore& inner_;
};

class CockroachBackend : public MetadataBackend {
 public:
  explicit CockroachBackend(runtime::AsioRuntime& runtime)
      : workers_(runtime, {.name = "cockroach", .threads = 4}),
        store_(runtime, workers_, open(database_), [this] { return now_; }),
        second_(runtime, workers_, open(database_), [this] { return now_; }) {}
  ~CockroachBackend() override { inject({}); }

  MetadataStore& store() override { return lossy_; }
  MetadataStore& second_store() override { return second_; }
  void set_now(DatabaseMs now) override { now_ = now; }

 private:
  static const postgres::ConnectionOptions& empty_database() {
    static const postgres::ConnectionOptions options = tests::test_cockroach().new_database();
    open(options);
    const auto connection = postgres::Connection::open(options).value();
    const auto emptied =
        postgres::outlast(*connection, [&] { return connection->run_script(kEmptyTables); });
    if (!emptied) throw std::runtime_error(to_string(emptied.error()));
    return options;
  }
  static std::shared_ptr<postgres::ConnectionPool> open(postgres::ConnectionOptions connection) {
    connection.time = kStart;
    auto opened =
        open_postgres({.connection = std::move(connection), .new_cluster_id = topic_id(99)});
    if (!opened) throw std::runtime_error(to_string(opened.error()));
    return *std::move(opened);
  }

  const postgres::ConnectionOptions& database_ = empty_database();
  DatabaseMs now_ = kStart;
  runtime::ThreadPool workers_;
  PostgresMetadataStore store_;
  PostgresMetadataStore second_;
  OpenOutcomes lossy_{store_};
};

std::unique_ptr<MetadataBackend> make_cockroach(runtime::AsioRuntime& runtime) {
  return std::make_unique<CockroachBackend>(runtime);
}

INSTANTIATE_TEST_SUITE_P(Cockroach, MetadataStoreContract,
                         ::testing::Values(BackendCase{"server", make_cockroach}),
                         ::testing::PrintToStringParamName());

TEST(CockroachViewsTest, EveryViewCanBeRead) {
  const auto database = tests::test_cockroach().new_database();
  ASSERT_TRUE(open_postgres({.connection = database, .new_cluster_id = topic_id(99)}));
  const auto connection = postgres::Connection::open(database).value();
  PostgresMetadata metadata(*connection);
  const Topic topic = metadata.create_topic(new_topic("t")).value();
  ASSERT_TRUE(metadata.open_session({.id = kSecond, .agent = {.agent_id = "a"}, .timeout_ms = 1}));
  ASSERT_TRUE(metadata.append(kSecond, Seq(1), commit({span(key_of(topic), 3, 5)})));
  for (const char* const view : {"topics", "partitions", "consumer_groups", "consumer_offsets",
                                 "agents", "partition_leases", "segments"}) {
    const auto rows = connection->value<int>("SELECT count(*) FROM " + std::string(view));
    EXPECT_TRUE(rows) << view << ": " << to_string(rows.error());
  }
  ASSERT_TRUE(metadata.put_setting("objects.bucket", base::Bytes(std::string("b")), 0));
  const auto text = connection->value<std::string>(
      "SELECT id || ' ' || CAST(end_offset AS text) || ' ' || s3_bucket || '/' || s3_key FROM "
      "segments");
  ASSERT_TRUE(text && *text) << "the span is unpacked";
  EXPECT_EQ(**text, "t-0-3 4 b/fe/fedcba9876543210/1");
}

TEST(CockroachMigrationsTest, AgentsThatStartAtOnceMigrateOnce) {
  const auto database = tests::test_cockroach().new_database();
  inject({.conflict = 0.05});
  std::atomic<int> opened = 0;
  std::vector<std::thread> starting;
  for (int i = 0; i < 5; ++i)
    starting.emplace_back([&] {
      auto store = open_postgres({.connection = database, .new_cluster_id = topic_id(9)});
      EXPECT_TRUE(store) << to_string(store.error());
      opened += store ? 1 : 0;
    });
  for (std::thread& thread : starting) thread.join();
  inject({});
  EXPECT_EQ(opened, 5);
  const auto connection = postgres::Connection::open(database).value();
  EXPECT_EQ(connection->value<std::size_t>("SELECT count(*) FROM sh_schema_migrations"),
            cockroach::embedded_migrations().size());
  EXPECT_EQ(connection->value<int>("SELECT count(*) FROM sh_cluster"), 1);
  EXPECT_EQ(connection->value<int>("SELECT count(*) FROM sh_object_counts"), 4);
}

}  // namespace
}  // namespace streamhouse::metadata::contract
