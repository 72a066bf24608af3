#include "metadata/sqlite/driver/sqlite_error.h"

#include <sqlite3.h>

#include <cstring>

namespace streamhouse::metadata::sqlite {
namespace {

using base::Errc;

Errc errc_of(int primary, Phase phase) {
  switch (primary) {
    case SQLITE_FULL:
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
    case SQLITE_PROTOCOL:
    case SQLITE_CANTOPEN:
    case SQLITE_NOMEM:
    case SQLITE_INTERRUPT:
    case SQLITE_PERM:
      return Errc::kUnavailable;
    case SQLITE_IOERR:
      return phase == Phase::kCommit ? Errc::kUnknownOutcome : Errc::kUnavailable;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return Errc::kCorrupt;
    case SQLITE_READONLY:
      return Errc::kUnsupported;
    case SQLITE_TOOBIG:
      return Errc::kTooLarge;
    default:
      return Errc::kInternal;
  }
}

std::string_view meaning(int primary) {
  switch (primary) {
    case SQLITE_FULL:
      return "the disk is full";
    case SQLITE_IOERR:
      return "input/output error";
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return "another process holds it locked";
    case SQLITE_CORRUPT:
      return "the file is damaged";
    case SQLITE_NOTADB:
      return "the file is no SQLite database";
    case SQLITE_READONLY:
      return "it cannot be written";
    default:
      return "SQLite refused";
  }
}

}  // namespace

base::Error last_error(sqlite3* database, Phase phase, const std::string& path) {
  const int extended = sqlite3_extended_errcode(database);
  const int primary = extended & 0xff;
  std::string text = "SQLite database " + path + ": " + std::string(meaning(primary)) + " (" +
                     sqlite3_errmsg(database) + ", code " + std::to_string(extended);
  const int system = sqlite3_system_errno(database);
  const bool from_system = primary == SQLITE_IOERR || primary == SQLITE_CANTOPEN;
  if (from_system && system != 0) text += std::string(", ") + std::strerror(system);
  return base::make_error(errc_of(primary, phase), text + ")");
}

}  // namespace streamhouse::metadata::sqlite
