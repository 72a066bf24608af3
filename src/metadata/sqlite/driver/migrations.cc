#include "metadata/sqlite/driver/migrations.h"

namespace streamhouse::metadata::sqlite {
namespace {

constexpr std::string_view kCreateTable =
    "CREATE TABLE IF NOT EXISTS sh_schema_migrations ("
    "version INTEGER PRIMARY KEY, name TEXT NOT NULL, checksum INTEGER NOT NULL,"
    " applied_at INTEGER NOT NULL) STRICT";
constexpr std::string_view kTableExists =
    "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'sh_schema_migrations'";
constexpr std::string_view kApplied =
    "SELECT version, name, checksum FROM sh_schema_migrations ORDER BY version";
constexpr std::string_view kRecord =
    "INSERT INTO sh_schema_migrations (version, name, checksum, applied_at) VALUES (?1, ?2, ?3, "
    "?4)";

std::string name_of(const Connection& database) { return "SQLite database " + database.path(); }

AppliedMigration read_applied(Row row) {
  return {row.get<int>(0), row.get<std::string>(1), row.get<std::uint32_t>(2)};
}

/// The migrations recorded in the database are the first ones of `migrations`, unchanged. Returns
/// how many.
Result<std::size_t> count_applied(Connection& database, std::span<const Migration> migrations) {
  SH_TRY(const auto applied, database.all(kApplied, read_applied));
  SH_TRY_OK(check_applied(name_of(database), applied, migrations));
  return applied.size();
}

Status apply(Connection& database, const Migration& migration, std::int64_t now_ms) {
  SH_TRY_OK(database.run_script(std::string(migration.sql)));
  SH_TRY_OK(
      database.execute(kRecord, migration.version, migration.name, migration.checksum(), now_ms));
  return {};
}

}  // namespace

Status migrate(Connection& database, std::span<const Migration> migrations, std::int64_t now_ms) {
  return database.transaction([&]() -> Status {
    SH_TRY_OK(database.execute(kCreateTable));
    SH_TRY(const std::size_t applied, count_applied(database, migrations));
    for (const Migration& migration : migrations.subspan(applied))
      SH_TRY_OK(apply(database, migration, now_ms));
    return {};
  });
}

Status check_migrated(Connection& database, std::span<const Migration> migrations) {
  return database.snapshot([&]() -> Status {
    SH_TRY(const auto table, database.value<int>(kTableExists));
    std::size_t applied = 0;
    if (table) {
      SH_TRY(applied, count_applied(database, migrations));
    }
    if (applied == migrations.size()) return {};
    return not_migrated(name_of(database), applied, migrations.size());
  });
}

}  // namespace streamhouse::metadata::sqlite
