#pragma once
/// \file  PostgresProxy: stands between a client and a PostgreSQL server and cuts their connection
/// at a chosen moment of a commit.

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <string_view>
#include <thread>
#include <vector>

#include "base/check.h"

namespace streamhouse::tests {

/// Where a connection is cut.
enum class Cut : std::uint8_t {
  kNever,
  kBeforeCommit,  ///< The server never hears of the commit.
  kAfterCommit,   ///< The server has committed; the client never hears of it.
};

/// A commit is the simple query COMMIT, or the execution (a Bind message) of a statement outside of
/// a transaction, which the test arranges to be the next one.
class PostgresProxy {
 public:
  explicit PostgresProxy(int server_port) : server_port_(server_port) {
    listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address = loopback(0);
    SH_CHECK(::bind(listener_, reinterpret_cast<sockaddr*>(&address), sizeof(address)) == 0, "any");
    socklen_t size = sizeof(address);
    SH_CHECK(::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size) == 0, "bound");
    port_ = ntohs(address.sin_port);
    SH_CHECK(::listen(listener_, 16) == 0, "it listens");
    thread_ = std::thread([this] { run(); });
  }
  ~PostgresProxy() {
    stopping_ = true;
    thread_.join();
    for (const Pair& pair : pairs_) close(pair);
    ::close(listener_);
  }
  PostgresProxy(const PostgresProxy&) = delete;
  PostgresProxy& operator=(const PostgresProxy&) = delete;

  int port() const { return port_; }
  /// The next `times` commits are cut.
  void cut_commits(Cut cut, int times) {
    cut_ = cut;
    cuts_left_ = times;
  }
  /// The same for statements outside of transactions.
  void cut_statements(Cut cut, int times) {
    statements_too_ = true;
    cut_commits(cut, times);
  }
  /// Ends every connection, before it returns.
  void cut_all() {
    cut_all_ = true;
    while (cut_all_) std::this_thread::yield();
  }
  int cuts() const { return cuts_; }

 private:
  struct Pair {
    int client = -1;
    int server = -1;
    bool swallow_answer = false;
  };

  static sockaddr_in loopback(int port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return address;
  }
  static void close(const Pair& pair) {
    ::close(pair.client);
    ::close(pair.server);
  }

  void run() {
    while (!stopping_) {
      std::vector<pollfd> watched = {{.fd = listener_, .events = POLLIN, .revents = 0}};
      for (const Pair& pair : pairs_) {
        watched.push_back({.fd = pair.client, .events = POLLIN, .revents = 0});
        watched.push_back({.fd = pair.server, .events = POLLIN, .revents = 0});
      }
      ::poll(watched.data(), watched.size(), 5);
      const std::size_t known = pairs_.size();
      if (watched[0].revents != 0) accept();
      const bool end_all = cut_all_;
      std::vector<bool> ended(pairs_.size(), end_all);
      for (std::size_t i = 0; i < known; ++i) {
        if (!ended[i] && watched[1 + 2 * i].revents != 0) ended[i] = !from_client(pairs_[i]);
        if (!ended[i] && watched[2 + 2 * i].revents != 0) ended[i] = !from_server(pairs_[i]);
      }
      for (std::size_t i = pairs_.size(); i-- > 0;) {
        if (!ended[i]) continue;
        close(pairs_[i]);
        pairs_.erase(pairs_.begin() + static_cast<std::ptrdiff_t>(i));
      }
      if (end_all) cut_all_ = false;
    }
  }

  void accept() {
    Pair pair;
    pair.client = ::accept(listener_, nullptr, nullptr);
    pair.server = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const sockaddr_in address = loopback(server_port_);
    if (::connect(pair.server, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0) {
      pairs_.push_back(pair);
    } else {
      close(pair);
    }
  }

  bool is_commit(std::string_view bytes) const {
    if (bytes.empty()) return false;
    if (bytes[0] == 'Q') return bytes.substr(5).starts_with("COMMIT");
    return statements_too_ && bytes[0] == 'B';
  }

  bool take_cut(std::string_view bytes) {
    if (cuts_left_ == 0 || !is_commit(bytes)) return false;
    --cuts_left_;
    ++cuts_;
    return true;
  }

  /// Whether the pair lives on.
  bool from_client(Pair& pair) {
    const std::string_view bytes = read(pair.client);
    if (bytes.empty()) return false;
    if (take_cut(bytes)) {
      if (cut_ == Cut::kBeforeCommit) return false;
      pair.swallow_answer = true;
    }
    return write(pair.server, bytes);
  }

  bool from_server(Pair& pair) {
    const std::string_view bytes = read(pair.server);
    return !bytes.empty() && !pair.swallow_answer && write(pair.client, bytes);
  }

  std::string_view read(int from) {
    const ssize_t size = ::read(from, buffer_.data(), buffer_.size());
    return {buffer_.data(), static_cast<std::size_t>(std::max<ssize_t>(size, 0))};
  }

  static bool write(int to, std::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t size = ::send(to, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (size <= 0) return false;
      bytes.remove_prefix(static_cast<std::size_t>(size));
    }
    return true;
  }

  int server_port_;
  int listener_ = -1;
  int port_ = 0;
  std::atomic<bool> stopping_ = false;
  std::atomic<bool> cut_all_ = false;
  std::atomic<bool> statements_too_ = false;
  std::atomic<Cut> cut_ = Cut::kNever;
  std::atomic<int> cuts_left_ = 0;
  std::atomic<int> cuts_ = 0;
  std::vector<Pair> pairs_;
  std::array<char, 65536> buffer_{};
  std::thread thread_;
};

}  // namespace streamhouse::tests
