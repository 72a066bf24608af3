#include "metadata/opened_metadata_store.h"

#include "metadata/cockroach/cockroach_dialect.h"
#include "metadata/dynamodb/dynamodb_url.h"
#include "metadata/dynamodb/opened_dynamodb.h"
#include "metadata/postgres/postgres_metadata_store.h"
#include "metadata/postgres/postgres_url.h"
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

class OpenedPostgres final : public OpenedMetadataStore {
 public:
  OpenedPostgres(runtime::Runtime& runtime, int connections_max)
      : runtime_(runtime),
        workers_(runtime,
                 {.name = "metadata", .threads = static_cast<std::size_t>(connections_max)}) {}

  Task<Status> open(PostgresOptions options) {
    auto open = [options = std::move(options)] { return open_postgres(options); };
    SH_CO_TRY(auto connections, co_await open_in(workers_, std::move(open)));
    store_ = std::make_unique<PostgresMetadataStore>(runtime_, workers_, std::move(connections));
    co_return Status{};
  }
  MetadataStore& store() override { return *store_; }
  bool exclusive() const override { return false; }

 private:
  runtime::Runtime& runtime_;
  runtime::ThreadPool workers_;
  std::unique_ptr<PostgresMetadataStore> store_;
};

Task<Result<std::unique_ptr<OpenedMetadataStore>>> open_postgres_store(runtime::Runtime& runtime,
                                                                       OpenMetadata options) {
  SH_CO_TRY_OK(check_postgres_url(options.url));
  // Somebody who looks can lose nothing.
  const bool allow = options.allow_async_standbys || options.purpose == OpenFor::kLook;
  PostgresOptions postgres{
      .connection = {.url = library_url(options.url),
                     .dialect = is_cockroach_url(options.url) ? &cockroach::cockroach_dialect()
                                                              : &postgres::postgres_dialect(),
                     .mode = options.purpose == OpenFor::kLook ? postgres::OpenMode::kReadOnly
                                                               : postgres::OpenMode::kReadWrite,
                     .standbys = allow ? postgres::AsyncStandbys::kAllow
                                       : postgres::AsyncStandbys::kRefuse},
      .new_cluster_id = options.new_cluster_id};
  auto opened = std::make_unique<OpenedPostgres>(runtime, options.connections_max);
  SH_CO_TRY_OK(co_await opened->open(std::move(postgres)));
  co_return opened;
}

}  // namespace

Status check_metadata_url(const std::string& url) {
  if (is_postgres_url(url) || is_cockroach_url(url)) return check_postgres_url(url);
  if (is_dynamodb_url(url)) {
    SH_TRY_OK(table_of_dynamodb_url(url));
    return {};
  }
  if (sqlite_path_of_url(url)) return {};
  return {Errc::kInvalid,
          "expected sqlite:PATH, postgres:// or cockroach://USER:PASSWORD@HOST:PORT/DATABASE, or"
          " dynamodb://TABLE"};
}

Result<std::string> sqlite_path_of_url(std::string_view url) {
  if (url.starts_with(kSqlite) && url.size() > kSqlite.size())
    return std::string(url.substr(kSqlite.size()));
  return {Errc::kInvalid, "expected sqlite:PATH"};
}

Task<Result<std::unique_ptr<OpenedMetadataStore>>> open_metadata_store(runtime::Runtime& runtime,
                                                                       OpenMetadata options) {
  if (is_postgres_url(options.url) || is_cockroach_url(options.url))
    co_return co_await open_postgres_store(runtime, std::move(options));
  if (is_dynamodb_url(options.url))
    co_return co_await open_dynamodb_store(runtime, std::move(options));
  SH_CO_TRY_OK(check_metadata_url(options.url));
  SH_CO_TRY(std::string path, sqlite_path_of_url(options.url));
  SqliteOptions sqlite{.path = std::move(path),
                       .holder = std::move(options.holder),
                       .new_cluster_id = options.new_cluster_id};
  auto opened = std::make_unique<OpenedSqlite>(runtime);
  SH_CO_TRY_OK(co_await opened->open(std::move(sqlite), options.purpose));
  co_return opened;
}

}  // namespace streamhouse::metadata
