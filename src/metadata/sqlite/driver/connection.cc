#include "metadata/sqlite/driver/connection.h"

#include <sqlite3.h>

#include <string>

#include "base/check.h"

namespace streamhouse::metadata::sqlite {
namespace {

/// How long a statement waits for a person's tool that holds the database locked.
constexpr int kBusyTimeoutMs = 2000;

/// WAL with FULL syncs the log at every commit. cell_size_check finds damaged pages early;
/// trusted_schema off keeps a doctored schema from calling functions; sorts stay in memory.
constexpr char kWriterSettings[] =
    "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA cell_size_check = ON;"
    "PRAGMA trusted_schema = OFF; PRAGMA temp_store = MEMORY; PRAGMA cache_size = -8192;";
constexpr char kReaderSettings[] =
    "PRAGMA wal_autocheckpoint = 0; PRAGMA cell_size_check = ON; PRAGMA trusted_schema = OFF;"
    "PRAGMA temp_store = MEMORY; PRAGMA query_only = ON;";

}  // namespace

Result<std::unique_ptr<Connection>> Connection::open(std::string path, OpenMode mode,
                                                     const std::string& vfs) {
  int flags = SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
  flags |= mode == OpenMode::kReadOnly ? SQLITE_OPEN_READONLY
                                       : SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
  sqlite3* database = nullptr;
  const int code =
      sqlite3_open_v2(path.c_str(), &database, flags, vfs.empty() ? nullptr : vfs.c_str());
  if (database == nullptr)
    return {base::Errc::kUnavailable, "SQLite database " + path + ": out of memory"};
  auto connection = std::make_unique<Connection>(database, std::move(path));
  if (code != SQLITE_OK) return last_error(database, Phase::kStatement, connection->path_);
  SH_TRY_OK(connection->configure(mode));
  return connection;
}

Status Connection::configure(OpenMode mode) {
  sqlite3_busy_timeout(database_.get(), kBusyTimeoutMs);
  if (mode == OpenMode::kReadOnly) {
    sqlite3_db_config(database_.get(), SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
    return run_script(kReaderSettings);
  }
  SH_TRY_OK(run_script(kWriterSettings));
  SH_TRY(const auto journal, value<std::string>("PRAGMA journal_mode"));
  if (journal != "wal")
    return {base::Errc::kUnavailable,
            "SQLite database " + path_ + ": its file system cannot keep a write-ahead log"};
  return checkpoint();
}

Status Connection::run_script(const std::string& sql) {
  if (sqlite3_exec(database_.get(), sql.c_str(), nullptr, nullptr, nullptr) == SQLITE_OK) return {};
  return last_error(database_.get(), Phase::kStatement, path_);
}

Status Connection::checkpoint() {
  const int code = sqlite3_wal_checkpoint_v2(database_.get(), nullptr, SQLITE_CHECKPOINT_TRUNCATE,
                                             nullptr, nullptr);
  // A reader of another process may pin the log; what is in it stays there, durable as before.
  if (code == SQLITE_OK || code == SQLITE_BUSY) return {};
  return last_error(database_.get(), Phase::kStatement, path_);
}

std::vector<std::string> Connection::unindexed_statements() const {
  std::vector<std::string> found;
  sqlite3_stmt* statement = nullptr;
  while ((statement = sqlite3_next_stmt(database_.get(), statement)) != nullptr) {
    int steps = 0;
    for (const int counter :
         {SQLITE_STMTSTATUS_FULLSCAN_STEP, SQLITE_STMTSTATUS_SORT, SQLITE_STMTSTATUS_AUTOINDEX})
      steps += sqlite3_stmt_status(statement, counter, 0);
    if (steps > 0) found.emplace_back(sqlite3_sql(statement));
  }
  return found;
}

Result<sqlite3_stmt*> Connection::prepare(std::string_view sql) {
  if (const auto found = statements_.find(sql); found != statements_.end())
    return found->second.get();
  sqlite3_stmt* statement = nullptr;
  const int code = sqlite3_prepare_v3(database_.get(), sql.data(), static_cast<int>(sql.size()),
                                      SQLITE_PREPARE_PERSISTENT, &statement, nullptr);
  if (code != SQLITE_OK) return last_error(database_.get(), Phase::kStatement, path_);
  const bool is_new = statements_.try_emplace(sqlite3_sql(statement), statement).second;
  SH_CHECK(is_new, "one statement, without anything behind it");
  return statement;
}

Result<bool> Connection::step(sqlite3_stmt* statement, Phase phase) {
  const int code = sqlite3_step(statement);
  if (code == SQLITE_ROW) return true;
  if (code == SQLITE_DONE) return false;
  return last_error(database_.get(), phase, path_);
}

Status Connection::begin(std::string_view sql) {
  SH_CHECK(!in_transaction_, "transactions do not nest");
  in_transaction_ = true;
  const Result<std::int64_t> done = execute(sql);
  if (done) return {};
  in_transaction_ = false;
  return done.error();
}

Status Connection::commit() {
  in_transaction_ = false;  // so that a failure counts as one of COMMIT
  const Result<std::int64_t> done = execute("COMMIT");
  if (done) return {};
  rollback();
  return done.error();
}

void Connection::rollback() {
  in_transaction_ = false;
  if (sqlite3_get_autocommit(database_.get()) != 0) return;  // SQLite did it itself
  sqlite3_exec(database_.get(), "ROLLBACK", nullptr, nullptr, nullptr);
  SH_CHECK(sqlite3_get_autocommit(database_.get()) != 0, "a rollback always ends the transaction");
}

std::uint64_t Connection::rows_written() const {
  return static_cast<std::uint64_t>(sqlite3_total_changes64(database_.get()));
}

std::int64_t Connection::changes() const { return sqlite3_changes64(database_.get()); }

void Connection::Close::operator()(sqlite3* database) const { sqlite3_close(database); }

void Connection::Finalize::operator()(sqlite3_stmt* statement) const {
  sqlite3_finalize(statement);
}

void Connection::Reset::operator()(sqlite3_stmt* statement) const {
  sqlite3_reset(statement);
  sqlite3_clear_bindings(statement);
}

}  // namespace streamhouse::metadata::sqlite
