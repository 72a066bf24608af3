#pragma once
/// \file  PostgreSQL servers of tests.

#include <gtest/gtest.h>

#include <string>
#include <utility>

#include "tests/metadata/postgres_server.h"

namespace streamhouse::tests {

/// Ends a test as skipped, also in a fixture's constructor, where a server cannot be had that is
/// made by this program.
struct SkippedWithout {
  explicit SkippedWithout(const std::string& program) {
    const std::string why = PostgresServer::missing(program);
    if (why.empty()) return;
    [&why] { GTEST_SKIP() << why; }();
    // By this the test ends, and nothing is added to its result.
    throw ::testing::AssertionException(
        {::testing::TestPartResult::kSkip, __FILE__, __LINE__, why.c_str()});
  }
};

class TestPostgres : SkippedWithout, public PostgresServer {
 public:
  explicit TestPostgres(Settings settings = {})
      : SkippedWithout("initdb"), PostgresServer(std::move(settings)) {}
  /// An asynchronous standby of `primary`.
  explicit TestPostgres(const PostgresServer* primary)
      : SkippedWithout("pg_basebackup"), PostgresServer(primary) {}
};

/// The one server that most tests of a process share. Starts with the first call.
inline TestPostgres& test_postgres() {
  static TestPostgres server;
  return server;
}

}  // namespace streamhouse::tests
