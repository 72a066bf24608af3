#pragma once
/// \file  PostgresProxy: stands between clients and a PostgreSQL server, cuts connections at a
/// chosen moment of a commit, and answers as CockroachDB does where that is harder to live with.

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <chrono>
#include <map>
#include <memory>
#include <mutex>
#include <random>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "base/check.h"
#include "tests/metadata/cockroach_lint.h"
#include "tests/metadata/postgres_messages.h"

namespace streamhouse::tests {

/// Where a connection is cut.
enum class Cut : std::uint8_t {
  kNever,
  kBeforeCommit,  ///< The server never hears of the commit.
  kAfterCommit,   ///< The server has committed; the client never hears of it.
};

/// Chances, from 0 to 1.
struct ServerFaults {
  double conflict =
      0;               ///< Of a statement or a COMMIT: it lost against another transaction (40001).
  double unknown = 0;  ///< Of a commit: 40003, applied or not, the connection closed or not.
  double stall = 0;    ///< Of a request: it waits for 50 to 300 ms.
};

/// What the proxy makes of the server.
enum class Guise : std::uint8_t {
  kNone,
  /// Says it is CockroachDB, and refuses with 0A000 what that lacks (cockroach_lint.h).
  kCockroach,
};

/// A commit is the simple query COMMIT, or the execution of a statement outside of a transaction.
/// Connections must not be encrypted. Threading: any thread.
class PostgresProxy {
 public:
  explicit PostgresProxy(int server_port, Guise guise = Guise::kNone,
                         std::string version = "CockroachDB CCL v24.1.0 (stand-in)")
      : server_port_(server_port), guise_(guise), version_(std::move(version)) {
    listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address = loopback(0);
    SH_CHECK(::bind(listener_, reinterpret_cast<sockaddr*>(&address), sizeof(address)) == 0, "any");
    socklen_t size = sizeof(address);
    SH_CHECK(::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size) == 0, "bound");
    port_ = ntohs(address.sin_port);
    SH_CHECK(::listen(listener_, 64) == 0, "it listens");
    thread_ = std::thread([this] { accept_all(); });
  }
  ~PostgresProxy() {
    stopping_ = true;
    thread_.join();
    cut_all();
    ::close(listener_);
  }
  PostgresProxy(const PostgresProxy&) = delete;
  PostgresProxy& operator=(const PostgresProxy&) = delete;

  int port() const { return port_; }
  /// The next `times` commits of transactions are cut.
  void cut_commits(Cut cut, int times) {
    cut_ = cut;
    cuts_left_ = times;
  }
  /// The same for executions of prepared statements, wherever.
  void cut_statements(Cut cut, int times) {
    statements_too_ = true;
    cut_commits(cut, times);
  }
  int cuts() const { return cuts_; }
  /// Ends every connection, before it returns.
  void cut_all() {
    const std::lock_guard lock(mutex_);
    pairs_.clear();
  }

  /// Of what decides by chance from now on.
  void set_seed(std::uint64_t seed) {
    const std::lock_guard lock(chance_mutex_);
    random_.seed(seed);
  }
  /// Of requests from now on.
  void set_faults(ServerFaults faults) {
    const std::lock_guard lock(chance_mutex_);
    faults_ = faults;
  }
  /// Faults injected so far, by their SQLSTATE, `cut` and `stall`; and refusals, by their text.
  std::map<std::string, int> injected() {
    const std::lock_guard lock(chance_mutex_);
    return injected_;
  }

 private:
  /// All that a client sends before it waits for an answer.
  struct Request {
    std::string bytes = {};
    std::string sql = {};       ///< Of a simple query or a statement to prepare.
    std::string executed = {};  ///< SQL of the prepared statement to execute.
    bool is_commit() const { return sql.starts_with("COMMIT"); }
    bool is_rollback() const { return sql.starts_with("ROLLBACK"); }
  };
  /// What the lint says of a statement.
  struct Judgement {
    std::optional<std::string> lacking = {};
    bool changes_schema = false;
    bool changes_among_others = false;
  };
  enum class Outcome : std::uint8_t { kPass, kConflict, kUnknown, kUnknownCut };

  class Pair {
   public:
    Pair(PostgresProxy& proxy, int client, int server)
        : proxy_(proxy), client_(client), server_(server), thread_([this] { run(); }) {}
    ~Pair() {
      stopping_ = true;
      thread_.join();
      ::close(client_);
      ::close(server_);
    }

   private:
    void run() {
      while (!stopping_) {
        std::array watched = {pollfd{.fd = client_, .events = POLLIN, .revents = 0},
                              pollfd{.fd = server_, .events = POLLIN, .revents = 0}};
        ::poll(watched.data(), watched.size(), 5);
        if (watched[0].revents != 0 && !from_client()) break;
        if (watched[1].revents != 0 && !from_server()) break;
      }
      ::shutdown(client_, SHUT_RDWR);
      ::shutdown(server_, SHUT_RDWR);
    }

