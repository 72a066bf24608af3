// Goal: the commands that move metadata touch only databases that nobody uses, make none by
// looking, and say which one it was without showing its password. Method: SQLite databases in a
// scratch directory, filled through the store itself. Servers: tests/e2e/moving_test.py.
#include "cli/direct/direct_move.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "metadata/opened_metadata_store.h"
#include "runtime/asio_runtime.h"
#include "runtime/run_task.h"
#include "tests/scratch_directory.h"

namespace streamhouse::cli {
namespace {

using base::Errc;
using metadata::ArchiveSummary;

class DirectMoveTest : public testing::Test {
 protected:
  std::string path(const std::string& name) const { return scratch_.path() / name; }
  std::string url(const std::string& name) const { return "sqlite:" + path(name); }
  /// As an agent has it.
  std::unique_ptr<metadata::OpenedMetadataStore> opened(const std::string& name) {
    metadata::OpenMetadata options{
        .url = url(name), .holder = "agent 'busy'", .new_cluster_id = {{7}}};
    auto database =
        runtime::run_task(runtime_, metadata::open_metadata_store(runtime_, std::move(options)));
    SH_CHECK(database.has_value(), "opened");
    return *std::move(database);
  }
  /// Two topics with five partitions.
  void fill(const std::string& name) {
    const auto database = opened(name);
    for (const std::int32_t count : {2, 3}) {
      const metadata::NewTopic topic{.name = "topic-" + std::to_string(count),
                                     .id = {{static_cast<std::uint8_t>(count)}},
                                     .partition_count = count};
      ASSERT_TRUE(runtime::run_task(runtime_, database->store().create_topic(topic)));
    }
  }
  std::vector<std::string> topics(const std::string& name) {
    const auto database = opened(name);
    const auto found =
        runtime::run_task(runtime_, database->store().list_topics(model::TopicNo(0), 10));
    std::vector<std::string> names;
    for (const metadata::Topic& topic : *found) names.push_back(topic.name);
    return names;
  }
  model::TopicId cluster(const std::string& name) {
    const auto database = opened(name);
    return runtime::run_task(runtime_, database->store().cluster_info())->cluster_id;
  }
  static std::string refusal(const base::Result<ArchiveSummary>& result, Errc code) {
    EXPECT_FALSE(result);
    if (result) return "";
    EXPECT_EQ(result.error().code, code) << result.error().text;
    return result.error().text;
  }

  tests::ScratchDirectory scratch_;
  runtime::AsioRuntime runtime_{1};
};

TEST_F(DirectMoveTest, MovesEverythingAndCountsIt) {
  fill("first");
  const auto exported = export_directly(url("first"), path("archive"));
  ASSERT_TRUE(exported) << to_string(exported.error());
  EXPECT_EQ(exported->counts[1], 2u);
  EXPECT_EQ(exported->counts[2], 5u);
  const auto imported = import_directly(url("second"), path("archive"));
  ASSERT_TRUE(imported) << to_string(imported.error());
  EXPECT_EQ(*imported, *exported);
  EXPECT_EQ(topics("second"), (std::vector<std::string>{"topic-2", "topic-3"}));
  EXPECT_EQ(cluster("second"), cluster("first"));
}

TEST_F(DirectMoveTest, ADatabaseInUseIsNotExported) {
  fill("first");
  const auto agent = opened("first");
  const std::string why = refusal(export_directly(url("first"), path("archive")), Errc::kConflict);
  EXPECT_NE(why.find("busy"), std::string::npos) << why;
  EXPECT_FALSE(std::filesystem::exists(path("archive")));
  EXPECT_FALSE(std::filesystem::exists(path("archive.part")));
}

TEST_F(DirectMoveTest, ADatabaseThatIsNotThereIsNotMadeByAnExport) {
  const std::string why = refusal(export_directly(url("none"), path("archive")), Errc::kNotFound);
  EXPECT_NE(why.find(path("none")), std::string::npos) << why;
  EXPECT_TRUE(std::filesystem::is_empty(scratch_.path()));
}

TEST_F(DirectMoveTest, ADatabaseThatWasUsedTakesNoImport) {
  fill("first");
  fill("second");
  ASSERT_TRUE(export_directly(url("first"), path("archive")));
  refusal(import_directly(url("second"), path("archive")), Errc::kConflict);
  EXPECT_EQ(topics("second").size(), 2u);
}

TEST_F(DirectMoveTest, AnArchiveThatIsNotThereOrNoneLeavesTheDatabaseEmpty) {
  refusal(import_directly(url("second"), path("archive")), Errc::kNotFound);
  EXPECT_FALSE(std::filesystem::exists(path("second")));
  std::ofstream(path("archive")) << "some text that is longer than the header of an archive";
  refusal(import_directly(url("second"), path("archive")), Errc::kCorrupt);
  EXPECT_TRUE(topics("second").empty());
}

TEST_F(DirectMoveTest, UrlsThatAreNotServedAreRefusedWithoutTheirPasswords) {
  for (const std::string bad : {"mysql://user:sesame@host/db", "nonsense"}) {
    for (const std::string& why :
         {refusal(export_directly(bad, path("archive")), Errc::kInvalid),
          refusal(import_directly(bad, path("archive")), Errc::kInvalid)}) {
      EXPECT_NE(why.find("DATABASE_URL="), std::string::npos) << why;
      EXPECT_EQ(why.find("sesame"), std::string::npos) << why;
    }
  }
}

}  // namespace
}  // namespace streamhouse::cli
