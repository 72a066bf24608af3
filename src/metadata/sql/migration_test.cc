// Goal: a script is cut into its statements and nowhere else, and a database that is not what this
// program makes is refused by name.
// Method: scripts with semicolons and quotes where they mean nothing; histories that differ.
#include "metadata/sql/migration.h"

#include <gtest/gtest.h>

namespace streamhouse::metadata {
namespace {

using Statements = std::vector<std::string_view>;

TEST(MigrationTest, AScriptIsCutAtItsSemicolons) {
  EXPECT_EQ(statements_of("A;B ;\n C\n"), (Statements{"A", "B ", "C\n"}));
  EXPECT_EQ(statements_of(""), Statements());
  EXPECT_EQ(statements_of(" ;; \n"), Statements());
}

TEST(MigrationTest, SemicolonsInCommentsAndQuotesEndNothing) {
  EXPECT_EQ(statements_of("SELECT ';', \";\", 'it''s;' -- no; end\n FROM t; B"),
            (Statements{"SELECT ';', \";\", 'it''s;' -- no; end\n FROM t", "B"}));
  EXPECT_EQ(statements_of("SELECT 'open; end"), (Statements{"SELECT 'open; end"}));
}

TEST(MigrationTest, CommentsBetweenStatementsAreLeftOut) {
  EXPECT_EQ(statements_of("-- first;\n-- it's\nA;\n-- last"), (Statements{"A"}));
}

TEST(MigrationTest, AHistoryMustBeTheBeginningOfTheProgramsOwn) {
  const std::vector<Migration> own = {{1, "0001_a", "A"}, {2, "0002_b", "B"}};
  const AppliedMigration first{1, "0001_a", own[0].checksum()};
  const AppliedMigration second{2, "0002_b", own[1].checksum()};
  EXPECT_TRUE(check_applied("db", {}, own));
  EXPECT_TRUE(check_applied("db", std::vector{first}, own));
  EXPECT_TRUE(check_applied("db", std::vector{first, second}, own));
  EXPECT_FALSE(check_applied("db", std::vector{second}, own));
  EXPECT_FALSE(check_applied("db", std::vector{first, AppliedMigration{3, "0003_c", 0}}, own));
  const auto changed = check_applied("db", std::vector{AppliedMigration{1, "0001_a", 7}}, own);
  ASSERT_FALSE(changed);
  EXPECT_EQ(changed.error().code, base::Errc::kUnsupported);
  EXPECT_NE(changed.error().text.find("0001_a"), std::string::npos);
}

}  // namespace
}  // namespace streamhouse::metadata