    /// Whether the connection lives on.
    bool from_client() {
      const std::string bytes = read(client_);
      if (bytes.empty()) return false;
      client_reader_.add(bytes);
      while (const auto message = client_reader_.next())
        if (!take(*message)) return false;
      return true;
    }

    bool take(const std::string& message) {
      const char type = is_started_ ? message[0] : '\0';
      is_started_ = true;
      request_.bytes += message;
      if (type == 'Q') request_.sql = text_at(message, 5);
      if (type == 'P') {
        const std::string name = text_at(message, 5);
        request_.sql = text_at(message, 5 + name.size() + 1);
        prepared_[name] = request_.sql;
      }
      if (type == 'B') {
        const std::string portal = text_at(message, 5);
        request_.executed = prepared_[text_at(message, 5 + portal.size() + 1)];
      }
      if (type == 'P' || type == 'B' || type == 'D' || type == 'E') return true;  // a Sync follows
      const Request request = std::exchange(request_, Request());
      return handle(request);
    }

    bool handle(const Request& request) {
      if (is_failed_ && !request.is_rollback())
        return answer(error_answer("25P02", "the transaction has failed", 'E'));
      is_failed_ = false;
      if (const Cut cut = proxy_.take_cut(request); cut != Cut::kNever)
        return cut == Cut::kAfterCommit && pass_and_answer(request.bytes, "");
      if (const auto refusal = refuse(request)) return fail("0A000", *refusal);
      proxy_.stall();
      if (status_ == 'I') has_written_ = false;
      if (!request.executed.empty() && !request.executed.starts_with("SELECT")) has_written_ = true;
      const bool can_lose = !request.executed.empty() || request.is_commit();
      const bool commits = has_written_ && (request.is_commit() || status_ == 'I');
      switch (proxy_.draw(can_lose, commits)) {
        case Outcome::kPass:
          return write(server_, request.bytes);
        case Outcome::kConflict:
          return lose(request, "40001", "restart transaction: injected");
        case Outcome::kUnknown:
          return leave_open(request);
        case Outcome::kUnknownCut:
          proxy_.count("cut");
          return proxy_.chance(0.5) && pass_and_answer(request.bytes, "");
      }
      return false;
    }

    std::optional<std::string> refuse(const Request& request) const {
      if (proxy_.guise_ != Guise::kCockroach || request.sql.empty()) return std::nullopt;
      const Judgement judgement = proxy_.judge(request.sql);
      if (judgement.lacking) return judgement.lacking;
      if (judgement.changes_among_others || (status_ == 'T' && judgement.changes_schema))
        return "a schema change in a transaction";
      return std::nullopt;
    }

    /// The server never hears of the request, or hears ROLLBACK in place of COMMIT.
    bool lose(const Request& request, const std::string& state, const std::string& text) {
      if (!request.is_commit()) return fail(state, text);
      return pass_and_answer(protocol_message('Q', std::string("ROLLBACK") + '\0'),
                             error_answer(state, text, 'I'));
    }

    bool leave_open(const Request& request) {
      if (proxy_.chance(0.5)) return lose(request, "40003", "result is ambiguous: injected");
      return pass_and_answer(request.bytes,
                             error_answer("40003", "result is ambiguous: injected", 'I'));
    }

    bool fail(const std::string& state, const std::string& text) {
      is_failed_ = status_ != 'I';
      proxy_.count(state == "0A000" ? text : state);
      return answer(error_answer(state, text, is_failed_ ? 'E' : 'I'));
    }

    /// Sends the server `bytes`, and the client `instead` of what it answers; with nothing to
    /// send, the connection ends there.
    bool pass_and_answer(const std::string& bytes, const std::string& instead) {
      instead_ = instead;
      is_replacing_ = true;
      if (!instead.empty())
        proxy_.count(instead.find("40003") == std::string::npos ? "40001" : "40003");
      return write(server_, bytes);
    }

    bool from_server() {
      const std::string bytes = read(server_);
      if (bytes.empty()) return false;
      server_reader_.add(bytes);
      std::string passed;
      while (const auto message = server_reader_.next())
        if (!forward(*message, passed)) return false;
      return passed.empty() || answer(passed);
    }

    bool forward(const std::string& message, std::string& passed) {
      const bool is_ready = message[0] == 'Z';
      if (is_ready) status_ = message[5];
      if (is_ready && is_replacing_) {
        is_replacing_ = false;
        passed += instead_;
        return !instead_.empty();
      }
      if (is_ready && !is_introduced_ && proxy_.guise_ == Guise::kCockroach)
        passed += parameter_status("crdb_version", proxy_.version_);
      is_introduced_ = is_introduced_ || is_ready;
      if (!is_replacing_) passed += message;
      return true;
    }

