#include "metadata/sqlite/sqlite_metadata_store.h"

#include <utility>

namespace streamhouse::metadata {

SqliteMetadataStore::SqliteMetadataStore(runtime::BlockingPool& pool,
                                         std::unique_ptr<SqliteMetadata> metadata, Clock clock)
    : pool_(pool), metadata_(std::move(metadata)), clock_(std::move(clock)) {}
SqliteMetadataStore::~SqliteMetadataStore() = default;

template <class Call>
Task<std::invoke_result_t<Call&, SqliteMetadata&>> SqliteMetadataStore::perform(Operation,
                                                                                Call call) {
  using Answer = std::invoke_result_t<Call&, SqliteMetadata&>;
  auto work = [metadata = metadata_, now = clock_(),
               call = std::move(call)]() mutable -> Result<std::shared_ptr<Done<Answer>>> {
    metadata->set_time(now);
    Answer answer = call(*metadata);
    return std::make_shared<Done<Answer>>(std::move(answer), metadata->rows_written());
  };
  auto done = co_await pool_.run(std::move(work));  // shared: an answer may be large
  if (!done) co_return std::move(done).error();
  rows_written_ = (*done)->rows_written;
  co_return std::move((*done)->answer);
}

template class MetadataStoreAdapter<SqliteMetadataStore>;

}  // namespace streamhouse::metadata
