// Goal: whatever the disk does, no operation is half applied, none is claimed that is not durable,
// and work goes on when the disk is well again.
// Method: a VFS that fails at each step of an operation in turn, and that says what a loss of power
// would leave at any moment.
#include <gtest/gtest.h>

#include "metadata/sqlite/driver/connection.h"
#include "metadata/sqlite/sqlite_metadata.h"
#include "segment/object_key.h"
#include "tests/metadata/fault_vfs.h"
#include "tests/scratch_directory.h"

namespace streamhouse::metadata {
namespace {

using base::Errc;
using sqlite::Row;
using tests::FaultVfs;
using Fault = FaultVfs::Fault;

constexpr DatabaseMs kNow = 1'700'000'000'000;
constexpr SessionId kSession{5};
constexpr model::TopicNo kTopic{1};

TopicPartition partition(std::int32_t index) { return {kTopic, model::PartitionIndex(index)}; }

CommitEntry commit(std::int64_t base) {
  segment::SpanTable table{{.partition = partition(0),
                            .epoch = LeaderEpoch(1),
                            .offsets = {Offset(base), Offset(base + 1)},
                            .length = 10,
                            .batch_count = 1}};
  segment::place_spans(table, 64);
  return {.object_size = 100,
          .object_crc = static_cast<std::uint32_t>(base),
          .spans = base::Bytes(segment::encode_span_table(table))};
}

std::unique_ptr<SqliteMetadata> open(const std::string& path, const std::string& vfs = "") {
  auto metadata = SqliteMetadata::open({.path = path, .new_cluster_id = {{1}}, .vfs = vfs}, kNow);
  EXPECT_TRUE(metadata.has_value()) << to_string(metadata.error());
  return metadata ? *std::move(metadata) : nullptr;
}

/// All rows of all tables.
std::string contents(const std::string& path) {
  const auto db = sqlite::Connection::open(path, sqlite::OpenMode::kReadOnly, "").value();
  const auto text = [](Row row) { return row.get<std::string>(0); };
  std::string all;
  const auto selects = db->all(
      "SELECT 'SELECT ' || group_concat('quote(' || c.name || ')', ' || '' '' || ') || ' FROM ' ||"
      " t.name || ' ORDER BY 1' FROM sqlite_master t, pragma_table_info(t.name) c"
      " WHERE t.type = 'table' AND t.name LIKE 'sh_%' GROUP BY t.name",
      text);
  for (const std::string& select : *selects)
    for (const std::string& row : *db->all(select, text)) all += row + "\n";
  return all;
}

/// A topic of four partitions that kSession leads, three commits and a checkpoint.
void prepare(const std::string& path) {
  const auto metadata = open(path);
  const NewTopic topic{.name = "t", .id = {{2}}, .partition_count = 4};
  ASSERT_TRUE(metadata->create_topic(topic).has_value());
  const NewSession session{.id = kSession, .agent = {.agent_id = "a"}, .timeout_ms = 1000};
  ASSERT_TRUE(metadata->open_session(session).has_value());
  std::vector<AcquireRequest> requests;
  for (int i = 0; i < 4; ++i) requests.push_back({.key = partition(i), .since_seq = Seq(1)});
  ASSERT_TRUE(metadata->acquire_leases(kSession, requests).has_value());
  for (int seq = 1; seq <= 3; ++seq)
    ASSERT_TRUE(metadata->append(kSession, Seq(seq), commit(seq - 1)).has_value());
  ASSERT_TRUE(metadata->advance_log_start(partition(0), kSession, LeaderEpoch(1), Offset(2)));
  ASSERT_TRUE(metadata->checkpoint(kSession, Seq(2), {}).has_value());
}

struct Operation {
  std::string name;
  std::function<Status(SqliteMetadata&)> run;
};

template <class T>
Status status_of(Result<T> result) {
  if (!result) return std::move(result).error();
  return {};
}

std::vector<Operation> operations() {
  segment::CheckpointTable table;
  for (int i = 0; i < 4; ++i)
    table.push_back({.partition = partition(i),
                     .epoch = LeaderEpoch(1),
                     .high_watermark = Offset(10),
                     .producers = base::Bytes(std::string(3000, 'p'))});
  return {
      {"append", [](auto& db) { return status_of(db.append(kSession, Seq(4), commit(3))); }},
      {"release",
       [table](auto& db) { return status_of(db.append(kSession, Seq(4), ReleaseEntry{table})); }},
      {"checkpoint", [table](auto& db) { return db.checkpoint(kSession, Seq(3), table); }},
      {"trim",
       [](auto& db) -> Status {
         SH_TRY(const Seq trimmed, db.trim(kSession, Seq(3)));
         EXPECT_EQ(trimmed, Seq(2));
         return {};
       }},
      {"seal", [](auto& db) { return status_of(db.seal_session(kSession)); }},
      {"open_session",
       [](auto& db) {
         const NewSession session{.id = SessionId(6), .agent = {.agent_id = "b"}, .timeout_ms = 9};
         const auto opened = db.open_session(session);
         return !opened && opened.error().code == Errc::kExists ? Status() : status_of(opened);
       }},
      {"create_topic",
       [](auto& db) {
         const NewTopic topic{.name = "wide", .id = {{3}}, .partition_count = 500};
         return status_of(db.create_topic(topic));
       }},
  };
}

using FaultAndOperation = std::tuple<Fault, std::size_t>;

class DiskFaultTest : public ::testing::TestWithParam<FaultAndOperation> {
 protected:
  std::filesystem::path file(const std::string& name) const { return directory_.path() / name; }

