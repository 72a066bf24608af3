#pragma once
/// \file  Connection: one connection to a PostgreSQL server as typed statements and transactions
/// whose outcome is never guessed.

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.h"
#include "metadata/postgres/driver/dialect.h"
#include "metadata/postgres/driver/parameters.h"
#include "metadata/postgres/driver/postgres_error.h"
#include "metadata/postgres/driver/row.h"

struct pg_conn;
struct pg_result;

namespace streamhouse::metadata::postgres {

using base::Result;
using base::Status;

struct ConnectionOptions {
  /// postgres:// or postgresql://; what it leaves out libpq takes from the environment.
  std::string url = {};
  const Dialect* dialect = &postgres_dialect();
  OpenMode mode = OpenMode::kReadWrite;
  AsyncStandbys standbys = AsyncStandbys::kRefuse;
  /// The database's clock in tests, as set_time().
  std::optional<std::int64_t> time = {};
};

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

/// Threading: one thread at a time; its calls block, each wait for the server at most 25 s.
/// Statements are prepared once and kept: pass SQL that is constant, with every value as parameter.
/// Outside of transaction() a statement is a transaction of its own.
class Connection {
 public:
  /// Connects within 5 s, checks the server, applies the dialect's settings. Errors: as judge() and
  /// Dialect::check_server have them; no text has a password.
  static Result<std::unique_ptr<Connection>> open(const ConnectionOptions& options);
  Connection(pg_conn* server, const ConnectionOptions& options);

  /// `PostgreSQL at host:port/database`, for messages.
  const std::string& target() const { return target_; }
  const Dialect& dialect() const { return *dialect_; }
  /// What the server said of itself when the connection began; empty if nothing.
  std::string_view server_parameter(const char* name) const;
  /// Rows inserted, changed and deleted so far.
  std::uint64_t rows_written() const { return rows_written_; }

  /// What the newest failure since forget_failure() means for a repetition.
  Failure failure() const { return failure_; }
  void forget_failure() { failure_ = Failure::kNone; }
  /// Whether it can be used for another call; notices a server that hung up. Never waits.
  bool usable();

  /// The database's clock as of the present transaction's start.
  std::int64_t now() const { return now_; }
  /// Sets the clock for tests; nullopt: the server's own.
  void set_time(std::optional<std::int64_t> time) { fixed_time_ = time; }
  /// For statements outside of transactions, which use it if it is not NULL.
  std::optional<std::int64_t> fixed_time() const { return fixed_time_; }

  /// Returns how many rows were inserted, changed or deleted, or read.
  template <class... Values>
  Result<std::int64_t> execute(std::string_view sql, const Values&... values) {
    SH_TRY(const Answer answer, run(sql, Parameters(values...)));
    return row_count(answer);
  }

  /// `read(row)` of the first row; nullopt if there is none. `read` returns a T or a Result<T>.
  template <class Read, class... Values>
  auto first(std::string_view sql, Read read, const Values&... values)
      -> Result<std::optional<ValueRead<Read>>> {
    SH_TRY(const Answer answer, run(sql, Parameters(values...)));
    std::optional<ValueRead<Read>> found;
    if (size(answer) == 0) return found;
    SH_TRY(found, Result<ValueRead<Read>>(read(Row(answer.get(), 0))));
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
    SH_TRY(const Answer answer, run(sql, Parameters(values...)));
    std::vector<ValueRead<Read>> rows;
    rows.reserve(static_cast<std::size_t>(size(answer)));
    for (int i = 0; i < size(answer); ++i) {
      SH_TRY(auto value, Result<ValueRead<Read>>(read(Row(answer.get(), i))));
      rows.push_back(std::move(value));
    }
    return rows;
  }

  /// Calls `visit(row)`, a Status, for each row as it arrives, so that the whole never stands in
  /// memory. A failure of a visit is answered after all rows have arrived.
  template <class Visit, class... Values>
  Status stream(std::string_view sql, Visit visit, const Values&... values) {
    return run_streamed(sql, Parameters(values...), std::move(visit));
  }

