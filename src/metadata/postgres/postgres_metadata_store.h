#pragma once
/// \file  PostgresMetadataStore: the metadata in a PostgreSQL database that any number of agents
/// share.

#include <functional>
#include <memory>
#include <optional>

#include "metadata/metadata_store_adapter.h"
#include "metadata/postgres/driver/connection_pool.h"
#include "metadata/postgres/postgres_metadata.h"
#include "metadata/postgres/retry_policy.h"
#include "runtime/blocking_pool.h"
#include "runtime/runtime.h"

namespace streamhouse::metadata {

struct PostgresOptions {
  postgres::ConnectionOptions connection = {};
  model::TopicId new_cluster_id = {};  ///< The cluster's id if the database is new.
};

/// Connects, and brings the schema up to date or, for reading only, checks it. Blocks: call it on a
/// worker. Errors: as Connection::open and migrate(): kUnavailable and the like if trying again may
/// help.
Result<std::shared_ptr<postgres::ConnectionPool>> open_postgres(const PostgresOptions& options);

/// Every operation is a transaction on a connection of its own, on one of the workers; two calls
/// may overtake each other. What lost against another transaction, or on a connection that broke,
/// is tried again; the outcome of a broken commit is found out by repeating the call, where the
/// operation finds its own earlier success (append among them).
/// Lifetime:  the worker pool and the runtime outlive it; calls that run keep their connections.
class PostgresMetadataStore final : public MetadataStoreAdapter<PostgresMetadataStore> {
 public:
  /// Sets the database's clock in tests.
  using Clock = std::function<DatabaseMs()>;

  /// There are as many connections at most as `workers` has threads. `clock`: empty for the
  /// server's own.
  PostgresMetadataStore(runtime::Runtime& runtime, runtime::BlockingPool& workers,
                        std::shared_ptr<postgres::ConnectionPool> connections, Clock clock = {});
  ~PostgresMetadataStore() override;

  std::uint64_t rows_written() const override { return rows_written_; }

  /// For the adapter.
  template <class Call>
  [[gnu::noinline]] Task<std::invoke_result_t<Call&, PostgresMetadata&>> perform(Operation,
                                                                                 Call call);

 private:
  /// An operation with its arguments; keeps its answer and returns how it went.
  using Work = std::function<Status(PostgresMetadata&)>;
  struct Done {
    Status status;
    postgres::Failure failure = postgres::Failure::kNone;
    std::uint64_t rows_written = 0;
  };

  /// What is the same for all operations, so that it is compiled once.
  Task<Status> perform_work(Operation operation, Work work);
  /// Makes the call once, on a worker; `confirm`: what it finds must be on every server that
  /// commits must be on.
  Task<Done> attempt(std::shared_ptr<const Work> work, bool confirm);

  runtime::Runtime& runtime_;
  runtime::BlockingPool& workers_;
  std::shared_ptr<postgres::ConnectionPool> connections_;
  Clock clock_;
  std::uint64_t rows_written_ = 0;
};

extern template class MetadataStoreAdapter<PostgresMetadataStore>;

}  // namespace streamhouse::metadata
