#pragma once
/// \file  SQLite's result codes in the project's error vocabulary.

#include <string>

#include "base/error.h"

struct sqlite3;

namespace streamhouse::metadata::sqlite {

/// Where a call failed decides what is known: before COMMIT the transaction is rolled back and
/// certainly not applied; an I/O error of COMMIT itself may have left a complete transaction in
/// the write-ahead log, which a later recovery would find.
enum class Phase : std::uint8_t { kStatement, kCommit };

/// The error of the last failed call on `database`, which names `path`. Disk full: kUnavailable.
/// I/O error: kUnavailable, of COMMIT kUnknownOutcome. Locked by another process: kUnavailable.
/// Damaged or no database at all: kCorrupt. Opened read-only: kUnsupported. Anything else is
/// kInternal.
base::Error last_error(sqlite3* database, Phase phase, const std::string& path);

}  // namespace streamhouse::metadata::sqlite