  tests::ScratchDirectory directory_;
  FaultVfs vfs_{"fault"};
};

INSTANTIATE_TEST_SUITE_P(EveryFault, DiskFaultTest,
                         ::testing::Combine(::testing::Values(Fault::kDiskFull, Fault::kWriteError,
                                                              Fault::kSyncError),
                                            ::testing::Range<std::size_t>(0, 7)));

TEST_P(DiskFaultTest, AnOperationThatFailsAtAnyStepIsNotHalfApplied) {
  const auto [fault, index] = GetParam();
  const Operation operation = operations().at(index);
  prepare(file("prepared.db"));
  const std::string before = contents(file("prepared.db"));
  std::filesystem::copy(file("prepared.db"), file("done.db"));
  ASSERT_TRUE(operation.run(*open(file("done.db"))).has_value());
  const std::string after = contents(file("done.db"));
  ASSERT_NE(before, after);

  std::mt19937_64 random(index);
  int failures = 0;
  for (int nth = 1;; ++nth) {
    SCOPED_TRACE(operation.name + ", step " + std::to_string(nth));
    const std::filesystem::path path = file("try" + std::to_string(nth) + ".db");
    std::filesystem::copy(file("prepared.db"), path);
    const auto metadata = open(path, vfs_.name());
    vfs_.fail_from(fault, nth);
    const Status tried = operation.run(*metadata);
    const bool hit = vfs_.hit();
    vfs_.heal();
    if (!tried) {
      ++failures;
      const bool sync_error = fault == Fault::kSyncError;
      EXPECT_TRUE(tried.error().code == Errc::kUnavailable ||
                  (fault != Fault::kDiskFull && tried.error().code == Errc::kUnknownOutcome))
          << to_string(tried.error());
      EXPECT_TRUE(!sync_error || tried.error().code == Errc::kUnknownOutcome);
      EXPECT_NE(tried.error().text.find(path.string()), std::string::npos);
    }
    EXPECT_EQ(contents(path), tried ? after : before);

    const auto lost = file("lost" + std::to_string(nth));
    std::filesystem::create_directory(lost);
    vfs_.lose_power(lost, random);
    open(lost / path.filename());  // recovers
    const std::string left = contents(lost / path.filename());
    EXPECT_TRUE(left == after || (!tried && left == before));

    EXPECT_TRUE(operation.run(*metadata).has_value()) << "the disk is well again";
    EXPECT_EQ(contents(path), after);
    if (!hit) break;  // the operation has fewer steps
  }
  EXPECT_GT(failures, 0);
}

class PowerLossTest : public ::testing::TestWithParam<std::uint64_t> {};

INSTANTIATE_TEST_SUITE_P(Seeds, PowerLossTest, ::testing::Range<std::uint64_t>(0, 20));

TEST_P(PowerLossTest, EveryAcknowledgedAppendSurvives) {
  std::mt19937_64 random(GetParam());
  const tests::ScratchDirectory directory;
  FaultVfs vfs("power");
  const std::string path = directory.path() / "metadata.db";
  prepare(path);
  const auto metadata = open(path, vfs.name());
  Seq acknowledged(3);
  const auto appends = 1 + random() % 1500;  // the log is checkpointed now and then
  for (std::uint64_t i = 0; i < appends; ++i) {
    if (random() % 50 == 0) vfs.fail_from(Fault::kSyncError, 1);
    const auto appended =
        metadata->append(kSession, acknowledged + 1, commit(acknowledged.value()));
    vfs.heal();
    if (appended) ++acknowledged;
  }
  const std::filesystem::path lost = directory.path() / "lost";
  std::filesystem::create_directory(lost);
  vfs.lose_power(lost, random);
  const auto rows = open(lost / "metadata.db")->tail(kSession, Seq(0), 1'000'000);
  ASSERT_TRUE(rows.has_value()) << to_string(rows.error());
  ASSERT_GE(rows->size(), static_cast<std::size_t>(acknowledged.value()));
  ASSERT_LE(rows->size(), static_cast<std::size_t>(acknowledged.value()) + 1);
  for (std::size_t i = 0; i < rows->size(); ++i) {
    EXPECT_EQ((*rows)[i].seq, Seq(static_cast<std::int64_t>(i) + 1));
    EXPECT_EQ((*rows)[i].payload, commit(static_cast<std::int64_t>(i)).spans);
  }
}

}  // namespace
}  // namespace streamhouse::metadata
