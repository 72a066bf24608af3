// Goal: a database is brought to this program's schema by itself, in order, all or nothing; one
// that a newer or another program made is refused untouched.
// Method: lists of migrations grown, changed and cut short; a crash is a migration that fails.
#include "metadata/sqlite/driver/migrations.h"

#include <gtest/gtest.h>

#include "tests/scratch_directory.h"

namespace streamhouse::metadata::sqlite {
namespace {

using base::Errc;

constexpr Migration kFirst{1, "0001_first", "CREATE TABLE first (a INTEGER);"};
constexpr Migration kSecond{2, "0002_second",
                            "CREATE TABLE second (b INTEGER); INSERT INTO second SELECT a FROM "
                            "first;"};
constexpr Migration kBroken{3, "0003_broken", "CREATE TABLE third (c INTEGER); CREATE NONSENSE;"};

class MigrationsTest : public ::testing::Test {
 protected:
  std::int64_t tables() {
    return **db_->value<std::int64_t>(
        "SELECT count(*) FROM sqlite_master WHERE name IN ('first', 'second', 'third')");
  }

  tests::ScratchDirectory directory_;
  std::unique_ptr<Connection> db_ =
      *Connection::open(directory_.path() / "test.db", OpenMode::kReadWrite, "");
};

TEST_F(MigrationsTest, AppliesAllOnceAndRecordsThem) {
  const Migration all[] = {kFirst, kSecond};
  ASSERT_TRUE(migrate(*db_, all, 77).has_value());
  ASSERT_TRUE(migrate(*db_, all, 99).has_value());
  EXPECT_EQ(tables(), 2);
  EXPECT_EQ(**db_->value<int>("SELECT count(*) FROM sh_schema_migrations WHERE applied_at = 77"),
            2);
  EXPECT_TRUE(check_migrated(*db_, all).has_value());
}

TEST_F(MigrationsTest, AnOlderDatabaseGetsWhatIsMissingAndKeepsItsRows) {
  const Migration old[] = {kFirst};
  ASSERT_TRUE(migrate(*db_, old, 1).has_value());
  ASSERT_TRUE(db_->execute("INSERT INTO first VALUES (42)"));
  const Migration all[] = {kFirst, kSecond};
  EXPECT_EQ(check_migrated(*db_, all).error().code, Errc::kUnsupported);
  ASSERT_TRUE(migrate(*db_, all, 2).has_value());
  EXPECT_EQ(**db_->value<int>("SELECT b FROM second"), 42);
}

TEST_F(MigrationsTest, AFailureLeavesTheDatabaseAsItWas) {
  const Migration old[] = {kFirst};
  ASSERT_TRUE(migrate(*db_, old, 1).has_value());
  const Migration all[] = {kFirst, kSecond, kBroken};
  EXPECT_FALSE(migrate(*db_, all, 2).has_value());
  EXPECT_EQ(tables(), 1);
  EXPECT_EQ(**db_->value<int>("SELECT count(*) FROM sh_schema_migrations"), 1);
}

TEST_F(MigrationsTest, ANewerDatabaseIsRefusedByName) {
  const Migration all[] = {kFirst, kSecond};
  ASSERT_TRUE(migrate(*db_, all, 1).has_value());
  const Migration old[] = {kFirst};
  const Status refused = migrate(*db_, old, 2);
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().code, Errc::kUnsupported);
  EXPECT_NE(refused.error().text.find("0002_second"), std::string::npos) << refused.error().text;
  EXPECT_EQ(check_migrated(*db_, old).error().code, Errc::kUnsupported);
}

TEST_F(MigrationsTest, AChangedMigrationIsRefusedByName) {
  const Migration all[] = {kFirst};
  ASSERT_TRUE(migrate(*db_, all, 1).has_value());
  const Migration changed[] = {{1, "0001_first", "CREATE TABLE first (a TEXT);"}, kSecond};
  const Status refused = migrate(*db_, changed, 2);
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().code, Errc::kUnsupported);
  EXPECT_NE(refused.error().text.find("0001_first"), std::string::npos) << refused.error().text;
  EXPECT_EQ(tables(), 1);
}

TEST_F(MigrationsTest, AnEmptyDatabaseIsNotMigratedForAReader) {
  EXPECT_EQ(check_migrated(*db_, embedded_migrations()).error().code, Errc::kUnsupported);
}

TEST_F(MigrationsTest, TheEmbeddedOnesAreNumberedAndApply) {
  const auto all = embedded_migrations();
  ASSERT_FALSE(all.empty());
  for (std::size_t i = 0; i < all.size(); ++i)
    EXPECT_EQ(all[i].version, static_cast<int>(i) + 1) << all[i].name;
  for (std::size_t applied = 1; applied <= all.size(); ++applied)  // each one on the one before
    ASSERT_TRUE(migrate(*db_, all.first(applied), 1).has_value()) << all[applied - 1].name;
  EXPECT_TRUE(check_migrated(*db_, all).has_value());
}

}  // namespace
}  // namespace streamhouse::metadata::sqlite
