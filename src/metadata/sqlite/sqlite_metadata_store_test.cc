// Goal: reads that pass over all logs hold up no commit, and see what was answered before them.
// Method: a real database; the reader's worker is kept busy until the commit is through.

#include "metadata/sqlite/sqlite_metadata_store.h"

#include <gtest/gtest.h>

#include <latch>

#include "runtime/asio_runtime.h"
#include "runtime/run_task.h"
#include "runtime/thread_pool.h"
#include "tests/scratch_directory.h"

namespace streamhouse::metadata {
namespace {

constexpr SessionId kSession{7};
constexpr TopicPartition kKey{model::TopicNo(1), model::PartitionIndex(0)};

class SqliteMetadataStoreTest : public testing::Test {
 protected:
  SqliteMetadataStoreTest() {
    store_.add_reader(reader_pool_, SqliteMetadata::open_read_only({.path = path()}, 1).value());
    const NewSession session{.id = kSession, .agent = {.agent_id = "a"}, .timeout_ms = 1'000};
    EXPECT_TRUE(wait(store_.open_session(session)));
    const NewTopic topic{.name = "orders", .id = {{1}}};
    EXPECT_TRUE(wait(store_.create_topic(topic)));
    const std::vector<AcquireRequest> requests{{.key = kKey, .since_seq = Seq(1)}};
    EXPECT_TRUE(wait(store_.acquire_leases(kSession, requests)));
  }
  std::string path() const { return directory_.path() / "metadata.db"; }
  template <class T>
  T wait(Task<T> task) {
    return runtime::run_task(runtime_, std::move(task));
  }
  Status commit(std::int64_t seq) {
    segment::SpanTable spans{{.partition = kKey,
                              .epoch = LeaderEpoch(1),
                              .offsets = {Offset(seq - 1), Offset(seq)},
                              .length = 100,
                              .batch_count = 1}};
    segment::place_spans(spans, 64);
    const CommitEntry entry{.object_size = 200,
                            .spans = base::Bytes(segment::encode_span_table(spans))};
    const auto appended = wait(store_.append(kSession, Seq(seq), entry));
    return appended ? Status{} : Status(appended.error());
  }
  Task<void> load(std::optional<std::size_t>* spans) {
    const std::vector<TopicPartition> keys{kKey};
    const auto loaded = co_await store_.load_partitions(keys);
    EXPECT_TRUE(loaded);
    *spans = loaded->at(0).spans.size();
  }
  Task<void> keep_reader_busy(std::latch& until) {
    co_await reader_pool_.run([&until] {
      until.wait();
      return true;
    });
  }

  tests::ScratchDirectory directory_;
  runtime::AsioRuntime runtime_;
  runtime::ThreadPool pool_{runtime_, {.name = "metadata"}};
  runtime::ThreadPool reader_pool_{runtime_, {.name = "metadata-log"}};
  SqliteMetadataStore store_{
      pool_, SqliteMetadata::open({.path = path(), .new_cluster_id = {{9}}}, 1).value(),
      [] { return 1; }};
};

TEST_F(SqliteMetadataStoreTest, CommitsDoNotWaitForALongRead) {
  std::latch commit_is_through(1);
  std::optional<std::size_t> spans;
  runtime_.spawn(keep_reader_busy(commit_is_through));
  runtime_.spawn(load(&spans));
  ASSERT_TRUE(commit(1));
  EXPECT_FALSE(spans.has_value());
  commit_is_through.count_down();
  while (!spans) wait(runtime_.sleep(std::chrono::milliseconds(1)));
  EXPECT_EQ(spans, 1u);
}

TEST_F(SqliteMetadataStoreTest, LongReadSeesEveryCommitThatWasAnsweredBefore) {
  for (std::int64_t seq = 1; seq <= 50; ++seq) {
    ASSERT_TRUE(commit(seq));
    std::optional<std::size_t> spans;
    wait(load(&spans));
    EXPECT_EQ(spans, static_cast<std::size_t>(seq));
  }
}

TEST_F(SqliteMetadataStoreTest, RowsWrittenAreThoseOfTheWriter) {
  ASSERT_TRUE(commit(1));
  const std::uint64_t written = store_.rows_written();
  EXPECT_GT(written, 0u);
  std::optional<std::size_t> spans;
  wait(load(&spans));
  EXPECT_EQ(store_.rows_written(), written);
}

}  // namespace
}  // namespace streamhouse::metadata
