#include "metadata/cockroach/cockroach_dialect.h"

#include <charconv>
#include <utility>

#include "metadata/postgres/driver/connection.h"
#include "metadata/postgres/driver/outlast.h"
#include "metadata/sql/sql_text.h"

namespace streamhouse::metadata::cockroach {
namespace {

using base::Errc;
using base::Result;
using base::Status;
using postgres::AsyncStandbys;
using postgres::Connection;
using postgres::kClock;

constexpr std::pair kOldest{23, 2};
constexpr int kClaimAttemptsMax = 150;
constexpr int kCreateAttemptsMax = 10;

/// No bound of the server's for statements: it would answer 57014 also where a commit went through,
/// so the client gives up later by itself and knows that it does not know.
constexpr std::string_view kSettings =
    "SET default_transaction_isolation = 'serializable'; SET lock_timeout = '10s';"
    "SET idle_in_transaction_session_timeout = '10s'; SET client_min_messages = warning";

constexpr std::string_view kCreateClaims =
    "CREATE TABLE IF NOT EXISTS sh_migration_claims (id int8 PRIMARY KEY, claim int8 NOT NULL,"
    " expires_at int8 NOT NULL)";
constexpr std::string_view kInsertClaim =
    "INSERT INTO sh_migration_claims (id, claim, expires_at) VALUES (1, 0, 0)"
    " ON CONFLICT DO NOTHING";
constexpr auto kClaim =
    sql_text("UPDATE sh_migration_claims SET claim = claim + 1, expires_at = ", kClock,
             " + 30000 WHERE id = 1 AND expires_at <= ", kClock, " RETURNING claim");
constexpr auto kKeepClaim = sql_text("UPDATE sh_migration_claims SET expires_at = ", kClock,
                                     " + 30000 WHERE id = 1 AND claim = $1");
constexpr std::string_view kEndClaim =
    "UPDATE sh_migration_claims SET expires_at = 0 WHERE id = 1 AND claim = $1";
constexpr std::string_view kPause = "SELECT pg_sleep(0.1)";

/// As in `CockroachDB CCL v24.1.3 (x86_64...)`; zeros if there is none.
std::pair<int, int> version_in(std::string_view text) {
  std::pair<int, int> version{0, 0};
  const std::size_t at = text.find(" v");
  if (at == std::string_view::npos) return version;
  const char* const end = text.data() + text.size();
  const auto major = std::from_chars(text.data() + at + 2, end, version.first);
  if (major.ptr != end && *major.ptr == '.') std::from_chars(major.ptr + 1, end, version.second);
  return version;
}

Status check_server(Connection& db, AsyncStandbys) {
  const std::string_view version = db.server_parameter("crdb_version");
  if (version.empty())
    return {Errc::kUnsupported,
            db.target() + ": is not CockroachDB: URLs of PostgreSQL begin with postgres://"};
  if (version_in(version) < kOldest)
    return {Errc::kUnsupported,
            db.target() + ": is older than CockroachDB 23.2, the oldest that is supported"};
  return {};
}

/// Of processes that make the table at the same moment some may fail; all find it afterwards.
Status make_claim_row(Connection& db) {
  Status made;
  for (int attempts = 0; attempts < kCreateAttemptsMax; ++attempts) {
    made = db.run_script(kCreateClaims);
    if (made) made = db.run_script(kInsertClaim);
    if (made) return made;
    SH_TRY_OK(db.run_script(kPause));
  }
  return made;
}

/// A claim is a number that grows, so that a process whose claim has ended notices.
Result<std::int64_t> lock_migrations(Connection& db) {
  SH_TRY_OK(make_claim_row(db));
  for (int attempts = 0; attempts < kClaimAttemptsMax; ++attempts) {
    SH_TRY(const auto claim, outlast(db, [&] { return db.value<std::int64_t>(kClaim); }));
    if (claim) return *claim;
    SH_TRY_OK(db.run_script(kPause));
  }
  return {Errc::kUnavailable, db.target() + ": another process migrates it: try again"};
}

Status keep_migration_lock(Connection& db, std::int64_t claim) {
  SH_TRY(const auto kept, outlast(db, [&] { return db.execute(kKeepClaim, claim); }));
  if (kept == 1) return {};
  return {Errc::kUnavailable, db.target() + ": another process migrates it by now: try again"};
}

Status unlock_migrations(Connection& db, std::int64_t claim) {
  SH_TRY_OK(outlast(db, [&] { return db.execute(kEndClaim, claim); }));
  return {};
}

constexpr postgres::Dialect kCockroach{
    .name = "CockroachDB",
    .default_port = "26257",
    .begin_write = "BEGIN ISOLATION LEVEL SERIALIZABLE",
    .begin_snapshot = "BEGIN ISOLATION LEVEL SERIALIZABLE, READ ONLY",
    .begin_write_snapshot = "BEGIN ISOLATION LEVEL SERIALIZABLE",
    .session_settings = kSettings,
    .confirm_commits = "",  // what is visible is on a majority
    .check_server = check_server,
    .lock_migrations = lock_migrations,
    .keep_migration_lock = keep_migration_lock,
    .unlock_migrations = unlock_migrations,
    .migration_step = postgres::MigrationStep::kStatement,
    .migrations = embedded_migrations,
};

}  // namespace

const postgres::Dialect& cockroach_dialect() { return kCockroach; }

}  // namespace streamhouse::metadata::cockroach
