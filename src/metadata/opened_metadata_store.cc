#include "metadata/opened_metadata_store.h"

#include "metadata/sqlite/sqlite_metadata_store.h"
#include "runtime/thread_pool.h"

namespace streamhouse::metadata {
namespace {

using base::Errc;

constexpr std::string_view kSqlite = "sqlite:";

/// Runs `open` on the worker that will use the connection.
template <class Open>
Task<std::invoke_result_t<Open&>> open_in(runtime::BlockingPool& pool, Open open) {
  using Opened = std::invoke_result_t<Open&>;
  auto work = [open = std::move(open)] { return std::make_shared<Opened>(open()); };
  const auto opened = co_await pool.run(std::move(work));
  co_return std::move(*opened);
}

class OpenedSqlite final : public OpenedMetadataStore {
 public:
  explicit OpenedSqlite(runtime::Runtime& runtime)
      : runtime_(runtime),
        pool_(runtime, {.name = "metadata", .threads = 1}),
        log_pool_(runtime, {.name = "metadata-log", .threads = 1}) {}

  Task<Status> open(SqliteOptions options, OpenFor purpose) {
    const runtime::WallMs now = runtime_.wall_now();
    auto open_writer = [options, now] { return SqliteMetadata::open(options, now); };
    auto open_reader = [options, now] { return SqliteMetadata::open_read_only(options, now); };
    const auto clock = [this] { return runtime_.wall_now(); };
    if (purpose == OpenFor::kLook) {
      SH_CO_TRY(auto reader, co_await open_in(pool_, std::move(open_reader)));
      store_ = std::make_unique<SqliteMetadataStore>(pool_, std::move(reader), clock);
      co_return Status{};
    }
    SH_CO_TRY(auto writer, co_await open_in(pool_, std::move(open_writer)));
    SH_CO_TRY(auto reader, co_await open_in(log_pool_, std::move(open_reader)));
    store_ = std::make_unique<SqliteMetadataStore>(pool_, std::move(writer), clock);
    store_->add_reader(log_pool_, std::move(reader));
    co_return Status{};
  }
  MetadataStore& store() override { return *store_; }
  bool exclusive() const override { return true; }  // the file lock

 private:
  runtime::Runtime& runtime_;
  runtime::ThreadPool pool_;
  runtime::ThreadPool log_pool_;  ///< Where long reads do not hold up commits.
  std::unique_ptr<SqliteMetadataStore> store_;
};

}  // namespace

Result<std::string> sqlite_path_of_url(std::string_view url) {
  if (url.starts_with(kSqlite) && url.size() > kSqlite.size())
    return std::string(url.substr(kSqlite.size()));
  return {Errc::kInvalid, "expected sqlite:PATH"};
}

Task<Result<std::unique_ptr<OpenedMetadataStore>>> open_metadata_store(runtime::Runtime& runtime,
                                                                       OpenMetadata options) {
  SH_CO_TRY(std::string path, sqlite_path_of_url(options.url));
  SqliteOptions sqlite{.path = std::move(path),
                       .holder = std::move(options.holder),
                       .new_cluster_id = options.new_cluster_id};
  auto opened = std::make_unique<OpenedSqlite>(runtime);
  SH_CO_TRY_OK(co_await opened->open(std::move(sqlite), options.purpose));
  co_return opened;
}

}  // namespace streamhouse::metadata
