#include "metadata/sqlite/sqlite_metadata_store.h"

#include <algorithm>
#include <utility>

namespace streamhouse::metadata {
namespace {

bool reads_all_logs(Operation operation) {
  return operation == Operation::kLoadPartitions || operation == Operation::kListSegments ||
         operation == Operation::kFindSegment || operation == Operation::kCountObjects;
}

}  // namespace

SqliteMetadataStore::SqliteMetadataStore(runtime::BlockingPool& pool,
                                         std::unique_ptr<SqliteMetadata> metadata, Clock clock)
    : writer_{&pool, std::move(metadata)}, clock_(std::move(clock)) {}
SqliteMetadataStore::~SqliteMetadataStore() = default;

void SqliteMetadataStore::add_reader(runtime::BlockingPool& pool,
                                     std::unique_ptr<SqliteMetadata> reader) {
  reader_.emplace(&pool, std::move(reader));
}

template <class Call>
Task<std::invoke_result_t<Call&, SqliteMetadata&>> SqliteMetadataStore::perform(Operation operation,
                                                                                Call call) {
  const Line& line = reader_ && reads_all_logs(operation) ? *reader_ : writer_;
  using Answer = std::invoke_result_t<Call&, SqliteMetadata&>;
  auto work = [metadata = line.metadata, now = clock_(),
               call = std::move(call)]() mutable -> Result<std::shared_ptr<Done<Answer>>> {
    metadata->set_time(now);
    Answer answer = call(*metadata);
    return std::make_shared<Done<Answer>>(std::move(answer), metadata->rows_written());
  };
  auto done = co_await line.pool->run(std::move(work));  // shared: an answer may be large
  if (!done) co_return std::move(done).error();
  rows_written_ = std::max(rows_written_, (*done)->rows_written);  // a reader writes none
  co_return std::move((*done)->answer);
}

template class MetadataStoreAdapter<SqliteMetadataStore>;

}  // namespace streamhouse::metadata
