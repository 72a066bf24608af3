#include "metadata/postgres/driver/connection.h"
#include "metadata/postgres/driver/dialect.h"
#include "metadata/postgres/driver/migrations.h"

namespace streamhouse::metadata::postgres {
namespace {

using base::Errc;

/// An arbitrary number that stands for migrations of StreamHouse among advisory locks.
constexpr std::int64_t kMigrationLock = 0x5348'6d69'6772'6174;
constexpr int kOldestVersion = 140000;

/// Every value has a bound below that after which the client gives a statement up. An acknowledged
/// commit is on disk whatever the server's default is; stronger ones stay. Plans are made once and
/// must not rest on statistics: a topic of 10,000 partitions is led a moment after it was created,
/// when the statistics are still those of an empty table, for which a whole scan seems cheap.
constexpr std::string_view kSettings =
    "SET statement_timeout = '20s'; SET lock_timeout = '10s';"
    "SET idle_in_transaction_session_timeout = '10s'; SET client_min_messages = warning;"
    "SET plan_cache_mode = force_generic_plan; SET enable_seqscan = off; SET jit = off;"
    "SELECT set_config('synchronous_commit', 'on', false)"
    " WHERE current_setting('synchronous_commit') IN ('off', 'local')";

constexpr std::string_view kServer =
    "SELECT pg_is_in_recovery(), current_setting('server_version_num')::bigint,"
    " current_setting('fsync') = 'on', current_setting('full_page_writes') = 'on',"
    " current_setting('server_encoding')";
/// Who replicates asynchronously and is no archive of the log, no base backup and no subscriber. A
/// user who may not see others' states sees NULL: then nobody is known to.
constexpr std::string_view kAsyncStandbys =
    "SELECT application_name FROM pg_stat_replication r WHERE sync_state = 'async'"
    " AND application_name NOT IN ('pg_receivewal', 'pg_basebackup', 'barman_receive_wal')"
    " AND NOT EXISTS (SELECT 1 FROM pg_replication_slots s"
    " WHERE s.active_pid = r.pid AND s.slot_type = 'logical') LIMIT 1";

struct Server {
  bool is_standby = false;
  int version = 0;
  bool has_fsync = false;
  bool has_full_pages = false;
  std::string encoding = {};
};

Server read_server(Row row) {
  Server server;
  row.read_from(0, server.is_standby, server.version, server.has_fsync, server.has_full_pages,
                server.encoding);
  return server;
}

base::Error unsafe(const Connection& db, const std::string& why) {
  return base::make_error(Errc::kUnsupported, db.target() + ": " + why);
}

Status check_standbys(Connection& db, AsyncStandbys standbys) {
  if (standbys == AsyncStandbys::kAllow) return {};
  SH_TRY(const auto standby, db.value<std::string>(kAsyncStandbys));
  if (!standby) return {};
  return unsafe(db, "standby '" + *standby +
                        "' replicates asynchronously: promoted, it would lack acknowledged"
                        " commits. Name it in synchronous_standby_names, or, if it is never"
                        " promoted, set allow_async_standbys");
}

Status check_server(Connection& db, AsyncStandbys standbys) {
  if (!db.server_parameter("crdb_version").empty())
    return unsafe(db, "is CockroachDB: its URL begins with cockroach://");
  SH_TRY(const auto found, db.first(kServer, read_server));
  const Server server = found.value_or(Server());
  if (server.is_standby)
    return unsafe(db,
                  "is a standby, which only replays another server's log: the metadata must be"
                  " read and written on the primary");
  if (server.version < kOldestVersion)
    return unsafe(db, "is older than PostgreSQL 14, the oldest that is supported");
  if (!server.has_fsync)
    return unsafe(db, "fsync is off: a crash of its machine loses acknowledged commits");
  if (!server.has_full_pages)
    return unsafe(db, "full_page_writes is off: a crash of its machine can damage its tables");
  if (server.encoding != "UTF8")
    return unsafe(db, "its encoding is " + server.encoding + ", not UTF8");
  return check_standbys(db, standbys);
}

Result<std::int64_t> lock_migrations(Connection& db) {
  SH_TRY_OK(db.execute("SELECT pg_advisory_lock($1)", kMigrationLock));
  return kMigrationLock;
}

/// It is the connection's for as long as that lives.
Status keep_migration_lock(Connection&, std::int64_t) { return {}; }

Status unlock_migrations(Connection& db, std::int64_t lock) {
  SH_TRY_OK(db.execute("SELECT pg_advisory_unlock($1)", lock));
  return {};
}

constexpr Dialect kPostgres{
    .name = "PostgreSQL",
    .default_port = nullptr,
    .begin_write = "BEGIN ISOLATION LEVEL READ COMMITTED",
    .begin_snapshot = "BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY",
    .begin_write_snapshot = "BEGIN ISOLATION LEVEL REPEATABLE READ",
    .session_settings = kSettings,
    .lift_timeout = "SET LOCAL statement_timeout = 0",
    .confirm_commits = "UPDATE sh_cluster SET created_at = created_at WHERE id = 1",
    .check_server = check_server,
    .lock_migrations = lock_migrations,
    .keep_migration_lock = keep_migration_lock,
    .unlock_migrations = unlock_migrations,
    .migration_step = MigrationStep::kFile,
    .migrations = embedded_migrations,
};

}  // namespace

const Dialect& postgres_dialect() { return kPostgres; }

}  // namespace streamhouse::metadata::postgres
