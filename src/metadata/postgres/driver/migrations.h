#pragma once
/// \file  Brings a database to the schema of its dialect, safe with any number of agents that start
/// at once.

#include "metadata/postgres/driver/connection.h"
#include "metadata/sql/migration.h"
#include "model/ids.h"

namespace streamhouse::metadata::postgres {

/// All migrations of this program, in order (generated from migrations/postgres at build time).
std::span<const Migration> embedded_migrations();

/// Applies what the dialect's migrations have and the database has not, under the dialect's lock
/// and in its steps; a new database gets `new_cluster_id`, and is refused (kUnsupported) if that is
/// zero. Takes no lock if all is there. Errors: kUnsupported, naming the migration, if the database
/// has one that this program does not know, or with another checksum; nothing is changed then.
Status migrate(Connection& db, const model::TopicId& new_cluster_id);

/// For read-only use. Errors: kUnsupported unless the database has exactly the migrations.
Status check_migrated(Connection& db);

}  // namespace streamhouse::metadata::postgres
