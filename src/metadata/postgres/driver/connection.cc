#include "metadata/postgres/driver/connection.h"

#include <libpq-fe.h>
#include <poll.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>

#include "base/check.h"

namespace streamhouse::metadata::postgres {
namespace {

using base::Errc;

/// Beyond the server's own bounds of statements and locks.
constexpr int kAnswerMaxMs = 25'000;
constexpr int kConnectStepMaxMs = 5'000;
constexpr int kBinary = 1;
constexpr std::string_view kOnlyReads = "25006";
constexpr std::string_view kReadOnly = "SET default_transaction_read_only = on";

/// One line, without the end of line that the library puts behind messages.
std::string one_line(std::string_view message) {
  std::string text(message);
  std::ranges::replace(text, '\n', ' ');
  while (text.ends_with(' ')) text.pop_back();
  return text;
}

std::string_view or_empty(const char* text) { return text == nullptr ? "" : text; }

ServerError error_of(const pg_result* result, const pg_conn* server) {
  const std::string_view severity =
      or_empty(PQresultErrorField(result, PG_DIAG_SEVERITY_NONLOCALIZED));
  const std::string_view primary = or_empty(PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY));
  return {.state = std::string(or_empty(PQresultErrorField(result, PG_DIAG_SQLSTATE))),
          .text = one_line(primary.empty() ? or_empty(PQresultErrorMessage(result)) : primary),
          .ended_connection =
              severity == "FATAL" || severity == "PANIC" || PQstatus(server) == CONNECTION_BAD};
}

std::string target_of(const pg_conn* server, std::string_view dialect) {
  return std::string(dialect) + " at " + std::string(or_empty(PQhost(server))) + ":" +
         std::string(or_empty(PQport(server))) + "/" + std::string(or_empty(PQdb(server)));
}

/// Waits for the socket; whether it is ready.
bool poll_socket(int socket, short events, int timeout_ms) {
  pollfd watched{.fd = socket, .events = events, .revents = 0};
  int ready = 0;
  do ready = ::poll(&watched, 1, timeout_ms);
  while (ready < 0 && errno == EINTR);
  return ready > 0;
}

pg_conn* start(const std::string& url, const char* port) {
  // The URL comes last, so that what it says counts.
  constexpr std::array kKeys = {"client_encoding",
                                "fallback_application_name",
                                "keepalives_idle",
                                "keepalives_interval",
                                "keepalives_count",
                                "tcp_user_timeout",
                                "port",
                                "dbname",
                                static_cast<const char*>(nullptr)};
  const std::array values = {"UTF8", "streamhouse", "5",
                             "2",    "3",           "10000",
                             port,   url.c_str(),   static_cast<const char*>(nullptr)};
  return PQconnectStartParams(kKeys.data(), values.data(), 1);
}

/// Goes on until connected. Returns why not.
std::optional<ServerError> connect(pg_conn* server) {
  PostgresPollingStatusType next = PGRES_POLLING_WRITING;
  while (PQstatus(server) != CONNECTION_BAD && next != PGRES_POLLING_OK) {
    const short events = next == PGRES_POLLING_READING ? POLLIN : POLLOUT;
    if (!poll_socket(PQsocket(server), events, kConnectStepMaxMs))
      return ServerError{.text = "no connection within 5 s", .ended_connection = true};
    next = PQconnectPoll(server);
    if (next == PGRES_POLLING_FAILED) break;
  }
  if (PQstatus(server) == CONNECTION_OK) return std::nullopt;
  const std::string_view message = or_empty(PQerrorMessage(server));
  return ServerError{.state = state_in_message(message), .text = one_line(message)};
}

}  // namespace

Connection::Connection(pg_conn* server, const ConnectionOptions& options)
    : dialect_(options.dialect),
      mode_(options.mode),
      server_(server),
      target_(target_of(server, options.dialect->name)),
      fixed_time_(options.time) {}

Result<std::unique_ptr<Connection>> Connection::open(const ConnectionOptions& options) {
  pg_conn* const server = start(options.url, options.dialect->default_port);
  if (server == nullptr) return {Errc::kUnavailable, "PostgreSQL: out of memory"};
  PQsetErrorVerbosity(server, PQERRORS_VERBOSE);  // the only way to the state of a refusal
  auto connection = std::make_unique<Connection>(server, options);
  const auto refusal = connect(server);
  connection->target_ = target_of(server, options.dialect->name);
  if (refusal) return connection->fail(*refusal, Phase::kStatement);
  PQsetErrorVerbosity(server, PQERRORS_DEFAULT);
  const auto take_notice = [](void* self, const pg_result* notice) {
    static_cast<Connection*>(self)->take_notice(notice);
  };
  PQsetNoticeReceiver(server, take_notice, connection.get());
  PQsetnonblocking(server, 1);
  SH_TRY_OK(connection->configure(options));
  return connection;
}

