#include "metadata/sqlite/driver/migrations.h"

#include "base/crc32c.h"

namespace streamhouse::metadata::sqlite {
namespace {

using base::Errc;

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

struct Applied {
  int version;
  std::string name;
  std::uint32_t checksum;
};

Applied read_applied(Row row) {
  return {row.get<int>(0), row.get<std::string>(1), row.get<std::uint32_t>(2)};
}

base::Error refusal(const Connection& database, const Applied& applied, std::string_view reason) {
  return base::make_error(Errc::kUnsupported, "SQLite database " + database.path() +
                                                  ": migration " + std::to_string(applied.version) +
                                                  " (" + applied.name + ") " + std::string(reason));
}

/// The migrations recorded in the database are the first ones of `migrations`, unchanged. Returns
/// how many.
Result<std::size_t> count_applied(Connection& database, std::span<const Migration> migrations) {
  SH_TRY(const auto rows, database.all(kApplied, read_applied));
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (i >= migrations.size() || migrations[i].version != rows[i].version)
      return refusal(database, rows[i], "is unknown to this program: a newer one made it");
    if (base::crc32c(base::as_bytes(migrations[i].sql)) != rows[i].checksum)
      return refusal(database, rows[i], "is another than this program's: it was changed since");
  }
  return rows.size();
}

Status apply(Connection& database, const Migration& migration, std::int64_t now_ms) {
  SH_TRY_OK(database.run_script(std::string(migration.sql)));
  const std::uint32_t checksum = base::crc32c(base::as_bytes(migration.sql));
  SH_TRY_OK(database.execute(kRecord, migration.version, migration.name, checksum, now_ms));
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
    return {Errc::kUnsupported, "SQLite database " + database.path() + ": has " +
                                    std::to_string(applied) + " of this program's " +
                                    std::to_string(migrations.size()) +
                                    " migrations: start an agent on it first"};
  });
}

}  // namespace streamhouse::metadata::sqlite
