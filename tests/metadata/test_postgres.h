#pragma once
/// \file  The one PostgreSQL server of a test process.

#include "tests/metadata/postgres_server.h"

namespace streamhouse::tests {

/// Starts with the first call.
inline PostgresServer& test_postgres() {
  static PostgresServer server;
  return server;
}

}  // namespace streamhouse::tests
