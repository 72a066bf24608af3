// Goal: the stand-in refuses what CockroachDB lacks, whoever writes it, and nothing else.
// Method: a sample of each that it must refuse, and samples that it must let through; then the
// schema itself.
#include <gtest/gtest.h>

#include "metadata/cockroach/cockroach_dialect.h"
#include "tests/metadata/cockroach_lint.h"

namespace streamhouse::metadata::cockroach {
namespace {

using tests::lacking_in_cockroach;

TEST(CockroachLintTest, WhatCockroachDbLacksIsRefused) {
  for (const char* const sql : {"SELECT pg_advisory_lock($1)",
                                "select pg_try_advisory_xact_lock(1)",
                                "LISTEN changes",
                                "NOTIFY changes, 'x'",
                                "SELECT pg_notify('a', 'b')",
                                "LOCK TABLE t IN SHARE MODE",
                                "CREATE TRIGGER x AFTER INSERT ON t EXECUTE FUNCTION f()",
                                "DO $$ BEGIN END $$",
                                "DO 'BEGIN END'",
                                "CREATE FUNCTION f() RETURNS int AS ''",
                                "CREATE TABLE t (a text COLLATE \"C\" PRIMARY KEY)",
                                "CREATE TABLE t () WITH (fillfactor = 9)",
                                "ALTER TABLE t SET (autovacuum_vacuum_threshold = 1)",
                                "VACUUM t",
                                "ALTER TABLE t ALTER COLUMN c SET STORAGE EXTERNAL",
                                "CREATE UNLOGGED TABLE t (a int8)",
                                "CREATE TEMP TABLE t (a int8)",
                                "CREATE TABLE t (a BIGSERIAL)",
                                "SELECT nextval('s')",
                                "CREATE TABLE t (a int8 GENERATED ALWAYS AS IDENTITY)",
                                "SELECT ctid FROM t",
                                "SELECT pg_is_in_recovery()",
                                "BEGIN ISOLATION LEVEL READ COMMITTED",
                                "BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY",
                                "SET statement_timeout = '20s'",
                                "SET enable_seqscan = off",
                                "WITH a AS (UPDATE t SET n = 1 RETURNING n) SELECT n FROM a",
                                "MERGE INTO t USING u ON true WHEN MATCHED THEN DELETE",
                                "PREPARE TRANSACTION 'x'"})
    EXPECT_TRUE(lacking_in_cockroach(sql)) << sql;
}

TEST(CockroachLintTest, WhatItHasIsNot) {
  for (const char* const sql :
       {"", "INSERT INTO t VALUES (1) ON CONFLICT DO NOTHING", "SELECT 'LISTEN', note FROM t",
        "SELECT 1 -- LOCK TABLE\n FROM sh_cluster", "SELECT a FROM t FOR UPDATE SKIP LOCKED",
        "BEGIN ISOLATION LEVEL SERIALIZABLE, READ ONLY", "SELECT a FROM t FOR KEY SHARE OF t",
        "WITH RECURSIVE w (n) AS (SELECT 1) SELECT n FROM w", "SELECT temperature FROM do_it",
        "DELETE FROM t USING unnest($1) AS k (a) WHERE t.a = k.a"})
    EXPECT_EQ(lacking_in_cockroach(sql), std::nullopt) << sql;
}

TEST(CockroachLintTest, SchemaChangesAreSeenWhereTheyStandWithOthers) {
  EXPECT_TRUE(tests::changes_schema("CREATE TABLE t (a int8)"));
  EXPECT_FALSE(tests::changes_schema("SELECT created_at FROM t"));
  EXPECT_FALSE(tests::changes_schema_among_others("CREATE TABLE t (a int8);"));
  EXPECT_TRUE(tests::changes_schema_among_others("CREATE TABLE t (a int8); SELECT 1"));
}

TEST(CockroachLintTest, TheSchemaNeedsNothingThatIsLacking) {
  ASSERT_FALSE(embedded_migrations().empty());
  for (const Migration& migration : embedded_migrations())
    for (const std::string_view statement : statements_of(migration.sql)) {
      EXPECT_EQ(lacking_in_cockroach(statement), std::nullopt) << statement;
      const bool is_repeatable = statement.find(" IF NOT EXISTS ") != std::string_view::npos ||
                                 statement.starts_with("CREATE OR REPLACE VIEW ") ||
                                 statement.ends_with("ON CONFLICT DO NOTHING");
      EXPECT_TRUE(is_repeatable) << statement;
    }
}

}  // namespace
}  // namespace streamhouse::metadata::cockroach
