#pragma once
/// \file  Brings a SQLite database to the schema of migrations/sqlite.

#include <span>

#include "metadata/sql/migration.h"
#include "metadata/sqlite/driver/connection.h"

namespace streamhouse::metadata::sqlite {

/// All migrations of this program, in order (generated from migrations/sqlite at build time).
std::span<const Migration> embedded_migrations();

/// Applies what is missing, all in one transaction under the write lock, and records each in
/// sh_schema_migrations. `now_ms`: the time to record. Errors: kUnsupported, naming the migration,
/// if the database has one that this program does not know, or with another checksum; nothing is
/// changed then.
Status migrate(Connection& database, std::span<const Migration> migrations, std::int64_t now_ms);

/// For read-only use. Errors: kUnsupported unless the database has exactly `migrations`.
Status check_migrated(Connection& database, std::span<const Migration> migrations);

}  // namespace streamhouse::metadata::sqlite
