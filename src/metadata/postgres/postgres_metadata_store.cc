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
Task<PostgresMetadataStore::Done<std::invoke_result_t<Call&, PostgresMetadata&>>>
PostgresMetadataStore::attempt(Call call) {
  using Answer = std::invoke_result_t<Call&, PostgresMetadata&>;
  const std::optional<DatabaseMs> now = clock_ ? std::optional(clock_()) : std::nullopt;
  auto work = [connections = connections_, now,
               call = std::move(call)]() mutable -> Result<std::shared_ptr<Done<Answer>>> {
    SH_TRY(auto connection, connections->take());
    const std::uint64_t written = connection->rows_written();
    connection->set_time(now);
    connection->forget_failure();
    PostgresMetadata metadata(*connection);
    Answer answer = call(metadata);
    auto done = std::make_shared<Done<Answer>>(std::move(answer), connection->failure(),
                                               connection->rows_written() - written);
    connections->give_back(std::move(connection));
    return done;
  };
  auto done = co_await workers_.run(std::move(work));  // shared: an answer may be large
  if (done) co_return std::move(**done);
  co_return Done<Answer>{.answer = std::move(done).error(), .failure = Failure::kLost};
}

template <class Call>
Task<std::invoke_result_t<Call&, PostgresMetadata&>> PostgresMetadataStore::perform(
    Operation operation, Call call) {
  postgres::RetryPolicy retry(operation);
  const runtime::MonoTime begun = runtime_.now();
  while (true) {
    auto done = co_await attempt(call);
    rows_written_ += done.rows_written;
    if (done.answer) co_return std::move(done.answer);
    const auto pause = retry.next(done.failure, runtime_.now() - begun);
    if (!pause) co_return retry.settle(std::move(done.answer).error());
    if (pause->count() > 0) {
      const auto longest = static_cast<std::uint64_t>(pause->count());
      const runtime::Duration wait(static_cast<std::int64_t>(runtime_.random().below(longest) + 1));
      co_await runtime_.sleep(wait);
    }
  }
}

template class MetadataStoreAdapter<PostgresMetadataStore>;

}  // namespace streamhouse::metadata
