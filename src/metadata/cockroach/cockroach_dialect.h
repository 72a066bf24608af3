#pragma once
/// \file  CockroachDB as a dialect of the PostgreSQL store.

#include "metadata/postgres/driver/dialect.h"

namespace streamhouse::metadata::cockroach {

/// Every transaction is SERIALIZABLE: what it read still holds when it commits, so that locks only
/// save repetitions. What loses is repeated whole. Migrations run statement by statement, under a
/// claim that a row holds. The server must be CockroachDB 23.2 or newer.
const postgres::Dialect& cockroach_dialect();

/// All migrations of this program, in order (generated from migrations/cockroach at build time).
std::span<const Migration> embedded_migrations();

}  // namespace streamhouse::metadata::cockroach
