#include "metadata/postgres/driver/migrations.h"

#include "metadata/postgres/driver/outlast.h"

namespace streamhouse::metadata::postgres {
namespace {

constexpr std::string_view kTableExists =
    "SELECT 1 FROM information_schema.tables"
    " WHERE table_schema = current_schema() AND table_name = 'sh_schema_migrations'";
constexpr std::string_view kCreateTable =
    "CREATE TABLE IF NOT EXISTS sh_schema_migrations (version int8 PRIMARY KEY, name text NOT NULL,"
    " checksum int8 NOT NULL, applied_at int8 NOT NULL)";
constexpr std::string_view kApplied =
    "SELECT version, name, checksum FROM sh_schema_migrations ORDER BY version";
constexpr std::string_view kRecord =
    "INSERT INTO sh_schema_migrations (version, name, checksum, applied_at)"
    " VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING";
constexpr std::string_view kClusterExists = "SELECT 1 FROM sh_cluster";
constexpr std::string_view kFoundCluster =
    "INSERT INTO sh_cluster (id, cluster_id, created_at) VALUES (1, $1, $2) ON CONFLICT DO NOTHING";

AppliedMigration read_applied(Row row) {
  return {row.get<int>(0), row.get<std::string>(1), row.get<std::uint32_t>(2)};
}

/// How many of the migrations the database has.
Result<std::size_t> count_applied(Connection& db) {
  SH_TRY(const auto table, db.value<int>(kTableExists));
  if (!table) return std::size_t{0};
  SH_TRY(const auto applied, db.all(kApplied, read_applied));
  SH_TRY_OK(check_applied(db.target(), applied, db.dialect().migrations()));
  return applied.size();
}

/// Whether nothing is left to do.
Result<bool> is_ready(Connection& db) {
  SH_TRY(const std::size_t applied, count_applied(db));
  if (applied < db.dialect().migrations().size()) return false;
  SH_TRY(const auto cluster, db.value<int>(kClusterExists));
  return cluster.has_value();
}

Status record(Connection& db, const Migration& migration) {
  SH_TRY_OK(db.execute(kRecord, migration.version, migration.name, migration.checksum(), db.now()));
  return {};
}

Status apply_file(Connection& db, const Migration& migration) {
  return db.transaction([&]() -> Status {
    SH_TRY_OK(db.run_script(migration.sql));
    return record(db, migration);
  });
}

Status apply_statements(Connection& db, const Migration& migration, std::int64_t lock) {
  for (const std::string_view statement : statements_of(migration.sql)) {
    SH_TRY_OK(db.dialect().keep_migration_lock(db, lock));
    SH_TRY_OK(outlast(db, [&] { return db.run_script(statement); }));
  }
  return outlast(db, [&] { return db.transaction([&] { return record(db, migration); }); });
}

Status apply(Connection& db, const Migration& migration, std::int64_t lock) {
  if (db.dialect().migration_step == MigrationStep::kStatement)
    return apply_statements(db, migration, lock);
  return apply_file(db, migration);
}

Status found_cluster(Connection& db, const model::TopicId& new_cluster_id) {
  return db.transaction([&]() -> Status {
    SH_TRY_OK(db.execute(kFoundCluster, new_cluster_id, db.now()));
    return {};
  });
}

Status apply_missing(Connection& db, const model::TopicId& new_cluster_id, std::int64_t lock) {
  SH_TRY(const std::size_t applied, outlast(db, [&] { return count_applied(db); }));
  SH_TRY_OK(outlast(db, [&] { return db.run_script(kCreateTable); }));
  for (const Migration& migration : db.dialect().migrations().subspan(applied))
    SH_TRY_OK(apply(db, migration, lock));
  return outlast(db, [&] { return found_cluster(db, new_cluster_id); });
}

}  // namespace

Status migrate(Connection& db, const model::TopicId& new_cluster_id) {
  SH_TRY(const bool ready, outlast(db, [&] { return is_ready(db); }));
  if (ready) return {};
  if (new_cluster_id == model::TopicId{})
    return not_migrated(db.target(), 0, db.dialect().migrations().size());
  SH_TRY(const std::int64_t lock, db.dialect().lock_migrations(db));
  Status applied = apply_missing(db, new_cluster_id, lock);
  const Status unlocked = db.dialect().unlock_migrations(db, lock);
  return applied ? unlocked : applied;
}

Status check_migrated(Connection& db) {
  SH_TRY(const std::size_t applied, outlast(db, [&] { return count_applied(db); }));
  if (applied == db.dialect().migrations().size()) return {};
  return not_migrated(db.target(), applied, db.dialect().migrations().size());
}

}  // namespace streamhouse::metadata::postgres