Status Connection::configure(const ConnectionOptions& options) {
  SH_TRY_OK(dialect_->check_server(*this, options.standbys));
  SH_TRY_OK(run_script(dialect_->session_settings));
  if (options.mode == OpenMode::kReadOnly) SH_TRY_OK(run_script(kReadOnly));
  return {};
}

/// The server's function that waits for synchronous standbys warns of nothing else, and its name is
/// the same in every language.
void Connection::take_notice(const pg_result* notice) {
  const auto field = [notice](int which) { return or_empty(PQresultErrorField(notice, which)); };
  if (field(PG_DIAG_SOURCE_FUNCTION) == "SyncRepWaitForLSN")
    unwaited_ = one_line(field(PG_DIAG_MESSAGE_PRIMARY));
}

Status Connection::check_committed() {
  if (unwaited_.empty()) return {};
  return fail({.state = "01000", .text = unwaited_}, Phase::kCommit);
}

Status Connection::confirm_commits() {
  if (dialect_->confirm_commits.empty()) return {};
  SH_TRY_OK(execute(dialect_->confirm_commits));
  return {};
}

bool Connection::usable() {
  if (is_broken_ || in_transaction_) return false;
  if (poll_socket(PQsocket(server_.get()), POLLIN, 0)) PQconsumeInput(server_.get());
  return PQstatus(server_.get()) == CONNECTION_OK &&
         PQtransactionStatus(server_.get()) == PQTRANS_IDLE;
}

std::string_view Connection::server_parameter(const char* name) const {
  return or_empty(PQparameterStatus(server_.get(), name));
}

/// The connection is closed: what the server still sends would be taken for another answer.
ServerError Connection::lost(std::string_view why) {
  is_broken_ = true;
  return {.state = "", .text = one_line(why), .ended_connection = true};
}

base::Error Connection::fail(const ServerError& failure, Phase phase) {
  if (failure.ended_connection) is_broken_ = true;
  Verdict verdict = judge(failure, phase, target_);
  failure_ = std::max(failure_, verdict.failure);
  if (mode_ == OpenMode::kReadOnly && failure.state == kOnlyReads)
    verdict.error.code = Errc::kUnsupported;
  return std::move(verdict.error);
}

Phase Connection::phase_of(std::string_view sql) const {
  return in_transaction_ || sql.starts_with("SELECT") ? Phase::kStatement : Phase::kCommit;
}

/// Sends what is left to send, and reads until an answer is complete. The error is no more than a
/// mark: the caller knows the phase.
Status Connection::wait_for_answer() {
  while (true) {
    const int unsent = PQflush(server_.get());
    if (unsent == 0 && PQisBusy(server_.get()) == 0) return {};
    const short events = unsent > 0 ? POLLIN | POLLOUT : POLLIN;
    if (!poll_socket(PQsocket(server_.get()), events, kAnswerMaxMs))
      return {Errc::kUnavailable, "no answer within 25 s"};
    if (PQconsumeInput(server_.get()) == 0 || unsent < 0)
      return {Errc::kUnavailable, std::string(or_empty(PQerrorMessage(server_.get())))};
  }
}

Result<Connection::Answer> Connection::next_answer() {
  SH_TRY_OK(wait_for_answer());
  return Answer(PQgetResult(server_.get()));
}

/// Reads all answers to what was sent; returns the last one.
Result<Connection::Answer> Connection::collect(Phase phase) {
  Answer last;
  std::optional<ServerError> failure;
  while (true) {
    Result<Answer> answer = next_answer();
    if (!answer) return fail(failure.value_or(lost(answer.error().text)), phase);
    if (*answer == nullptr) break;
    const ExecStatusType status = PQresultStatus(answer->get());
    if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK && !failure)
      failure = error_of(answer->get(), server_.get());
    last = *std::move(answer);
  }
  if (failure) return fail(*failure, phase);
  SH_CHECK(last != nullptr, "every statement has an answer");
  return last;
}

Result<const Connection::Prepared*> Connection::prepare(std::string_view sql,
                                                        const Parameters& parameters) {
  if (const auto found = prepared_.find(sql); found != prepared_.end()) return &found->second;
  const std::string text(sql);
  const std::string name = "s" + std::to_string(prepared_.size());
  if (PQsendPrepare(server_.get(), name.c_str(), text.c_str(), parameters.count(),
                    parameters.types()) == 0)
    return fail(lost(PQerrorMessage(server_.get())), Phase::kStatement);
  SH_TRY_OK(collect(Phase::kStatement));
  return &prepared_.emplace(text, Prepared{name, parameters.count()}).first->second;
}

