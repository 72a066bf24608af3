#pragma once
/// \file  PostgresServer: a real PostgreSQL server for one test process, on a free loopback port,
/// with its data in a temporary folder. It ends with the process, however that ends.

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <pwd.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include "base/check.h"
#include "metadata/postgres/driver/connection.h"
#include "tests/scratch_directory.h"

namespace streamhouse::tests {

/// The programs are those of Debian's postgresql-15, or in the folder POSTGRES_BIN. PostgreSQL does
/// not run as root, so then it runs as the user postgres, which the package makes.
/// Requires: nothing is missing(). Tests use TestPostgres, which skips them otherwise.
class PostgresServer {
 public:
  using Settings = std::vector<std::string>;  ///< `name=value`

  explicit PostgresServer(Settings settings = {}) : settings_(std::move(settings)) {
    give_folder_away();
    const int made = finish(spawn({program("initdb"), "-D", data(), "-U", "streamhouse", "-A",
                                   "trust", "-E", "UTF8", "--locale=C", "--no-sync"}));
    SH_CHECK(made == 0, "initdb works (see the log in the temporary folder)");
    start();
  }
  /// An asynchronous standby of `primary`.
  explicit PostgresServer(const PostgresServer* primary) {
    give_folder_away();
    const int copied =
        finish(spawn({program("pg_basebackup"), "-D", data(), "-U", "streamhouse", "-h",
                      "127.0.0.1", "-p", std::to_string(primary->port()), "-R", "-c", "fast"}));
    SH_CHECK(copied == 0, "pg_basebackup works (see the log in the temporary folder)");
    start();
  }
  /// At once: nobody needs what it holds any more.
  ~PostgresServer() { stop(SIGQUIT); }
  PostgresServer(const PostgresServer&) = delete;
  PostgresServer& operator=(const PostgresServer&) = delete;

  /// Why there can be no server that is made by this program; empty if there can.
  static std::string missing(const std::string& name = "initdb") {
    if (::access(program(name).c_str(), X_OK) == 0) return "";
    return "PostgreSQL cannot be had here: there is no " + program(name);
  }
  int port() const { return port_; }
  /// Of the database; what it holds is to be kept apart by schemas, see new_schema().
  std::string url(const std::string& parameters = "") const { return url_at(port_, parameters); }
  /// The same through something that listens elsewhere on this machine.
  static std::string url_at(int port, const std::string& parameters = "") {
    return "postgresql://streamhouse@127.0.0.1:" + std::to_string(port) +
           "/postgres?sslmode=disable" + (parameters.empty() ? "" : "&") + parameters;
  }

  /// An empty schema of its own for each caller; returns the URL parameter that selects it.
  std::string new_schema() {
    const std::string name = "test_" + std::to_string(++schemas_);
    execute("CREATE SCHEMA " + name);
    return "options=-csearch_path%3D" + name;
  }

  /// Runs SQL on a connection of its own.
  void execute(const std::string& sql) const {
    auto connection = metadata::postgres::Connection::open({.url = url()});
    SH_CHECK(connection.has_value(), "the test's server answers");
    SH_CHECK((*connection)->run_script(sql).has_value(), "the test's own SQL works");
  }

  /// Kills every process of the server at once, as a crash does.
  void kill() { stop(SIGQUIT); }
  /// Starts it again, on the same port and data.
  void start() {
    for (int attempt = 0; attempt < 20; ++attempt) {
      if (port_ == 0) port_ = free_port();
      server_ = spawn(server_words());
      if (await()) return;
      finish(server_);
      server_ = 0;
      port_ = 0;  // somebody else may have taken it
    }
    std::fputs(log().c_str(), stderr);
    SH_CHECK(false, "PostgreSQL starts");
  }

  std::string log() const {
    std::ostringstream text;
    text << std::ifstream(folder_.path() / "log").rdbuf();
    return text.str();
  }

 private:
  static std::string program(const std::string& name) {
    const char* const folder = std::getenv("POSTGRES_BIN");
    return std::string(folder ? folder : "/usr/lib/postgresql/15/bin") + "/" + name;
  }
  void give_folder_away() const {
    if (::geteuid() != 0) return;
    const passwd* const user = ::getpwnam("postgres");
    SH_CHECK(user != nullptr, "the package postgresql-15 is installed");
    SH_CHECK(::chown(folder_.path().c_str(), user->pw_uid, user->pw_gid) == 0, "as root");
  }
  std::string data() const { return folder_.path() / "data"; }

  std::vector<std::string> server_words() const {
    std::vector<std::string> words = {program("postgres"), "-D", data()};
    Settings settings = {"listen_addresses=127.0.0.1",
                         "port=" + std::to_string(port_),
                         "unix_socket_directories=" + folder_.path().string(),
                         "max_connections=200",
                         "shared_buffers=64MB",
                         "logging_collector=off"};
    settings.insert(settings.end(), settings_.begin(), settings_.end());
    for (const std::string& setting : settings) {
      words.push_back("-c");
      words.push_back(setting);
    }
    return words;
  }

  static int free_port() {
    const int listener = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    SH_CHECK(::bind(listener, reinterpret_cast<sockaddr*>(&address), sizeof(address)) == 0, "any");
    socklen_t size = sizeof(address);
    SH_CHECK(::getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size) == 0, "bound");
    ::close(listener);
    return ntohs(address.sin_port);
  }

  /// Starts a program as a user that PostgreSQL accepts; it gets SIGINT when this process ends.
  pid_t spawn(std::vector<std::string> words) const {
    std::vector<std::string> all = {"setpriv", "--pdeathsig", "INT"};
    if (::geteuid() == 0)
      all.insert(all.end(), {"--reuid", "postgres", "--regid", "postgres", "--clear-groups"});
    all.insert(all.end(), words.begin(), words.end());
    const std::string log = folder_.path() / "log";
    const pid_t child = ::fork();
    SH_CHECK(child >= 0, "a process");
    if (child > 0) return child;
    if (::chdir(folder_.path().c_str()) != 0) ::_exit(126);
    const int out = ::open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0644);
    ::dup2(out, STDOUT_FILENO);
    ::dup2(out, STDERR_FILENO);
    std::vector<char*> arguments;
    for (std::string& word : all) arguments.push_back(word.data());
    arguments.push_back(nullptr);
    ::execvp(arguments[0], arguments.data());
    ::_exit(127);
  }

  static int finish(pid_t child) {
    int status = 0;
    while (::waitpid(child, &status, 0) < 0 && errno == EINTR) continue;
    return status;
  }

  void stop(int number) {
    if (server_ <= 0) return;
    ::kill(server_, number);
    finish(server_);
    server_ = 0;
  }

  /// Until it answers; false if it has ended.
  bool await() const {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(120);
    while (std::chrono::steady_clock::now() < deadline) {
      const int answer = finish(
          spawn({program("pg_isready"), "-q", "-h", "127.0.0.1", "-p", std::to_string(port_)}));
      if (answer == 0) return true;
      if (::waitpid(server_, nullptr, WNOHANG) == server_) return false;
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
    return false;
  }

  Settings settings_;
  ScratchDirectory folder_;
  int port_ = 0;
  pid_t server_ = 0;
  int schemas_ = 0;
};

}  // namespace streamhouse::tests
