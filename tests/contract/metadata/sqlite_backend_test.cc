// Goal: SqliteMetadataStore keeps the contract of every metadata store.
// Method: the suite of metadata_store_contract.h, on a real file, with a worker for the writer and
// one for the reader, as the agent has them.
#include "metadata/sqlite/sqlite_metadata_store.h"
#include "runtime/thread_pool.h"
#include "tests/contract/metadata_store_contract.h"
#include "tests/scratch_directory.h"

namespace streamhouse::metadata::contract {
namespace {

class SqliteBackend : public MetadataBackend {
 public:
  explicit SqliteBackend(runtime::AsioRuntime& runtime)
      : pool_(runtime, {.name = "sqlite"}),
        reader_pool_(runtime, {.name = "sqlite-log"}),
        store_(pool_, open(path()), [this] { return now_; }) {
    store_.add_reader(reader_pool_,
                      SqliteMetadata::open_read_only({.path = path()}, kStart).value());
  }

  MetadataStore& store() override { return store_; }
  void set_now(DatabaseMs now) override { now_ = now; }

 private:
  std::string path() const { return directory_.path() / "metadata.db"; }
  static std::unique_ptr<SqliteMetadata> open(const std::string& path) {
    auto metadata = SqliteMetadata::open({.path = path, .new_cluster_id = topic_id(99)}, kStart);
    if (!metadata) throw std::runtime_error(to_string(metadata.error()));
    return *std::move(metadata);
  }

  tests::ScratchDirectory directory_;
  DatabaseMs now_ = kStart;
  runtime::ThreadPool pool_;
  runtime::ThreadPool reader_pool_;
  SqliteMetadataStore store_;
};

std::unique_ptr<MetadataBackend> make_sqlite(runtime::AsioRuntime& runtime) {
  return std::make_unique<SqliteBackend>(runtime);
}

INSTANTIATE_TEST_SUITE_P(Sqlite, MetadataStoreContract,
                         ::testing::Values(BackendCase{"file", make_sqlite}),
                         ::testing::PrintToStringParamName());

}  // namespace
}  // namespace streamhouse::metadata::contract