Status Connection::send(std::string_view sql, const Parameters& parameters, Rows rows) {
  if (is_broken_) return fail(lost("the connection has ended"), Phase::kStatement);
  SH_TRY(const Prepared* const statement, prepare(sql, parameters));
  if (PQsendQueryPrepared(server_.get(), statement->name.c_str(), parameters.count(),
                          parameters.values(), parameters.lengths(), parameters.formats(),
                          kBinary) == 0)
    return fail(lost(PQerrorMessage(server_.get())), phase_of(sql));
  if (rows == Rows::kOneByOne) PQsetSingleRowMode(server_.get());
  return {};
}

Result<Connection::Answer> Connection::run(std::string_view sql, const Parameters& parameters) {
  unwaited_.clear();
  SH_TRY_OK(send(sql, parameters, Rows::kTogether));
  SH_TRY(Answer answer, collect(phase_of(sql)));
  if (phase_of(sql) == Phase::kCommit) SH_TRY_OK(check_committed());
  count_written(answer);
  return answer;
}

Status Connection::run_streamed(std::string_view sql, const Parameters& parameters,
                                const Visitor& visit) {
  SH_TRY_OK(send(sql, parameters, Rows::kOneByOne));
  Status visited;
  while (true) {
    Result<Answer> answer = next_answer();
    if (!answer) return fail(lost(answer.error().text), Phase::kStatement);
    if (PQresultStatus(answer->get()) != PGRES_SINGLE_TUPLE) {
      Answer end = *std::move(answer);
      const ExecStatusType status = PQresultStatus(end.get());
      const ServerError failure = error_of(end.get(), server_.get());
      SH_TRY_OK(collect_end());
      if (status != PGRES_TUPLES_OK) return fail(failure, Phase::kStatement);
      return visited;
    }
    if (visited) visited = visit(Row(answer->get(), 0));
  }
}

/// Reads the end of a row-by-row answer.
Status Connection::collect_end() {
  while (true) {
    Result<Answer> answer = next_answer();
    if (!answer) return fail(lost(answer.error().text), Phase::kStatement);
    if (*answer == nullptr) return {};
  }
}

Result<Connection::Answer> Connection::run_simple(const std::string& sql, Phase phase) {
  if (is_broken_) return fail(lost("the connection has ended"), Phase::kStatement);
  if (PQsendQuery(server_.get(), sql.c_str()) == 0)
    return fail(lost(PQerrorMessage(server_.get())), phase);
  return collect(phase);
}

Status Connection::run_script(std::string_view sql) {
  SH_TRY_OK(run_simple(std::string(sql), in_transaction_ ? Phase::kStatement : Phase::kCommit));
  return {};
}

/// One round trip begins the transaction and reads the clock.
Status Connection::begin(std::string_view sql) {
  SH_CHECK(!in_transaction_, "transactions do not nest");
  std::string script(sql);
  if (!fixed_time_) script += std::string("; SELECT ") + kClock;
  SH_TRY(const Answer answer, run_simple(script, Phase::kStatement));
  in_transaction_ = true;
  now_ = fixed_time_.value_or(0);
  if (fixed_time_) return {};
  const std::string_view text = or_empty(PQgetvalue(answer.get(), 0, 0));
  std::from_chars(text.data(), text.data() + text.size(), now_);
  return {};
}

Status Connection::commit() {
  in_transaction_ = false;
  unwaited_.clear();
  SH_TRY(const Answer answer, run_simple("COMMIT", Phase::kCommit));
  if (std::string_view(PQcmdStatus(answer.get())) == "COMMIT") return check_committed();
  return {Errc::kInternal, target_ + ": a transaction that had failed was to be committed"};
}

void Connection::rollback() {
  in_transaction_ = false;
  if (is_broken_) return;
  const Failure failure = failure_;
  if (!run_simple("ROLLBACK", Phase::kStatement)) is_broken_ = true;
  failure_ = failure;
}

int Connection::size(const Answer& answer) { return PQntuples(answer.get()); }

std::int64_t Connection::row_count(const Answer& answer) {
  const std::string_view text = PQcmdTuples(answer.get());
  std::int64_t count = 0;
  std::from_chars(text.data(), text.data() + text.size(), count);
  return count;
}

void Connection::count_written(const Answer& answer) {
  const std::string_view command = PQcmdStatus(answer.get());
  if (!command.starts_with("SELECT"))
    rows_written_ += static_cast<std::uint64_t>(row_count(answer));
}

void Connection::Close::operator()(pg_conn* server) const { PQfinish(server); }

void Connection::Clear::operator()(pg_result* result) const { PQclear(result); }

}  // namespace streamhouse::metadata::postgres
