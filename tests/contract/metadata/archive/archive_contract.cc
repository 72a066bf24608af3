// Goal: every row of a store can be moved into an empty one of its kind or another, and nobody
// leads on a store that holds only some. Method: the operations one by one. That what moves is all
// there is, and goes on as before, is shown by the model check, which moves both sides in the
// middle of its run.
#include "metadata/archive/move.h"
#include "tests/contract/metadata_store_contract.h"
#include "tests/metadata/archive_bytes.h"

namespace streamhouse::metadata::contract {
namespace {

using tests::ArchiveBytes;

ClusterRow cluster(std::uint64_t id = 5) {
  return {.cluster = {.cluster_id = topic_id(id), .created_ms = 77},
          .topic_no_latest = model::TopicNo(41),
          .producer_id_next = model::ProducerId(1'000)};
}

Topic imported_topic() {
  return {.no = model::TopicNo(40),
          .id = topic_id(4),
          .name = "moved",
          .partition_count = 1,
          .config = {{"k", "v"}},
          .version = 6,
          .created_ms = 1,
          .updated_ms = 2};
}

Partition imported_partition() {
  return {.key = key_of(imported_topic()),
          .epoch = LeaderEpoch(9),
          .high_watermark = Offset(50),
          .visible_high_watermark = Offset(50),
          .producers = base::Bytes(std::string("p")),
          .created_ms = 1,
          .updated_ms = 2};
}

/// A session as its agent left it when it was killed, with a commit that it made.
std::vector<ArchiveRow> imported_log() {
  const CommitEntry entry = commit({span(key_of(imported_topic()), 50, 60, 9)});
  const LogRow commit_row{.seq = Seq(1),
                          .kind = RowKind::kCommit,
                          .crc = entry.object_crc,
                          .object_size = entry.object_size,
                          .payload = entry.spans,
                          .created_ms = 4};
  return {Session{.id = kSecond, .agent_id = "agent", .opened_ms = 3},
          SessionLogRow{.session = kSecond, .row = {.seq = Seq(0), .created_ms = 3}},
          SessionLogRow{.session = kSecond, .row = commit_row}};
}

NewSession new_session(SessionId id) {
  return {.id = id, .agent = {.agent_id = "agent", .address = "a:1"}, .timeout_ms = kTimeout};
}

std::shared_ptr<ArchiveBytes> exported(MetadataStoreContract& test) {
  auto bytes = std::make_shared<ArchiveBytes>();
  test.must(export_metadata(test.store(), SourceUse::kExclusive, bytes));
  return bytes;
}

TEST_P(MetadataStoreContract, AnImportBeginsOnlyOnADatabaseThatNobodyHasUsed) {
  create("t");
  EXPECT_EQ(outcome(store().begin_import(cluster(), "a")), "conflict");
  must(store().purge_topic(delete_topic("t").no));
  EXPECT_EQ(outcome(store().begin_import(cluster(), "a")), "conflict") << "a number was given out";
  start_anew();
  open(kFirst);
  EXPECT_EQ(outcome(store().begin_import(cluster(), "a")), "conflict");
  start_anew();
  must(store().allocate_producer_ids(1));
  EXPECT_EQ(outcome(store().begin_import(cluster(), "a")), "conflict");
  start_anew();
  must(store().put_setting("frozen", base::Bytes(std::string("x")), 0));
  EXPECT_EQ(outcome(store().begin_import(cluster(), "a")), "conflict");
  start_anew();
  EXPECT_EQ(outcome(store().begin_import(cluster(), "a")), "ok");
}

TEST_P(MetadataStoreContract, AnImportTakesOverTheClusterAndItsNumbers) {
  must(store().begin_import(cluster(), "a"));
  must(store().delete_setting(kImportMark, 1));
  EXPECT_EQ(must(store().cluster_info()).cluster_id, topic_id(5));
  EXPECT_EQ(must(store().cluster_info()).created_ms, 77);
  EXPECT_EQ(create("next").no, model::TopicNo(42));
  EXPECT_EQ(must(store().allocate_producer_ids(1)), model::ProducerId(1'000));
}

TEST_P(MetadataStoreContract, NobodyOpensASessionWhileAnImportIsNotComplete) {
  must(store().begin_import(cluster(), "a"));
  EXPECT_EQ(outcome(store().open_session(new_session(kFirst))), "conflict");
  EXPECT_EQ(outcome(backend().second_store().open_session(new_session(kFirst))), "conflict");
  must(store().insert_rows({imported_topic(), imported_partition()}));
  EXPECT_EQ(outcome(store().open_session(new_session(kFirst))), "conflict");
  must(store().delete_setting(kImportMark, 1));
  EXPECT_EQ(outcome(store().open_session(new_session(kFirst))), "ok");
}

TEST_P(MetadataStoreContract, RowsAreInsertedOnlyDuringAnImport) {
  EXPECT_EQ(outcome(store().insert_rows({imported_topic()})), "conflict");
  must(store().begin_import(cluster(), "a"));
  must(store().delete_setting(kImportMark, 1));
  EXPECT_EQ(outcome(store().insert_rows({imported_topic()})), "conflict");
  EXPECT_EQ(outcome(store().get_topic(imported_topic().name)), "topic_not_found");
}

TEST_P(MetadataStoreContract, EachStepOfAnImportCanBeRepeatedButNotMixedWithAnother) {
  must(store().begin_import(cluster(), "a"));
  must(store().begin_import(cluster(), "a"));
  EXPECT_EQ(outcome(store().begin_import(cluster(6), "b")), "conflict");
  EXPECT_EQ(must(store().cluster_info()).cluster_id, topic_id(5));
  std::vector<ArchiveRow> rows{imported_topic(), imported_partition()};
  for (ArchiveRow& row : imported_log()) rows.push_back(std::move(row));
  must(store().insert_rows(rows));
  must(store().insert_rows(rows));
  must(store().delete_setting(kImportMark, 1));
  EXPECT_EQ(must(store().list_topics(model::TopicNo(0), 10)).size(), 1u);
  EXPECT_EQ(this->rows(kSecond), "C1");
  EXPECT_EQ(must(store().count_objects()).at(0).objects, 1u);
}

TEST_P(MetadataStoreContract, ABatchWithARowThatIsRefusedInsertsNothing) {
  must(store().begin_import(cluster(), "a"));
  EXPECT_EQ(outcome(store().insert_rows({imported_topic(), cluster()})), "invalid");
  EXPECT_EQ(outcome(store().get_topic(imported_topic().name)), "topic_not_found");
}

TEST_P(MetadataStoreContract, AnImportedSessionGoesOnWhereItWasLeft) {
  must(store().begin_import(cluster(), "a"));
  Partition led = imported_partition();
  led.owner = kSecond;
  led.since_seq = Seq(1);
  must(store().insert_rows({imported_topic(), led}));
  must(store().insert_rows(imported_log()));
  must(store().delete_setting(kImportMark, 1));
  EXPECT_EQ(changes_after(0).size(), 0u);
  EXPECT_EQ(must(store().list_agents(Liveness::kAll)).size(), 0u);
  const auto due = must(store().list_due_sessions(std::nullopt));
  ASSERT_EQ(due.size(), 1u) << "no heartbeat keeps it";
  EXPECT_EQ(spans(led.key), "[50,60)");
  append(kSecond, 2, any_commit());
  EXPECT_EQ(must(store().count_objects()).at(0).objects, 2u);
  take_over(kSecond);
  EXPECT_EQ(partition(led.key).epoch, LeaderEpoch(10));
}

TEST_P(MetadataStoreContract, ALogThatIsInsertedInPartsIsCountedAsOne) {
  must(store().begin_import(cluster(), "a"));
  const std::vector<ArchiveRow> log = imported_log();
  for (const ArchiveRow& row : log) must(store().insert_rows({row}));
  auto second = std::get<SessionLogRow>(log.back());
  second.row.seq = Seq(2);
  must(store().insert_rows({second}));
  must(store().delete_setting(kImportMark, 1));
  const auto counts = must(store().count_objects());
  ASSERT_EQ(counts.size(), 1u);
  EXPECT_EQ(counts[0].objects, 2u);
  EXPECT_EQ(counts[0].bytes, 2 * second.row.object_size);
}

TEST_P(MetadataStoreContract, AnExportLeavesOutWhatMeansNothingElsewhere) {
  open(kFirst);
  create("t", 2);
  must(store().put_setting("frozen", base::Bytes(std::string("x")), 0));
  const auto rows = tests::read_archive(exported(*this)->content).value();
  std::string kinds;
  for (const ArchiveRow& row : rows) kinds += std::string(archive_kind_name(row.index())) + " ";
  EXPECT_EQ(kinds, "cluster topics partitions partitions sessions log_rows settings ");
}

TEST_P(MetadataStoreContract, ADatabaseWithAnAgentAliveIsNotExported) {
  open(kFirst, "busy");
  const auto bytes = std::make_shared<ArchiveBytes>();
  EXPECT_NE(refusal(export_metadata(store(), SourceUse::kShared, bytes)).find("'busy'"),
            std::string::npos);
  pass_time(kTimeout);
  EXPECT_EQ(outcome(export_metadata(store(), SourceUse::kShared, bytes)), "ok");
}

TEST_P(MetadataStoreContract, APartOfAnImportIsNotExported) {
  must(store().begin_import(cluster(), "a"));
  const auto bytes = std::make_shared<ArchiveBytes>();
  EXPECT_EQ(outcome(export_metadata(store(), SourceUse::kExclusive, bytes)), "conflict");
}

TEST_P(MetadataStoreContract, AnArchiveThatIsDamagedLeavesTheDatabaseEmpty) {
  open(kFirst);
  create("t");
  auto archive = exported(*this);
  start_anew();
  archive->content.back() ^= 1;
  EXPECT_EQ(outcome(import_metadata(store(), *archive)), "corrupt");
  EXPECT_EQ(outcome(store().begin_import(cluster(), "a")), "ok") << "nothing has been there";
}

TEST_P(MetadataStoreContract, ADatabaseOfManyRowsComesBackByteForByte) {
  for (int i = 0; i < 30; ++i) create("topic-" + std::to_string(i), 100);
  open(kFirst);
  const auto before = exported(*this);
  start_anew();
  const ArchiveSummary summary = must(import_metadata(store(), *before));
  EXPECT_EQ(summary.counts[1], 30u);
  EXPECT_EQ(summary.counts[2], 3'000u);
  EXPECT_EQ(exported(*this)->content, before->content);
  EXPECT_EQ(outcome(import_metadata(store(), *before)), "conflict") << "it is not empty any more";
}

}  // namespace
}  // namespace streamhouse::metadata::contract
