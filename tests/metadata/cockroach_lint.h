#pragma once
/// \file  What CockroachDB lacks of PostgreSQL's SQL, or does otherwise, as far as somebody could
/// write it here: the stand-in refuses such statements.

#include <algorithm>
#include <array>
#include <cctype>
#include <optional>
#include <string>
#include <string_view>

#include "metadata/sql/migration.h"

namespace streamhouse::tests {

struct Lacking {
  /// Words in a row, in capitals; one that ends with * is the beginning of a word.
  std::string_view words;
  std::string_view reason;
};

/// As documented for CockroachDB 23.2 to 26.3. What only newer ones of these have counts as
/// lacking.
inline constexpr std::array kLacking = {
    Lacking{"PG_ADVISORY_*", "advisory locks of sessions lock nothing"},
    Lacking{"PG_TRY_ADVISORY_*", "advisory locks of sessions lock nothing"},
    Lacking{"LISTEN", "there is no LISTEN"},
    Lacking{"UNLISTEN", "there is no LISTEN"},
    Lacking{"NOTIFY", "there is no NOTIFY"},
    Lacking{"PG_NOTIFY", "there is no NOTIFY"},
    Lacking{"LOCK TABLE", "tables cannot be locked"},
    Lacking{"LOCK IN", "tables cannot be locked"},
    Lacking{"CREATE TRIGGER", "triggers came late, and not all of them"},
    Lacking{"CREATE CONSTRAINT TRIGGER", "there are no constraint triggers"},
    Lacking{"CREATE RULE", "there are no rules"},
    Lacking{"CREATE FUNCTION", "functions differ in what they may do"},
    Lacking{"CREATE OR REPLACE FUNCTION", "functions differ in what they may do"},
    Lacking{"CREATE PROCEDURE", "procedures differ in what they may do"},
    Lacking{"DO $", "anonymous blocks came late"},
    Lacking{"DO ''", "anonymous blocks came late"},
    Lacking{"DO LANGUAGE", "anonymous blocks came late"},
    Lacking{"CREATE EXTENSION", "there are no extensions"},
    Lacking{"CREATE DOMAIN", "there are no domains"},
    Lacking{"COLLATE", "a collated text is of another type, which no plain text compares with"},
    Lacking{"FILLFACTOR", "rows do not lie in pages"},
    Lacking{"AUTOVACUUM_*", "there is no vacuum"},
    Lacking{"VACUUM", "there is no vacuum"},
    Lacking{"CLUSTER", "tables are always in the order of their keys"},
    Lacking{"REINDEX", "there is no REINDEX"},
    Lacking{"SET STORAGE", "columns have no kind of storage"},
    Lacking{"INHERITS", "tables do not inherit"},
    Lacking{"PARTITION BY RANGE", "partitions are declared otherwise"},
    Lacking{"PARTITION BY HASH", "partitions are declared otherwise"},
    Lacking{"UNLOGGED", "every table is replicated"},
    Lacking{"TEMP", "temporary tables are off"},
    Lacking{"TEMPORARY", "temporary tables are off"},
    Lacking{"SERIAL", "numbers have gaps and no order"},
    Lacking{"BIGSERIAL", "numbers have gaps and no order"},
    Lacking{"NEXTVAL", "a sequence is one hot row"},
    Lacking{"IDENTITY", "a sequence is one hot row"},
    Lacking{"EXCLUDE USING", "there are no exclusion constraints"},
    Lacking{"DEFERRABLE", "constraints cannot be deferred"},
    Lacking{"USING BRIN", "there are no such indexes"},
    Lacking{"USING GIST", "there are no such indexes"},
    Lacking{"USING SPGIST", "there are no such indexes"},
    Lacking{"CTID", "rows have no place"},
    Lacking{"XMIN", "rows show no transaction"},
    Lacking{"XMAX", "rows show no transaction"},
    Lacking{"TABLESAMPLE", "there is no TABLESAMPLE"},
    Lacking{"GROUPING SETS", "there are no grouping sets"},
    Lacking{"ROLLUP", "there are no grouping sets"},
    Lacking{"CUBE", "there are no grouping sets"},
    Lacking{"MERGE INTO", "there is no MERGE"},
    Lacking{"PREPARE TRANSACTION", "there is no commit in two phases"},
    Lacking{"WITH HOLD", "cursors end with their transaction"},
    Lacking{"PG_IS_IN_RECOVERY", "there are no standbys"},
    Lacking{"PG_STAT_REPLICATION", "there are no standbys"},
    Lacking{"PG_REPLICATION_SLOTS", "there are no standbys"},
    Lacking{"PG_TERMINATE_BACKEND", "sessions are ended by CANCEL SESSION"},
    Lacking{"TXID_CURRENT", "transactions have no number"},
    Lacking{"PG_CURRENT_SNAPSHOT", "transactions have no snapshot to look at"},
    Lacking{"READ COMMITTED", "the argument rests on SERIALIZABLE"},
    Lacking{"REPEATABLE READ", "the argument rests on SERIALIZABLE"},
    Lacking{"STATEMENT_TIMEOUT", "57014 hides that a commit went through"},
    Lacking{"SYNCHRONOUS_COMMIT", "commits are always synchronous"},
    Lacking{"ENABLE_SEQSCAN", "the planner is another"},
    Lacking{"AS ( INSERT", "one statement may change a table once"},
    Lacking{"AS ( UPDATE", "one statement may change a table once"},
    Lacking{"AS ( DELETE", "one statement may change a table once"},
};

/// Words in capitals and marks, a space before and after each; without comments and quoted texts.
inline std::string words_of(std::string_view sql) {
  std::string words = " ";
  for (std::size_t at = 0; at < sql.size();) {
    const auto is_word = [&](std::size_t i) {
      return i < sql.size() && (std::isalnum(static_cast<unsigned char>(sql[i])) || sql[i] == '_');
    };
    if (sql.substr(at).starts_with("--")) {
      at = std::min(sql.find('\n', at), sql.size());
    } else if (sql[at] == '\'') {
      at = std::min(sql.find('\'', at + 1), sql.size() - 1) + 1;
      words += "'' ";
    } else if (is_word(at)) {
      for (; is_word(at); ++at)
        words += static_cast<char>(std::toupper(static_cast<unsigned char>(sql[at])));
      words += ' ';
    } else {
      if (!std::isspace(static_cast<unsigned char>(sql[at]))) words += {sql[at], ' '};
      ++at;
    }
  }
  return words;
}

inline bool has_words(const std::string& words, std::string_view wanted) {
  const bool is_beginning = wanted.ends_with('*');
  if (is_beginning) wanted.remove_suffix(1);
  return words.find(" " + std::string(wanted) + (is_beginning ? "" : " ")) != std::string::npos;
}

/// Why CockroachDB would not run it, or not as PostgreSQL does.
inline std::optional<std::string> lacking_in_cockroach(std::string_view sql) {
  const std::string words = words_of(sql);
  for (const Lacking& lacking : kLacking)
    if (has_words(words, lacking.words))
      return std::string(lacking.words) + ": " + std::string(lacking.reason);
  return std::nullopt;
}

/// A schema change, which stands alone: within a transaction it can fail while the rest is applied.
inline bool changes_schema(std::string_view sql) {
  const std::string words = words_of(sql);
  return has_words(words, "CREATE") || has_words(words, "ALTER") || has_words(words, "DROP");
}

/// Several statements in one request are one transaction.
inline bool changes_schema_among_others(std::string_view sql) {
  return changes_schema(sql) && metadata::statements_of(sql).size() > 1;
}

}  // namespace streamhouse::tests
