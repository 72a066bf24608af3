// Goal: statements are typed, transactions are all or nothing, and every failure of SQLite is an
// error that names the file, never a claim of success.
// Method: real database files; damage and locks are made by hand, or by a second connection.
#include "metadata/sqlite/driver/connection.h"

#include <gtest/gtest.h>

#include <fstream>

#include "metadata/sql/sql_text.h"
#include "tests/scratch_directory.h"

namespace streamhouse::metadata::sqlite {
namespace {

using base::Errc;

class ConnectionTest : public ::testing::Test {
 protected:
  std::unique_ptr<Connection> open(OpenMode mode = OpenMode::kReadWrite) {
    auto connection = Connection::open(path(), mode, "");
    EXPECT_TRUE(connection.has_value()) << to_string(connection.error());
    return connection ? *std::move(connection) : nullptr;
  }
  std::string path() const { return directory_.path() / "test.db"; }

  tests::ScratchDirectory directory_;
};

constexpr std::string_view kCreate = "CREATE TABLE t (k INTEGER PRIMARY KEY, v ANY) STRICT";
constexpr std::string_view kInsert = "INSERT INTO t (k, v) VALUES (?1, ?2)";
constexpr std::string_view kCount = "SELECT count(*) FROM t";

std::int64_t count(Connection& db) {
  const auto rows = db.value<std::int64_t>(kCount);
  EXPECT_TRUE(rows.has_value());
  return rows && *rows ? **rows : -1;
}

TEST_F(ConnectionTest, KeepsEveryTypeOfTheDomainExactly) {
  const auto db = open();
  ASSERT_TRUE(db->execute(kCreate));
  const auto survives = [&](const auto& value) {
    using Value = std::decay_t<decltype(value)>;
    EXPECT_TRUE(db->execute("DELETE FROM t"));
    EXPECT_TRUE(db->execute(kInsert, 1, value));
    const auto read = db->value<Value>("SELECT v FROM t");
    EXPECT_TRUE(read && *read && **read == value);
  };
  survives(std::int64_t{-1});
  survives(std::numeric_limits<std::int64_t>::min());
  survives(std::numeric_limits<std::uint64_t>::max());
  survives(std::numeric_limits<std::uint32_t>::max());
  survives(model::SessionId(0xfedcba9876543210u));
  survives(model::Offset(std::numeric_limits<std::int64_t>::max()));
  survives(std::string("zero\0inside", 11));
  survives(std::string());
  survives(base::Bytes(base::ByteVector{0, 1, 255}));
  survives(base::Bytes());
  survives(std::optional<std::string>());
  survives(std::optional<std::string>("text"));
  survives(model::TopicId{{1, 2, 3, 255}});
}

TEST_F(ConnectionTest, AnEmptyTextOrBlobIsNotNull) {
  const auto db = open();
  ASSERT_TRUE(db->execute(kCreate));
  ASSERT_TRUE(db->execute(kInsert, 1, std::string_view()));
  ASSERT_TRUE(db->execute(kInsert, 2, base::BytesView()));
  EXPECT_EQ(**db->value<int>("SELECT count(*) FROM t WHERE v IS NOT NULL"), 2);
}

TEST_F(ConnectionTest, ATransactionThatFailsLeavesNothing) {
  const auto db = open();
  ASSERT_TRUE(db->execute(kCreate));
  const Status failed = db->transaction([&]() -> Status {
    SH_TRY_OK(db->execute(kInsert, 1, 1));
    return {Errc::kConflict, "no"};
  });
  EXPECT_EQ(failed.error().code, Errc::kConflict);
  EXPECT_EQ(count(*db), 0);
  const Status done = db->transaction([&]() -> Status {
    SH_TRY_OK(db->execute(kInsert, 1, 1));
    return {};
  });
  EXPECT_TRUE(done.has_value());
  EXPECT_EQ(count(*db), 1);
}

TEST_F(ConnectionTest, AViolatedConstraintRollsTheWholeTransactionBack) {
  const auto db = open();
  ASSERT_TRUE(db->execute(kCreate));
  const Status failed = db->transaction([&]() -> Status {
    SH_TRY_OK(db->execute(kInsert, 1, 1));
    SH_TRY_OK(db->execute(kInsert, 1, 2));
    return {};
  });
  EXPECT_EQ(failed.error().code, Errc::kInternal);
  EXPECT_EQ(count(*db), 0);
}

TEST_F(ConnectionTest, EachStopsWhereTheVisitorSaysAndPassesItsErrorOn) {
  const auto db = open();
  ASSERT_TRUE(db->execute(kCreate));
  for (int i = 0; i < 5; ++i) ASSERT_TRUE(db->execute(kInsert, i, i));
  int seen = 0;
  const auto stop_at_two = [&](Row row) -> Result<Next> {
    ++seen;
    return row.get<int>(0) == 2 ? Next::kStop : Next::kContinue;
  };
  EXPECT_TRUE(db->each("SELECT k FROM t ORDER BY k", stop_at_two));
  EXPECT_EQ(seen, 3);
  const auto fail = [](Row) -> Result<Next> { return {Errc::kCorrupt, "bad row"}; };
  EXPECT_EQ(db->each("SELECT k FROM t ORDER BY k", fail).error().text, "bad row");
  EXPECT_EQ(db->all("SELECT k FROM t", [](Row row) { return row.get<int>(0); })->size(), 5u);
}

TEST_F(ConnectionTest, ReadsOneSnapshotWhileAnotherConnectionWrites) {
  const auto writer = open();
  ASSERT_TRUE(writer->execute(kCreate));
  const auto reader = open(OpenMode::kReadOnly);
  const Status read = reader->snapshot([&]() -> Status {
    EXPECT_EQ(count(*reader), 0);
    EXPECT_TRUE(writer->execute(kInsert, 1, 1));
    EXPECT_EQ(count(*reader), 0);
    return {};
  });
  EXPECT_TRUE(read.has_value());
  EXPECT_EQ(count(*reader), 1);
}

TEST_F(ConnectionTest, AReaderNeitherWritesNorCheckpoints) {
  const auto writer = open();
  ASSERT_TRUE(writer->execute(kCreate));
  const auto log_size = std::filesystem::file_size(path() + "-wal");
  EXPECT_GT(log_size, 0u);
  {
    const auto reader = open(OpenMode::kReadOnly);
    EXPECT_EQ(reader->execute(kInsert, 1, 1).error().code, Errc::kUnsupported);
    EXPECT_FALSE(reader->checkpoint().has_value());
  }
  EXPECT_EQ(std::filesystem::file_size(path() + "-wal"), log_size);
}

TEST_F(ConnectionTest, OpensWithAnEmptyWriteAheadLog) {
  const auto first = open();
  ASSERT_TRUE(first->execute(kCreate));
  ASSERT_TRUE(first->execute(kInsert, 1, 1));
  std::filesystem::copy_file(path(), path() + "2");  // as a crash leaves them
  std::filesystem::copy_file(path() + "-wal", path() + "2-wal");
  const auto second = Connection::open(path() + "2", OpenMode::kReadWrite, "");
  ASSERT_TRUE(second.has_value());
  EXPECT_EQ(std::filesystem::file_size(path() + "2-wal"), 0u);
  EXPECT_EQ(count(**second), 1);
}

TEST_F(ConnectionTest, ADatabaseLockedByAnotherProcessIsUnavailable) {
  const auto db = open();
  ASSERT_TRUE(db->execute(kCreate));
  const auto other = open();
  const Status outer = other->transaction([&]() -> Status {
    const auto refused = db->transaction([]() -> Status { return {}; });
    EXPECT_EQ(refused.error().code, Errc::kUnavailable);
    EXPECT_NE(refused.error().text.find("locked"), std::string::npos) << refused.error().text;
    return {};
  });
  EXPECT_TRUE(outer.has_value());
}

TEST_F(ConnectionTest, AFileThatIsNoDatabaseIsCorruptAndNamed) {
  std::ofstream(path()) << std::string(8192, 'x');
  const auto opened = Connection::open(path(), OpenMode::kReadWrite, "");
  ASSERT_FALSE(opened.has_value());
  EXPECT_EQ(opened.error().code, Errc::kCorrupt);
  EXPECT_NE(opened.error().text.find(path()), std::string::npos);
}

TEST_F(ConnectionTest, ADirectoryThatCannotBeWrittenIsUnavailableAndNamed) {
  const auto opened = Connection::open("/proc/none/test.db", OpenMode::kReadWrite, "");
  ASSERT_FALSE(opened.has_value());
  EXPECT_EQ(opened.error().code, Errc::kUnavailable);
  EXPECT_NE(opened.error().text.find("/proc/none/test.db"), std::string::npos);
}

TEST_F(ConnectionTest, DamagedPagesAreCorruptNotEmpty) {
  {
    const auto db = open();
    ASSERT_TRUE(db->execute(kCreate));
    const Status filled = db->transaction([&]() -> Status {
      for (int i = 0; i < 500; ++i) SH_TRY_OK(db->execute(kInsert, i, std::string(200, 'v')));
      return {};
    });
    ASSERT_TRUE(filled.has_value());
  }
  std::fstream file(path(), std::ios::in | std::ios::out | std::ios::binary);
  for (int page = 2; page < 20; ++page) {
    file.seekp(page * 4096);
    file << std::string(64, '\xee');
  }
  file.close();
  const auto db = open();
  const auto rows = db->all("SELECT k, v FROM t", [](Row row) { return row.get<int>(0); });
  ASSERT_FALSE(rows.has_value());
  EXPECT_EQ(rows.error().code, Errc::kCorrupt);
}

TEST(SqlTextTest, JoinsPartsAtCompileTime) {
  constexpr char kColumns[] = "a, b";
  constexpr auto kSql = sql_text("SELECT ", kColumns, " FROM t");
  static_assert(std::string_view(kSql) == "SELECT a, b FROM t");
}

}  // namespace
}  // namespace streamhouse::metadata::sqlite
