#pragma once
/// \file  SQLite without our layers: prepared statements, bound by hand. What the store is compared
/// with, and how benchmarks fill a database faster than the store, which syncs every commit.

#include <sqlite3.h>

#include <string>

#include "base/bytes.h"
#include "base/check.h"

namespace streamhouse::bench {

class BareStatement {
 public:
  BareStatement(sqlite3* db, const char* sql) {
    SH_CHECK(sqlite3_prepare_v2(db, sql, -1, &statement_, nullptr) == SQLITE_OK, "prepared");
  }
  ~BareStatement() { sqlite3_finalize(statement_); }
  BareStatement(const BareStatement&) = delete;
  BareStatement& operator=(const BareStatement&) = delete;

  BareStatement& integer(int index, std::int64_t value) {
    sqlite3_bind_int64(statement_, index, value);
    return *this;
  }
  BareStatement& text(int index, const std::string& value) {
    sqlite3_bind_text(statement_, index, value.data(), static_cast<int>(value.size()),
                      SQLITE_STATIC);
    return *this;
  }
  BareStatement& blob(int index, base::BytesView value) {
    sqlite3_bind_blob64(statement_, index, value.data(), value.size(), SQLITE_STATIC);
    return *this;
  }
  /// Returns the first column of the row, if there is one.
  std::int64_t run() {
    const int code = sqlite3_step(statement_);
    SH_CHECK(code == SQLITE_DONE || code == SQLITE_ROW, "stepped");
    const std::int64_t value = code == SQLITE_ROW ? sqlite3_column_int64(statement_, 0) : 0;
    sqlite3_reset(statement_);
    return value;
  }

 private:
  sqlite3_stmt* statement_ = nullptr;
};

class BareDatabase {
 public:
  explicit BareDatabase(const std::string& path) {
    SH_CHECK(sqlite3_open(path.c_str(), &db_) == SQLITE_OK, "opened");
    run("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA cache_size = -8192");
  }
  ~BareDatabase() { sqlite3_close(db_); }
  BareDatabase(const BareDatabase&) = delete;
  BareDatabase& operator=(const BareDatabase&) = delete;

  void run(const char* sql) {
    SH_CHECK(sqlite3_exec(db_, sql, nullptr, nullptr, nullptr) == SQLITE_OK, "executed");
  }
  sqlite3* handle() { return db_; }

 private:
  sqlite3* db_ = nullptr;
};

}  // namespace streamhouse::bench
