#pragma once
/// \file  Where the tests of the CockroachDB dialect run: on a stand-in, PostgreSQL at SERIALIZABLE
/// behind a proxy that behaves like CockroachDB, or on the server that COCKROACH_TEST_URL names.

#include <cstdlib>
#include <memory>
#include <stdexcept>
#include <string>

#include "metadata/cockroach/cockroach_dialect.h"
#include "metadata/postgres/driver/connection.h"
#include "metadata/postgres/postgres_url.h"
#include "tests/metadata/postgres_proxy.h"
#include "tests/metadata/test_postgres.h"

namespace streamhouse::tests {

class TestCockroach {
 public:
  TestCockroach() {
    if (const char* const url = std::getenv("COCKROACH_TEST_URL")) {
      url_ = metadata::library_url(url);
    } else {
      proxy_ = std::make_unique<PostgresProxy>(test_postgres().port(), Guise::kCockroach);
      url_ = PostgresServer::url_at(proxy_->port());
    }
  }
  /// A server of somebody else's is left as it was.
  ~TestCockroach() {
    if (proxy_) return;
    const auto connection = metadata::postgres::Connection::open(options(url_));
    for (int i = 1; connection && i <= schemas_; ++i)
      if (!(*connection)->run_script("DROP SCHEMA " + schema(i) + " CASCADE")) break;
  }
  TestCockroach(const TestCockroach&) = delete;
  TestCockroach& operator=(const TestCockroach&) = delete;

  /// An empty schema of its own for each caller.
  metadata::postgres::ConnectionOptions new_database() {
    execute("CREATE SCHEMA " + schema(++schemas_));
    const char mark = url_.find('?') == std::string::npos ? '?' : '&';
    return options(url_ + mark + "options=-csearch_path%3D" + schema(schemas_));
  }
  /// nullptr on a real server, which fails by itself.
  PostgresProxy* proxy() { return proxy_.get(); }

 private:
  static metadata::postgres::ConnectionOptions options(const std::string& url) {
    return {.url = url, .dialect = &metadata::cockroach::cockroach_dialect()};
  }
  std::string schema(int number) const {
    return "contract_test_" + std::to_string(::getpid()) + "_" + std::to_string(number);
  }
  void execute(const std::string& sql) const {
    auto connection = metadata::postgres::Connection::open(options(url_));
    if (!connection) throw std::runtime_error(to_string(connection.error()));
    const auto done = (*connection)->run_script(sql);
    if (!done) throw std::runtime_error(to_string(done.error()));
  }

  std::unique_ptr<PostgresProxy> proxy_;
  std::string url_;
  int schemas_ = 0;
};

/// The one of a test process.
inline TestCockroach& test_cockroach() {
  static TestCockroach server;
  return server;
}

}  // namespace streamhouse::tests
