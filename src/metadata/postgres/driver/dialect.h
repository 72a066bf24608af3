#pragma once
/// \file  Dialect: what differs between databases that speak PostgreSQL's protocol and SQL.

#include <cstdint>
#include <span>
#include <string_view>

#include "metadata/sql/migration.h"

namespace streamhouse::metadata::postgres {

class Connection;

enum class OpenMode : std::uint8_t { kReadWrite, kReadOnly };
/// Whether a server may be used that has standbys which can lack acknowledged commits.
enum class AsyncStandbys : std::uint8_t { kRefuse, kAllow };

/// How much of a migration is applied at once.
enum class MigrationStep : std::uint8_t {
  kFile,       ///< A file and its record in one transaction.
  kStatement,  ///< Each statement by itself, then the record. All of them can be repeated.
};

/// Each is a constant that lives for ever.
struct Dialect {
  std::string_view name;
  const char* default_port;  ///< nullptr: the library's.
  /// Begins a transaction that writes. Its statements lock what they rely on, in the order that
  /// postgres_metadata.h gives; each sees what was committed before it.
  std::string_view begin_write;
  /// Begins one whose reads all see one snapshot of the primary.
  std::string_view begin_snapshot;
  /// The same for one that also writes.
  std::string_view begin_write_snapshot;
  /// A script for each new connection.
  std::string_view session_settings;
  /// Lets the statements of a transaction take any time; empty where they may anyway.
  std::string_view lift_timeout;
  /// A write whose commit shows that all commits before it are where they must be, on a synchronous
  /// standby too; empty where whatever is visible is.
  std::string_view confirm_commits;
  /// Errors: kUnsupported, with a sentence for people, if the server could lose what it
  /// acknowledged, is a standby, or is too old.
  base::Status (*check_server)(Connection& db, AsyncStandbys standbys);
  /// Let one process at a time migrate; the value is what the other two are called with. The lock
  /// ends soon after its holder.
  base::Result<std::int64_t> (*lock_migrations)(Connection& db);
  /// Before each step. Errors: kUnavailable if another process has the lock by now.
  base::Status (*keep_migration_lock)(Connection& db, std::int64_t lock);
  base::Status (*unlock_migrations)(Connection& db, std::int64_t lock);
  MigrationStep migration_step;
  std::span<const Migration> (*migrations)();
};

const Dialect& postgres_dialect();

}  // namespace streamhouse::metadata::postgres