    bool answer(const std::string& bytes) { return write(client_, bytes); }

    PostgresProxy& proxy_;
    int client_;
    int server_;
    MessageReader client_reader_{MessageReader::First::kUntyped};
    MessageReader server_reader_{MessageReader::First::kTyped};
    Request request_;
    std::map<std::string, std::string> prepared_;
    std::string instead_;        ///< For the client, in place of the server's answer.
    bool is_replacing_ = false;  ///< The server's answer is not passed on.
    bool is_started_ = false;    ///< The client's first message is through.
    bool is_introduced_ = false;
    bool is_failed_ = false;    ///< The transaction, for the client.
    bool has_written_ = false;  ///< The transaction, or the statement that is one.
    char status_ = 'I';         ///< As the server last said.
    std::atomic<bool> stopping_ = false;
    std::thread thread_;
  };

  static sockaddr_in loopback(int port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return address;
  }

  static std::string read(int from) {
    std::array<char, 65536> buffer;
    const ssize_t size = ::read(from, buffer.data(), buffer.size());
    return {buffer.data(), static_cast<std::size_t>(std::max<ssize_t>(size, 0))};
  }

  static bool write(int to, std::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t size = ::send(to, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (size <= 0) return false;
      bytes.remove_prefix(static_cast<std::size_t>(size));
    }
    return true;
  }

  void accept_all() {
    while (!stopping_) {
      pollfd watched{.fd = listener_, .events = POLLIN, .revents = 0};
      if (::poll(&watched, 1, 5) > 0) accept();
    }
  }

  void accept() {
    const int client = ::accept(listener_, nullptr, nullptr);
    const int server = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const sockaddr_in address = loopback(server_port_);
    if (::connect(server, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0) {
      const std::lock_guard lock(mutex_);
      pairs_.push_back(std::make_unique<Pair>(*this, client, server));
    } else {
      ::close(client);
      ::close(server);
    }
  }

  /// Of each text once.
  Judgement judge(const std::string& sql) {
    const std::lock_guard lock(chance_mutex_);
    const auto [found, is_new] = judged_.try_emplace(sql);
    if (is_new)
      found->second = {.lacking = lacking_in_cockroach(sql),
                       .changes_schema = changes_schema(sql),
                       .changes_among_others = changes_schema_among_others(sql)};
    return found->second;
  }

  Cut take_cut(const Request& request) {
    if (!request.is_commit() && (!statements_too_ || request.executed.empty())) return Cut::kNever;
    int left = cuts_left_;
    while (left > 0)
      if (cuts_left_.compare_exchange_weak(left, left - 1)) {
        ++cuts_;
        return cut_;
      }
    return Cut::kNever;
  }

  Outcome draw(bool can_lose, bool commits) {
    const std::lock_guard lock(chance_mutex_);
    std::uniform_real_distribution<double> drawn(0, 1);
    if (can_lose && drawn(random_) < faults_.conflict) return Outcome::kConflict;
    if (!commits || drawn(random_) >= faults_.unknown) return Outcome::kPass;
    return drawn(random_) < 0.5 ? Outcome::kUnknown : Outcome::kUnknownCut;
  }

  bool chance(double of) {
    const std::lock_guard lock(chance_mutex_);
    return std::uniform_real_distribution<double>(0, 1)(random_) < of;
  }

  void stall() {
    std::chrono::milliseconds pause(0);
    {
      const std::lock_guard lock(chance_mutex_);
      if (std::uniform_real_distribution<double>(0, 1)(random_) < faults_.stall)
        pause = std::chrono::milliseconds(50 + random_() % 251);
    }
    if (pause.count() == 0) return;
    count("stall");
    std::this_thread::sleep_for(pause);
  }

  void count(const std::string& what) {
    const std::lock_guard lock(chance_mutex_);
    ++injected_[what];
  }

  int server_port_;
  Guise guise_;
  std::string version_;
  int listener_ = -1;
  int port_ = 0;
  std::atomic<bool> stopping_ = false;
  std::atomic<bool> statements_too_ = false;
  std::atomic<Cut> cut_ = Cut::kNever;
  std::atomic<int> cuts_left_ = 0;
  std::atomic<int> cuts_ = 0;
  std::mutex chance_mutex_;
  ServerFaults faults_;
  std::map<std::string, int> injected_;
  std::map<std::string, Judgement> judged_;
  std::mt19937_64 random_{1};
  std::mutex mutex_;
  std::vector<std::unique_ptr<Pair>> pairs_;
  std::thread thread_;
};

}  // namespace streamhouse::tests
