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
  using Answer = std::invoke_result_t<Call&, SqliteMetadata&>;
  // Shared: a call that runs may outlive its caller.
  const auto answer = std::make_shared<std::optional<Answer>>();
  Work work = [answer, call = std::move(call)](SqliteMetadata& metadata) {
    answer->emplace(call(metadata));
  };
  Status done = co_await perform_work(operation, std::move(work));
  if (!done) co_return std::move(done).error();
  co_return *std::move(*answer);
}

Task<Status> SqliteMetadataStore::perform_work(Operation operation, Work work) {
  const Line& line = reader_ && reads_all_logs(operation) ? *reader_ : writer_;
  auto run = [metadata = line.metadata, now = clock_(),
              work = std::move(work)]() -> Result<std::uint64_t> {
    metadata->set_time(now);
    work(*metadata);
    return metadata->rows_written();
  };
  const Result<std::uint64_t> written = co_await line.pool->run(std::move(run));
  if (!written) co_return written.error();
  rows_written_ = std::max(rows_written_, *written);  // a reader writes none
  co_return Status{};
}

template class MetadataStoreAdapter<SqliteMetadataStore>;

}  // namespace streamhouse::metadata
