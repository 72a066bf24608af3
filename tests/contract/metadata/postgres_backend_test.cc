// Goal: PostgresMetadataStore keeps the contract of every metadata store.
// Method: the suite of metadata_store_contract.h on a real server that this process starts; four
// workers, as an agent has some. The tables are made once, and emptied before each test.
#include "metadata/postgres/postgres_metadata_store.h"
#include "runtime/thread_pool.h"
#include "tests/contract/metadata/empty_tables.h"
#include "tests/contract/metadata_store_contract.h"
#include "tests/metadata/test_postgres.h"

namespace streamhouse::metadata::contract {
namespace {

tests::PostgresServer& server() { return tests::test_postgres(); }

class PostgresBackend : public MetadataBackend {
 public:
  explicit PostgresBackend(runtime::AsioRuntime& runtime)
      : workers_(runtime, {.name = "postgres", .threads = 4}),
        store_(runtime, workers_, open(url_), [this] { return now_; }),
        second_(runtime, workers_, open(url_), [this] { return now_; }) {}

  MetadataStore& store() override { return store_; }
  MetadataStore& second_store() override { return second_; }
  void set_now(DatabaseMs now) override { now_ = now; }

 private:
  static const std::string& empty_database() {
    static const std::string url = server().url(server().new_schema());
    open(url);
    SH_CHECK(postgres::Connection::open({.url = url}).value()->run_script(kEmptyTables),
             "test SQL");
    return url;
  }
  static std::shared_ptr<postgres::ConnectionPool> open(const std::string& url) {
    auto opened =
        open_postgres({.connection = {.url = url, .time = kStart}, .new_cluster_id = topic_id(99)});
    if (!opened) throw std::runtime_error(to_string(opened.error()));
    return *std::move(opened);
  }

  const std::string url_ = empty_database();
  DatabaseMs now_ = kStart;
  runtime::ThreadPool workers_;
  PostgresMetadataStore store_;
  PostgresMetadataStore second_;
};

std::unique_ptr<MetadataBackend> make_postgres(runtime::AsioRuntime& runtime) {
  return std::make_unique<PostgresBackend>(runtime);
}

INSTANTIATE_TEST_SUITE_P(Postgres, MetadataStoreContract,
                         ::testing::Values(BackendCase{"server", make_postgres}),
                         ::testing::PrintToStringParamName());

}  // namespace
}  // namespace streamhouse::metadata::contract
