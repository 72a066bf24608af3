#pragma once
/// \file  SqliteMetadataStore: the metadata in one SQLite file, for one agent at a time.

#include <functional>
#include <memory>

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
                      Clock clock);
  ~SqliteMetadataStore() override;

  std::uint64_t rows_written() const override { return rows_written_; }

  /// For the adapter.
  template <class Call>
  [[gnu::noinline]] Task<std::invoke_result_t<Call&, SqliteMetadata&>> perform(Operation,
                                                                               Call call);

 private:
  template <class Answer>
  struct Done {
    Answer answer;
    std::uint64_t rows_written = 0;
  };

  runtime::BlockingPool& pool_;
  std::shared_ptr<SqliteMetadata> metadata_;
  Clock clock_;
  std::uint64_t rows_written_ = 0;
};

extern template class MetadataStoreAdapter<SqliteMetadataStore>;

}  // namespace streamhouse::metadata
