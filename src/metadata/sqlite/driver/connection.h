#pragma once
/// \file  Connection: one SQLite database as typed statements and transactions whose outcome is
/// never guessed.

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/error.h"
#include "metadata/sqlite/driver/row.h"
#include "metadata/sqlite/driver/sqlite_error.h"

struct sqlite3;
struct sqlite3_stmt;

namespace streamhouse::metadata::sqlite {

using base::Result;
using base::Status;

enum class OpenMode : std::uint8_t { kReadWrite, kReadOnly };
/// What a visitor of rows wants next.
enum class Next : std::uint8_t { kContinue, kStop };

template <class T>
struct ResultValue {
  using type = T;
};
template <class T>
struct ResultValue<Result<T>> {
  using type = T;
};
/// What a reader of rows yields: T whether it returns T or Result<T>.
template <class Read>
using ValueRead = ResultValue<std::invoke_result_t<Read&, Row>>::type;

/// Opened for writing it is the database's only writer and the only one that ever checkpoints its
/// write-ahead log; every commit is synced to disk before it returns (WAL, synchronous=FULL).
/// Threading: one thread at a time.
/// Statements are prepared once and kept: pass SQL that is constant, with every value as parameter.
class Connection {
 public:
  /// Creates the file if it is to be written and not there. `vfs` names a registered SQLite VFS,
  /// empty = the system's own. Errors: as last_error().
  static Result<std::unique_ptr<Connection>> open(std::string path, OpenMode mode,
                                                  const std::string& vfs);
  /// Takes over an open handle, which open() sets up.
  Connection(sqlite3* database, std::string path) : path_(std::move(path)), database_(database) {}

  const std::string& path() const { return path_; }
  /// Rows inserted, changed and deleted so far.
  std::uint64_t rows_written() const;

  /// Runs one statement to its end; returns how many rows it inserted, changed or deleted. Outside
  /// of transaction() it is a transaction of its own.
  template <class... Values>
  Result<std::int64_t> execute(std::string_view sql, const Values&... values) {
    const Phase phase = in_transaction_ ? Phase::kStatement : Phase::kCommit;
    SH_TRY(Use use, start(sql, phase, values...));
    while (true) {
      SH_TRY(const bool row, step(use.statement, phase));
      if (!row) return changes();
    }
  }

  /// Calls `visit(row)` for each row. It returns nothing, or a Result<Next> that may end the run.
  template <class Visit, class... Values>
  Status each(std::string_view sql, Visit visit, const Values&... values) {
    SH_TRY(Use use, start(sql, Phase::kStatement, values...));
    while (true) {
      SH_TRY(const bool row, step(use.statement, Phase::kStatement));
      if (!row) return {};
      if constexpr (std::is_void_v<std::invoke_result_t<Visit&, Row>>) {
        visit(Row(use.statement));
      } else {
        SH_TRY(const Next next, visit(Row(use.statement)));
        if (next == Next::kStop) return {};
      }
    }
  }

  /// `read(row)` of the first row; nullopt if there is none. `read` returns a T or a Result<T>.
  template <class Read, class... Values>
  auto first(std::string_view sql, Read read, const Values&... values)
      -> Result<std::optional<ValueRead<Read>>> {
    std::optional<ValueRead<Read>> found;
    const auto visit = [&](Row row) -> Result<Next> {
      SH_TRY(found, Result<ValueRead<Read>>(read(row)));
      return Next::kStop;
    };
    SH_TRY_OK(each(sql, visit, values...));
    return found;
  }

  /// The first column of the first row; nullopt if there is no row.
  template <class T, class... Values>
  Result<std::optional<T>> value(std::string_view sql, const Values&... values) {
    return first(sql, [](Row row) { return row.get<T>(0); }, values...);
  }

  /// `read(row)` of every row. `read` returns a T or a Result<T>.
  template <class Read, class... Values>
  auto all(std::string_view sql, Read read, const Values&... values)
      -> Result<std::vector<ValueRead<Read>>> {
    std::vector<ValueRead<Read>> rows;
    const auto visit = [&](Row row) -> Result<Next> {
      SH_TRY(auto value, Result<ValueRead<Read>>(read(row)));
      rows.push_back(std::move(value));
      return Next::kContinue;
    };
    SH_TRY_OK(each(sql, visit, values...));
    return rows;
  }

  /// Runs `body`, which returns a Result, in one transaction that holds the write lock from its
  /// start; commits if it succeeded, else rolls back. Errors: the body's, and those of BEGIN and
  /// COMMIT.
  template <class Body>
  auto transaction(Body&& body) -> std::invoke_result_t<Body&> {
    SH_TRY_OK(begin("BEGIN IMMEDIATE"));
    return finish(body());
  }
  /// The same for a body that only reads: all of its statements see one snapshot.
  template <class Body>
  auto snapshot(Body&& body) -> std::invoke_result_t<Body&> {
    SH_TRY_OK(begin("BEGIN"));
    return finish(body());
  }

  /// Runs SQL of any number of statements without parameters, for schema changes.
  Status run_script(const std::string& sql);
  /// Statements that in some run read a whole table, sorted, or built an index of their own.
  std::vector<std::string> unindexed_statements() const;
  /// Moves the whole write-ahead log into the database file and syncs it.
  Status checkpoint();

 private:
  struct Close {
    void operator()(sqlite3* database) const;
  };
  struct Finalize {
    void operator()(sqlite3_stmt* statement) const;
  };
  struct Reset {
    void operator()(sqlite3_stmt* statement) const;
  };
  /// A cached statement for the time of one run; then it is reset, its parameters unbound.
  struct Use {
    sqlite3_stmt* statement;
    std::unique_ptr<sqlite3_stmt, Reset> reset;
  };

  Status configure(OpenMode mode);
  Result<sqlite3_stmt*> prepare(std::string_view sql);
  Status begin(std::string_view sql);
  Status commit();
  void rollback();
  Result<bool> step(sqlite3_stmt* statement, Phase phase);
  std::int64_t changes() const;

  template <class... Values>
  Result<Use> start(std::string_view sql, Phase phase, const Values&... values) {
    SH_TRY(sqlite3_stmt* const statement, prepare(sql));
    Use use{statement, std::unique_ptr<sqlite3_stmt, Reset>(statement)};
    if (Binder(statement).bind_all(values...) != 0)
      return last_error(database_.get(), phase, path_);
    return use;
  }

  template <class R>
  R finish(R result) {
    if (!result) {
      rollback();
      return result;
    }
    SH_TRY_OK(commit());
    return result;
  }

  std::string path_;
  bool in_transaction_ = false;
  std::unique_ptr<sqlite3, Close> database_;
  /// By their SQL, which they own.
  std::unordered_map<std::string_view, std::unique_ptr<sqlite3_stmt, Finalize>> statements_;
};

}  // namespace streamhouse::metadata::sqlite
