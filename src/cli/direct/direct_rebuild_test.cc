// Goal: the command rebuilds a database from a directory, makes none by looking, and refuses one
// that is in use or a directory that was just written to. Method: SQLite and a directory store in a
// scratch directory; the objects are those of the project's own encoders.
#include "cli/direct/direct_rebuild.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "metadata/archive/archive_object.h"
#include "metadata/opened_metadata_store.h"
#include "objectstore/opened_object_store.h"
#include "runtime/asio_runtime.h"
#include "runtime/run_task.h"
#include "segment/object_key.h"
#include "segment/object_writer.h"
#include "tests/core/batches.h"
#include "tests/scratch_directory.h"

namespace streamhouse::cli {
namespace {

namespace fs = std::filesystem;
using base::Errc;
using upkeep::RebuildReport;

class DirectRebuildTest : public testing::Test {
 protected:
  static constexpr model::TopicId kCluster{{4}};
  static constexpr model::SessionId kSession{0xab00000000000001};

  void SetUp() override {
    objectstore::OpenObjects options{.url = urls_.objects};
    auto opened =
        runtime::run_task(runtime_, objectstore::open_object_store(runtime_, std::move(options)));
    ASSERT_TRUE(opened);
    const metadata::Topic topic{.no = model::TopicNo(3),
                                .id = {{3}},
                                .name = "orders",
                                .partition_count = 2,
                                .config = {{"max.message.bytes", "99"}}};
    std::vector<metadata::ArchiveRow> rows;
    rows.emplace_back(metadata::ClusterRow{.cluster = {.cluster_id = kCluster}});
    rows.emplace_back(topic);
    put(**opened, segment::to_key(segment::CatalogueKey{topic.id, 1}), {metadata::pack_rows(rows)});
    const segment::SpanContent span{
        .partition = {topic.no, model::PartitionIndex(1)},
        .epoch = model::LeaderEpoch(1),
        .batches = {core_testing::placed_batch(0, {.count = 3}), core_testing::placed_batch(3)}};
    const segment::ObjectHeader header{
        .identity = {segment::ObjectLevel::kFlushed, kSession, model::Seq(1)},
        .cluster = kCluster.bytes};
    put(**opened, flushed(), segment::build_object(header, {span}).chunks);
  }
  static std::string flushed() { return segment::object_key(kSession, model::Seq(1)); }
  void put(objectstore::OpenedObjectStore& store, const std::string& key,
           objectstore::Chunks content) {
    ASSERT_TRUE(runtime::run_task(runtime_, store.store().put(key, std::move(content))));
  }
  /// As if nobody had written for an hour.
  void age() {
    for (const auto& entry : fs::recursive_directory_iterator(scratch_.path() / "objects"))
      if (entry.is_regular_file())
        fs::last_write_time(entry.path(), entry.last_write_time() - std::chrono::hours(1));
  }
  std::unique_ptr<metadata::OpenedMetadataStore> opened() {
    metadata::OpenMetadata options{
        .url = urls_.database, .holder = "agent 'busy'", .new_cluster_id = {{7}}};
    auto database =
        runtime::run_task(runtime_, metadata::open_metadata_store(runtime_, std::move(options)));
    SH_CHECK(database.has_value(), "opened");
    return *std::move(database);
  }
  std::string refusal(Errc code, const StoreUrls& urls, const MetadataRebuild& command = {}) {
    const auto report = rebuild_directly(urls, command);
    EXPECT_FALSE(report);
    if (report) return "";
    EXPECT_EQ(report.error().code, code) << report.error().text;
    return report.error().text;
  }
  bool has_database() const { return fs::exists(scratch_.path() / "metadata.db"); }

