#pragma once
/// \file  SqliteMetadataStore: the metadata in one SQLite file, for one agent at a time.

#include <functional>
#include <memory>
#include <utility>

#include "metadata/metadata_store_adapter.h"
#include "metadata/sqlite/sqlite_metadata.h"
#include "runtime/blocking_pool.h"

namespace streamhouse::metadata {

/// Every operation is one synced transaction on the pool's worker, in the order of the calls.
/// Lifetime:  the pool outlives it; the database is closed, and its lock freed, when the store and
///            the last call that runs are gone.
class SqliteMetadataStore final : public MetadataStoreAdapter<SqliteMetadataStore> {
 public:
  /// The database's clock, read on the executor when an operation is called.
  using Clock = std::function<DatabaseMs()>;

  /// Requires: `pool` has one worker.
  SqliteMetadataStore(runtime::BlockingPool& pool, std::unique_ptr<SqliteMetadata> metadata,
                      Clock clock)
      : pool_(pool), metadata_(std::move(metadata)), clock_(std::move(clock)) {}

  template <class Call>
  Task<std::invoke_result_t<Call&, SqliteMetadata&>> perform(Operation, Call call) {
    using Answer = std::invoke_result_t<Call&, SqliteMetadata&>;
    auto work = [metadata = metadata_, now = clock_(),
                 call = std::move(call)]() mutable -> Result<std::shared_ptr<Answer>> {
      metadata->set_time(now);
      return std::make_shared<Answer>(call(*metadata));
    };
    auto answer = co_await pool_.run(std::move(work));  // shared: an answer may be large
    if (!answer) co_return std::move(answer).error();
    co_return std::move(**answer);
  }

 private:
  runtime::BlockingPool& pool_;
  std::shared_ptr<SqliteMetadata> metadata_;
  Clock clock_;
};

}  // namespace streamhouse::metadata
