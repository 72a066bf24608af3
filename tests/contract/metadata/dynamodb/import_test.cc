// Goal: rows of every kind move into a table and out of it as they are, however many requests that
// takes; an import that dies anywhere is finished by its repeat, and nobody begins to lead
// meanwhile. Method: rows of every kind on the real server; imports that are cut off behind some of
// their requests, and that others come into the middle of, compared with the model (overlap.h).
#include "metadata/dynamodb/items/keys.h"
#include "metadata/dynamodb/items/rows.h"
#include "tests/contract/metadata/dynamodb/overlap.h"

namespace streamhouse::metadata::contract {
namespace {

constexpr model::TopicNo kOld{3};
constexpr model::TopicNo kLive{7};
const TopicPartition kZero{kLive, model::PartitionIndex(0)};
const TopicPartition kOne{kLive, model::PartitionIndex(1)};
const TopicPartition kGrown{kLive, model::PartitionIndex(2)};

base::Bytes filled(std::size_t size) { return base::Bytes(base::ByteVector(size, 7)); }

/// Keeps the rows as text.
class ShownRows final : public RowSink {
 public:
  Status begin() override {
    rows.clear();
    return {};
  }
  Status take(ArchiveRow row) override {
    rows.push_back(shown(row));
    return {};
  }
  static std::string shown(const ArchiveRow& row) {
    const auto text = [](const auto& one) { return show(one); };
    return std::to_string(row.index()) + " " + std::visit(text, row);
  }
  std::vector<std::string> rows;
};

ClusterRow cluster() {
  return {.cluster = {.cluster_id = topic_id(5), .created_ms = 77},
          .topic_no_latest = model::TopicNo(9),
          .producer_id_next = model::ProducerId(1'000)};
}

std::vector<ArchiveRow> topics() {
  Topic old{.no = kOld, .id = topic_id(3), .name = "t", .partition_count = 1, .created_ms = 1};
  old.state = TopicState::kDeleting;
  Topic live{.no = kLive, .id = topic_id(4), .name = "t", .partition_count = 3, .created_ms = 2};
  live.config = {{"k", "v"}};
  live.version = 6;
  Partition led{.key = kZero, .epoch = LeaderEpoch(4), .owner = kFirst, .since_seq = Seq(2)};
  led.created_ms = 2;
  led.visible_high_watermark = Offset(12);
  Partition freed{.key = kOne, .epoch = LeaderEpoch(2), .high_watermark = Offset(9)};
  freed.producers = filled(3'000);  // in chunks
  freed.created_ms = 2;
  Partition grown{.key = kGrown, .created_ms = 8, .updated_ms = 8};
  Partition gone{.key = {kOld, model::PartitionIndex(0)}, .created_ms = 1, .updated_ms = 1};
  return {old, live, gone, led, freed, grown};
}

std::vector<ArchiveRow> sessions() {
  const Session first{.id = kFirst, .agent_id = "a", .trimmed_to = Seq(1), .opened_ms = 3};
  Session second{.id = kSecond, .agent_id = "b", .opened_ms = 4};
  second.state = SessionState::kRecovered;
  const auto row = [](SessionId session, std::int64_t seq, RowKind kind) {
    LogRow one{.seq = Seq(seq), .kind = kind, .created_ms = 5};
    if (kind != RowKind::kCommit) return SessionLogRow{session, one};
    const CommitEntry entry = commit({span(kZero, seq * 10, seq * 10 + 10, 4)});
    one.crc = entry.object_crc;
    one.object_size = entry.object_size;
    one.payload = entry.spans;
    return SessionLogRow{session, one};
  };
  auto state = entry(kZero, 4, 12);
  state.producers = filled(3'000);
  const base::Bytes packed(segment::encode_checkpoint({state}));
  return {first,
          second,
          row(kFirst, 0, RowKind::kOpen),
          row(kFirst, 1, RowKind::kCommit),  // void
          row(kFirst, 2, RowKind::kCommit),
          row(kSecond, 0, RowKind::kOpen),
          row(kSecond, 1, RowKind::kCommit),
          row(kSecond, 2, RowKind::kSeal),
          SessionCheckpoint{kFirst, Seq(2), packed}};
}

std::vector<ArchiveRow> others() {
  StoredObject live{.row = {.key = "s/live", .level = 1, .size = 50}, .session = kSecond};
  live.segment_count = 1;
  StoredObject dead{.row = {.key = "s/dead", .level = 0, .size = 40}, .session = kFirst};
  dead.row.state = ObjectState::kDead;
  dead.row.dead_ms = 6;
  Segment segment{.key = kOne, .record_count = 9};
  segment.location = {.offsets = {Offset(0), Offset(9)}, .object_key = "s/live", .length = 50};
  segment.location.object_size = 50;
  Group group{.group_id = "g", .commit_no = 4, .generation = 2, .state = "Stable"};
  group.members = filled(100);
  CommittedOffset kept{.key = kZero, .offset = Offset(5), .metadata = "m", .committed_ms = 6};
  CommittedOffset expires{.key = kOne, .offset = Offset(6), .committed_ms = 6, .expires_ms = 60};
  return {dead,
          live,
          segment,
          group,
          StoredOffset{"g", kept},
          StoredOffset{"g", expires},
          StoredGroupFloor{kOne, LeaderEpoch(2), 8},
          Setting{.key = "frozen", .value = filled(3), .version = 2}};
}

Call begin(const std::string& archive) {
  return call([=](MetadataStore& to) { return to.begin_import(cluster(), archive); });
}
Call insert(const std::vector<ArchiveRow>& rows) {
  return call([=](MetadataStore& to) { return to.insert_rows(rows); });
}
Call complete() {
  return call([](MetadataStore& to) { return to.delete_setting(kImportMark, 1); });
}
std::string read_all(Caller caller) {
  const auto sink = std::make_shared<ShownRows>();
  caller.must(caller.store.read_rows(sink));
  std::string text;
  for (const std::string& row : sink->rows) text += row + "\n";
  return text;
}

class DynamodbImportTest : public DynamodbOverlapTest {
 protected:
  template <class T>
  T must(Task<Result<T>> task) {
    Result<T> result = runtime::run_task(runtime_, std::move(task));
    if (!result) throw std::runtime_error(to_string(result.error()));
    if constexpr (!std::is_void_v<T>) return *std::move(result);
  }

  runtime::AsioRuntime runtime_;
  tests::DynamodbProcess process_{runtime_};
  dynamodb::Table table_{process_.client, tests::new_table_name(), dynamodb::Access::kReadWrite};
  DynamodbMetadataStore store_{table_};
};

TEST_F(DynamodbImportTest, RowsOfEveryKindComeBackInTheirOrder) {
  tests::prepare(runtime_, table_);
  must(store_.begin_import(cluster(), "a"));
  std::vector<std::string> expected = {ShownRows::shown(cluster())};
  for (const auto& rows : {topics(), sessions(), others()}) {
    must(store_.insert_rows(rows));
    for (const ArchiveRow& row : rows) expected.push_back(ShownRows::shown(row));
  }
  const auto read = std::make_shared<ShownRows>();
  must(store_.read_rows(read));
  EXPECT_THAT(read->rows, testing::ElementsAreArray(expected));
}

TEST_F(DynamodbImportTest, WhatWasImportedIsGoneOnWith) {
  tests::prepare(runtime_, table_);
  must(store_.begin_import(cluster(), "a"));
  for (const auto& rows : {topics(), sessions(), others()}) must(store_.insert_rows(rows));
  must(store_.delete_setting(kImportMark, 1));
  EXPECT_EQ(must(store_.get_topic("t")).no, kLive);
  must(store_.append(kFirst, Seq(3), any_commit()));
  const auto counts = must(store_.count_objects());
  ASSERT_EQ(counts.size(), 3u);
  EXPECT_EQ(counts[0].objects, 3u) << "two of the first session, one of the second; none is void";
  EXPECT_EQ(must(store_.list_due_sessions(std::nullopt)).size(), 1u);
  must(store_.seal_session(kFirst));
  const RecoveryView view = must(store_.load_recovery(kFirst));
  EXPECT_EQ(view.seal, Seq(4));
  ASSERT_EQ(view.owned.size(), 1u) << "found by its mark";
  ASSERT_TRUE(view.checkpoint.has_value());
  EXPECT_EQ(view.checkpoint->partitions.front().producers.size(), 3'000u);
  must(store_.recover_partitions(kFirst, {entry(kZero, 4, 40)}));
  must(store_.finish_recovery(kFirst));
  must(store_.purge_topic(kOld));
  EXPECT_EQ(must(store_.create_topic(new_topic("next"))).no, model::TopicNo(10));
  EXPECT_EQ(must(store_.load_group("g")).offsets.size(), 2u);
  EXPECT_EQ(must(store_.allocate_producer_ids(1)), model::ProducerId(1'000));
}

TEST_F(DynamodbImportTest, MoreThanATransactionTakesIsInsertedInSeveral) {
  tests::prepare(runtime_, table_);
  must(store_.begin_import(cluster(), "a"));
  constexpr std::int64_t kRows = 10;  // some 3.5 MB
  std::vector<ArchiveRow> rows = {Session{.id = kFirst, .agent_id = "a"},
                                  SessionLogRow{kFirst, {.seq = Seq(0)}}};
  for (std::int64_t seq = 1; seq <= kRows; ++seq) {
    const LogRow row{.seq = Seq(seq), .kind = RowKind::kCommit, .object_size = 10};
    rows.push_back(SessionLogRow{kFirst, row});
    std::get<SessionLogRow>(rows.back()).row.payload = filled(seq % 2 ? 300'000 : 400'000);
  }
  for (int i = 0; i < 110; ++i)
    rows.push_back(Setting{.key = "k" + std::to_string(i), .value = filled(4), .version = 1});
  must(store_.insert_rows(rows));
  must(store_.delete_setting(kImportMark, 1));
  EXPECT_EQ(must(store_.list_settings("k")).size(), 110u);
  const auto log = must(store_.tail(kFirst, Seq(0), 100));
  ASSERT_EQ(log.size(), static_cast<std::size_t>(kRows));
  EXPECT_EQ(log[0].payload.size(), 300'000u);
  EXPECT_EQ(log[1].payload.size(), 400'000u);
  const auto counts = must(store_.count_objects());
  ASSERT_EQ(counts.size(), 1u);
  EXPECT_EQ(counts[0].bytes, 10u * kRows);
}

TEST_F(DynamodbImportTest, ARowOfSomethingThatIsNotThereIsRefused) {
  tests::prepare(runtime_, table_);
  must(store_.begin_import(cluster(), "a"));
  const auto refused = [&](const ArchiveRow& row) {
    const Status inserted = runtime::run_task(runtime_, store_.insert_rows({row}));
    return inserted ? "" : std::string(base::errc_name(inserted.error().code));
  };
  EXPECT_EQ(refused(Partition{.key = kZero, .epoch = LeaderEpoch(1)}), "invalid");
  EXPECT_EQ(refused(SessionLogRow{kFirst, {.seq = Seq(0)}}), "invalid");
  EXPECT_EQ(refused(StoredOffset{"g", {.key = kZero}}), "invalid");
  EXPECT_EQ(refused(cluster()), "invalid");
}

TEST_F(DynamodbImportTest, WhatAPurgeLeftOverIsNotRead) {
  tests::prepare(runtime_, table_);
  const Topic topic = must(store_.create_topic(new_topic("t")));
  dynamodb::Item item = *must(table_.get(dynamodb::topic_key(topic.no)));
  item.set("state", std::int64_t{2});  // as if the agent had died behind its first step
  must(table_.put({.key = dynamodb::topic_key(topic.no), .item = item}));
  const auto read = std::make_shared<ShownRows>();
  must(store_.read_rows(read));
  EXPECT_EQ(read->rows.size(), 1u) << "the cluster";
  EXPECT_FALSE(must(table_.get(dynamodb::topic_key(topic.no))).has_value());
}

TEST_F(DynamodbImportTest, AnImportThatIsCutOffIsFinishedByItsRepeat) {
  look_ = read_all;
  expect_repeatable("topics", all_of({begin("a"), insert(topics())}));
  expect_repeatable("sessions", all_of({begin("a"), insert(sessions()), complete()}));
  prepare_ = [](Caller caller) {
    all_of({begin("a"), insert(topics()), insert(sessions())})(caller);
  };
  expect_repeatable("others", all_of({insert(others()), complete()}));
}

TEST_F(DynamodbImportTest, NobodyComesIntoTheMiddle) {
  const NewSession session{.id = kThird, .agent = {.agent_id = "c"}, .timeout_ms = 600'000};
  const Call open = call([=](MetadataStore& to) { return to.open_session(session); });
  const Call create = call([](MetadataStore& to) { return to.create_topic(new_topic("t")); });
  look_ = read_all;
  expect_serial("import and agent", begin("a"), open);
  expect_serial("agent and import", open, begin("a"));
  expect_serial("import and topic", begin("a"), create);
  expect_serial("two imports", begin("a"), begin("b"));
  prepare_ = [](Caller caller) { begin("a")(caller); };
  expect_serial("rows and end", insert({topics().front()}), complete());
}

}  // namespace
}  // namespace streamhouse::metadata::contract
