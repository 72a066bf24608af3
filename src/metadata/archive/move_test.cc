// Goal: an import that ends early leaves nothing that can be used, and goes on when it is repeated;
// an export never stands for a database that has changed meanwhile.
// Method: a database in memory behind a store that fails at each call in turn, before or after it
// is applied; an agent that comes up while rows are read.
#include "metadata/archive/move.h"

#include <gtest/gtest.h>

#include "metadata/memory/memory_metadata_store.h"
#include "runtime/asio_runtime.h"
#include "runtime/run_task.h"
#include "tests/metadata/archive_bytes.h"

namespace streamhouse::metadata {
namespace {

using base::Errc;
using tests::ArchiveBytes;

enum class Applied : std::uint8_t { kNo, kYes };

/// Fails the `failing`th call, from 1.
class FailingStore final : public MetadataStoreAdapter<FailingStore> {
 public:
  explicit FailingStore(MemoryMetadata& metadata) : metadata_(metadata) {}

  template <class Call>
  [[gnu::noinline]] Task<std::invoke_result_t<Call&, MemoryMetadata&>> perform(Operation operation,
                                                                               Call call) {
    using Answer = std::invoke_result_t<Call&, MemoryMetadata&>;
    const bool fails = ++calls == failing;
    if (operation == Operation::kReadRows && while_reading) while_reading();
    if (fails && applied == Applied::kNo) co_return Answer(Errc::kUnavailable, "refused");
    Answer answer = call(metadata_);
    if (fails) co_return Answer(Errc::kUnknownOutcome, "no answer");
    co_return answer;
  }

  int calls = 0;
  int failing = 0;
  Applied applied = Applied::kNo;
  std::function<void()> while_reading;

 private:
  MemoryMetadata& metadata_;
};

class MoveTest : public ::testing::Test {
 protected:
  template <class T>
  Result<T> run(Task<Result<T>> task) {
    return runtime::run_task(runtime_, std::move(task));
  }
  MemoryMetadata database(std::uint8_t id) const {
    return MemoryMetadata([] { return DatabaseMs{1'000}; }, {{id}});
  }
  static NewSession new_session(std::uint64_t id) {
    return {
        .id = SessionId(id), .agent = {.agent_id = "agent", .address = "h:1"}, .timeout_ms = 500};
  }

  runtime::AsioRuntime runtime_{1};
  MemoryMetadata source_ = database(1);
  FailingStore from_{source_};
};

std::shared_ptr<ArchiveBytes> some_archive(MemoryMetadata& source) {
  runtime::AsioRuntime runtime(1);
  EXPECT_TRUE(source.open_session(
      {.id = SessionId(5), .agent = {.agent_id = "earlier"}, .timeout_ms = 500}));
  for (const char* name : {"a", "b"})
    EXPECT_TRUE(source.create_topic(
        {.name = name, .id = {{static_cast<std::uint8_t>(name[0])}}, .partition_count = 700}));
  FailingStore store(source);
  auto bytes = std::make_shared<ArchiveBytes>();
  bytes->piece_max = 10'000;
  EXPECT_TRUE(runtime::run_task(runtime, export_metadata(store, SourceUse::kExclusive, bytes)));
  return bytes;
}

TEST_F(MoveTest, AnImportThatFailsAnywhereIsUsableOnlyOnceItWasRepeated) {
  const auto archive = some_archive(source_);
  int failed = 0;
  for (const Applied applied : {Applied::kNo, Applied::kYes}) {
    for (int failing = 1;; ++failing) {
      MemoryMetadata target = database(2);
      FailingStore to(target);
      to.failing = failing;
      to.applied = applied;
      const bool imported = run(import_metadata(to, *archive)).has_value();
      if (to.calls < failing) {
        ASSERT_TRUE(imported);
        break;
      }
      ++failed;
      ASSERT_FALSE(imported);
      const bool marked = target.get_setting(kImportMark).has_value();
      const bool complete = !marked && target.get_topic("a").has_value();
      EXPECT_EQ(target.open_session(new_session(9)).has_value(), !marked) << "call " << failing;
      if (complete || !marked) continue;
      ASSERT_TRUE(run(import_metadata(to, *archive))) << "call " << failing;
      const auto again = std::make_shared<ArchiveBytes>();
      ASSERT_TRUE(run(export_metadata(to, SourceUse::kExclusive, again)));
      EXPECT_EQ(again->content, archive->content);
    }
  }
  EXPECT_GE(failed, 10) << "begin, two batches at least, the comparison, the end: each twice";
}

TEST_F(MoveTest, AnUnfinishedImportTakesNoOtherArchive) {
  const auto archive = some_archive(source_);
  MemoryMetadata other = database(7);
  const auto another = some_archive(other);
  MemoryMetadata target = database(2);
  FailingStore to(target);
  to.failing = 2;
  ASSERT_FALSE(run(import_metadata(to, *archive)));
  const auto refused = run(import_metadata(to, *another));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Errc::kConflict);
}

TEST_F(MoveTest, AnImportThatReadsBackOtherRowsStaysUnusable) {
  const auto archive = some_archive(source_);
  MemoryMetadata target = database(2);
  FailingStore to(target);
  to.while_reading = [&target] {
    MemoryTables tables = target.tables();
    tables.partitions.begin()->second.epoch = LeaderEpoch(3);
    target.restore(std::move(tables));
  };
  const auto imported = run(import_metadata(to, *archive));
  ASSERT_FALSE(imported);
  EXPECT_EQ(imported.error().code, Errc::kCorrupt);
  EXPECT_FALSE(target.open_session(new_session(9)));
}

TEST_F(MoveTest, AnAgentThatComesUpMeanwhileMakesAnExportFail) {
  from_.while_reading = [this] { EXPECT_TRUE(source_.open_session(new_session(9))); };
  const auto bytes = std::make_shared<ArchiveBytes>();
  const auto exported = run(export_metadata(from_, SourceUse::kShared, bytes));
  ASSERT_FALSE(exported);
  EXPECT_EQ(exported.error().code, Errc::kConflict);
  EXPECT_NE(exported.error().text.find("'agent' at h:1"), std::string::npos)
      << exported.error().text;
}

TEST_F(MoveTest, AnOutputThatFailsMakesAnExportFail) {
  class FullDisk final : public ArchiveOutput {
   public:
    Status restart() override { return {}; }
    Status write(base::BytesView) override { return {Errc::kUnavailable, "disk full"}; }
  };
  const auto exported =
      run(export_metadata(from_, SourceUse::kExclusive, std::make_shared<FullDisk>()));
  ASSERT_FALSE(exported);
  EXPECT_EQ(exported.error().text, "disk full");
}

}  // namespace
}  // namespace streamhouse::metadata
