#include "metadata/postgres/postgres_metadata_store.h"

#include <utility>

#include "metadata/postgres/driver/migrations.h"

namespace streamhouse::metadata {

using postgres::Connection;
using postgres::ConnectionPool;
using postgres::Failure;

Result<std::shared_ptr<ConnectionPool>> open_postgres(const PostgresOptions& options) {
  SH_TRY(auto connection, Connection::open(options.connection));
  if (options.connection.mode == postgres::OpenMode::kReadOnly) {
    SH_TRY_OK(postgres::check_migrated(*connection));
  } else {
    SH_TRY_OK(postgres::migrate(*connection, options.new_cluster_id));
  }
  auto connections = std::make_shared<ConnectionPool>(options.connection);
  connections->give_back(std::move(connection));
  return connections;
}

PostgresMetadataStore::PostgresMetadataStore(runtime::Runtime& runtime,
                                             runtime::BlockingPool& workers,
                                             std::shared_ptr<ConnectionPool> connections,
                                             Clock clock)
    : runtime_(runtime),
      workers_(workers),
      connections_(std::move(connections)),
      clock_(std::move(clock)) {}
PostgresMetadataStore::~PostgresMetadataStore() = default;

template <class Call>
Task<std::invoke_result_t<Call&, PostgresMetadata&>> PostgresMetadataStore::perform(
    Operation operation, Call call) {
  using Answer = std::invoke_result_t<Call&, PostgresMetadata&>;
  // Shared: a call that runs may outlive its caller.
  const auto answer = std::make_shared<std::optional<Answer>>();
  Work work = [answer, call = std::move(call)](PostgresMetadata& metadata) -> Status {
    answer->emplace(call(metadata));
    if (!**answer) return (*answer)->error();
    return {};
  };
  Status done = co_await perform_work(operation, std::move(work));
  if (!done) co_return std::move(done).error();
  co_return *std::move(*answer);
}

Task<Status> PostgresMetadataStore::perform_work(Operation operation, Work work) {
  const auto shared = std::make_shared<const Work>(std::move(work));
  postgres::RetryPolicy retry(operation);
  const runtime::MonoTime begun = runtime_.now();
  while (true) {
    Done done = co_await attempt(shared, retry.is_open());
    rows_written_ += done.rows_written;
    if (done.status) co_return std::move(done.status);
    const auto pause = retry.next(done.failure, runtime_.now() - begun);
    if (!pause) co_return retry.settle(std::move(done.status).error());
    if (pause->count() > 0) {
      const auto longest = static_cast<std::uint64_t>(pause->count());
      const runtime::Duration wait(static_cast<std::int64_t>(runtime_.random().below(longest) + 1));
      co_await runtime_.sleep(wait);
    }
  }
}

Task<PostgresMetadataStore::Done> PostgresMetadataStore::attempt(std::shared_ptr<const Work> work,
                                                                 bool confirm) {
  const std::optional<DatabaseMs> now = clock_ ? std::optional(clock_()) : std::nullopt;
  auto run = [connections = connections_, now, work = std::move(work), confirm]() -> Result<Done> {
    SH_TRY(auto connection, connections->take());
    const std::uint64_t written = connection->rows_written();
    connection->set_time(now);
    connection->forget_failure();
    PostgresMetadata metadata(*connection);
    Done done{.status = (*work)(metadata)};
    if (done.status && confirm) done.status = connection->confirm_commits();
    done.failure = connection->failure();
    done.rows_written = connection->rows_written() - written;
    connections->give_back(std::move(connection));
    return done;
  };
  Result<Done> done = co_await workers_.run(std::move(run));
  if (done) co_return *std::move(done);
  co_return Done{.status = std::move(done).error(), .failure = Failure::kLost};
}

template class MetadataStoreAdapter<PostgresMetadataStore>;

}  // namespace streamhouse::metadata