  tests::ScratchDirectory scratch_;
  const StoreUrls urls_{.database = "sqlite:" + (scratch_.path() / "metadata.db").string(),
                        .objects = "file:" + (scratch_.path() / "objects").string()};
  runtime::AsioRuntime runtime_{1};
};

TEST_F(DirectRebuildTest, FillsADatabase) {
  age();
  std::uint64_t read = 0;
  const auto report = rebuild_directly(urls_, {}, [&](std::uint64_t objects) { read = objects; });
  ASSERT_TRUE(report) << to_string(report.error());
  EXPECT_TRUE(report->written);
  EXPECT_EQ(report->record_count, 4);
  EXPECT_EQ(read, 2u);
  const auto database = opened();
  auto& store = database->store();
  EXPECT_EQ(runtime::run_task(runtime_, store.cluster_info())->cluster_id, kCluster);
  const auto topic = runtime::run_task(runtime_, store.get_topic("orders"));
  ASSERT_TRUE(topic);
  EXPECT_EQ(topic->config.at("max.message.bytes"), "99");
  const auto spans = runtime::run_task(
      runtime_, store.list_segments({topic->no, model::PartitionIndex(1)}, model::Offset(0), 10));
  ASSERT_TRUE(spans);
  ASSERT_EQ(spans->size(), 1u);
  EXPECT_EQ(spans->front().object_key, flushed());
  EXPECT_EQ(spans->front().offsets.next, model::Offset(4));
}

TEST_F(DirectRebuildTest, ADirectoryThatWasJustWrittenIsRefusedUnlessAgentsAreSaidToBeStopped) {
  const std::string why = refusal(Errc::kConflict, urls_);
  EXPECT_NE(why.find("within the last minute"), std::string::npos) << why;
  const auto report = rebuild_directly(urls_, {.agents = AgentsStopped::kYes});
  ASSERT_TRUE(report) << to_string(report.error());
  EXPECT_TRUE(report->written);
}

TEST_F(DirectRebuildTest, ADryRunMakesNoDatabase) {
  age();
  const auto report = rebuild_directly(urls_, {.dry_run = DryRun::kYes});
  ASSERT_TRUE(report) << to_string(report.error());
  EXPECT_FALSE(report->written);
  EXPECT_EQ(report->counts[1], 1u);
  EXPECT_FALSE(has_database());
}

TEST_F(DirectRebuildTest, ADatabaseThatWasUsedOrIsInUseIsLeftAlone) {
  age();
  auto busy = opened();
  EXPECT_NE(refusal(Errc::kConflict, urls_).find("busy"), std::string::npos);
  const metadata::NewTopic topic{.name = "own", .id = {{1}}};
  ASSERT_TRUE(runtime::run_task(runtime_, busy->store().create_topic(topic)));
  busy.reset();
  EXPECT_NE(refusal(Errc::kConflict, urls_).find("not empty"), std::string::npos);
}

TEST_F(DirectRebuildTest, ADamagedObjectIsNamedAndNothingIsWritten) {
  fs::resize_file(scratch_.path() / "objects" / flushed(), 100);
  age();
  const auto report = rebuild_directly(urls_, {});
  ASSERT_TRUE(report) << to_string(report.error());
  EXPECT_FALSE(report->written);
  ASSERT_EQ(report->findings.size(), 1u);
  EXPECT_EQ(report->findings[0].object, flushed());
  const auto without = rebuild_directly(urls_, {.despite_findings = DespiteFindings::kYes});
  ASSERT_TRUE(without);
  EXPECT_TRUE(without->written);
}

TEST_F(DirectRebuildTest, WhatIsNotThereIsNotMade) {
  const StoreUrls none{.database = urls_.database, .objects = urls_.objects + "/none"};
  EXPECT_NE(refusal(Errc::kNotFound, none).find("none"), std::string::npos);
  EXPECT_FALSE(has_database());
  EXPECT_FALSE(fs::exists(scratch_.path() / "objects" / "none"));
  const StoreUrls bad{.database = "mysql://user:sesame@host/db", .objects = urls_.objects};
  EXPECT_EQ(refusal(Errc::kInvalid, bad).find("sesame"), std::string::npos);
}

}  // namespace
}  // namespace streamhouse::cli