  /// Runs `body`, which returns a Result, in one transaction; commits if it succeeded, else rolls
  /// back. Errors: the body's, and those of BEGIN and COMMIT.
  template <class Body>
  auto transaction(Body&& body) -> std::invoke_result_t<Body&> {
    SH_TRY_OK(begin(dialect_->begin_write));
    return finish(body());
  }
  /// The same for a body that only reads: all of its statements see one snapshot.
  template <class Body>
  auto snapshot(Body&& body) -> std::invoke_result_t<Body&> {
    SH_TRY_OK(begin(dialect_->begin_snapshot));
    return finish(body());
  }
  /// The same for a body that reads and writes.
  template <class Body>
  auto write_snapshot(Body&& body) -> std::invoke_result_t<Body&> {
    SH_TRY_OK(begin(dialect_->begin_write_snapshot));
    return finish(body());
  }

  /// Whatever was visible to this connection before the call may be acknowledged once this has
  /// succeeded: a server that gave up waiting for its synchronous standby, or was restarted
  /// meanwhile, shows commits that the standby lacks.
  Status confirm_commits();

  /// Runs SQL of any number of statements without parameters, for schema changes and settings.
  Status run_script(std::string_view sql);

  /// What was prepared so far: the SQL, and how many parameters it has.
  struct Prepared {
    std::string name;
    int parameter_count = 0;
  };
  const std::map<std::string, Prepared, std::less<>>& prepared() const { return prepared_; }

 private:
  struct Close {
    void operator()(pg_conn* server) const;
  };
  struct Clear {
    void operator()(pg_result* result) const;
  };
  using Answer = std::unique_ptr<pg_result, Clear>;
  using Visitor = std::function<Status(Row)>;
  enum class Rows : std::uint8_t { kTogether, kOneByOne };

  void take_notice(const pg_result* notice);
  Status check_committed();
  Result<const Prepared*> prepare(std::string_view sql, const Parameters& parameters);
  Status send(std::string_view sql, const Parameters& parameters, Rows rows);
  Result<Answer> run(std::string_view sql, const Parameters& parameters);
  Status run_streamed(std::string_view sql, const Parameters& parameters, const Visitor& visit);
  Result<Answer> run_simple(const std::string& sql, Phase phase);
  Result<Answer> collect(Phase phase);
  Status collect_end();
  Result<Answer> next_answer();
  Status wait_for_answer();
  Status configure(const ConnectionOptions& options);
  Status begin(std::string_view sql);
  Status commit();
  void rollback();
  Phase phase_of(std::string_view sql) const;
  base::Error fail(const ServerError& failure, Phase phase);
  ServerError lost(std::string_view why);
  static int size(const Answer& answer);
  static std::int64_t row_count(const Answer& answer);
  void count_written(const Answer& answer);

  template <class R>
  R finish(R result) {
    if (!result) {
      rollback();
      return result;
    }
    SH_TRY_OK(commit());
    return result;
  }

  const Dialect* dialect_;
  OpenMode mode_;
  std::unique_ptr<pg_conn, Close> server_;
  std::string target_;
  bool is_broken_ = false;
  std::string unwaited_;  ///< Why the commit that was just sent is perhaps on one server alone.
  bool in_transaction_ = false;
  Failure failure_ = Failure::kNone;
  std::int64_t now_ = 0;
  std::optional<std::int64_t> fixed_time_;
  std::uint64_t rows_written_ = 0;
  std::map<std::string, Prepared, std::less<>> prepared_;  ///< By their SQL.
};

/// An SQL expression: the database's clock in ms, as of the statement's start.
inline constexpr char kClock[] = "floor(extract(epoch FROM statement_timestamp()) * 1000)::int8";

}  // namespace streamhouse::metadata::postgres
