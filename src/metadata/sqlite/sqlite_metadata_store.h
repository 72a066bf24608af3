#pragma once
/// \file  SqliteMetadataStore: the metadata in one SQLite file, for one agent at a time.

#include <functional>
#include <memory>
#include <optional>

#include "metadata/metadata_store_adapter.h"
#include "metadata/sqlite/sqlite_metadata.h"
#include "runtime/blocking_pool.h"

namespace streamhouse::metadata {

/// Every operation is one synced transaction on the pool's worker, in the order of the calls; with
/// a reader, those that pass over all logs are not, and see what was answered before they were
/// called. Lifetime:  the pool outlives it; the database is closed, and its lock freed, when the
/// store and
///            the last call that runs are gone.
class SqliteMetadataStore final : public MetadataStoreAdapter<SqliteMetadataStore> {
 public:
  /// The database's clock, read on the executor when an operation is called.
  using Clock = std::function<DatabaseMs()>;

  /// Requires: `pool` has one worker.
  SqliteMetadataStore(runtime::BlockingPool& pool, std::unique_ptr<SqliteMetadata> metadata,
                      Clock clock);
  ~SqliteMetadataStore() override;
  /// From now on operations that pass over the logs of all sessions run in `pool`, on a connection
  /// that only reads, so that no commit waits for them. Requires: `pool` has one worker.
  void add_reader(runtime::BlockingPool& pool, std::unique_ptr<SqliteMetadata> reader);

  std::uint64_t rows_written() const override { return rows_written_; }

  /// For the adapter.
  template <class Call>
  [[gnu::noinline]] Task<std::invoke_result_t<Call&, SqliteMetadata&>> perform(Operation,
                                                                               Call call);

 private:
  /// An operation with its arguments; keeps its answer.
  using Work = std::function<void(SqliteMetadata&)>;
  /// A connection and the worker that alone uses it.
  struct Line {
    runtime::BlockingPool* pool;
    std::shared_ptr<SqliteMetadata> metadata;
  };

  /// What is the same for all operations, so that it is compiled once.
  Task<Status> perform_work(Operation operation, Work work);

  Line writer_;
  std::optional<Line> reader_;
  Clock clock_;
  std::uint64_t rows_written_ = 0;
};

extern template class MetadataStoreAdapter<SqliteMetadataStore>;

}  // namespace streamhouse::metadata
