#pragma once
/// \file  ScriptedHttpServer: an HTTP server on a real socket that answers what a test says, also
/// what no server should.

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace streamhouse::tests {

/// A request as it came.
struct ScriptedRequest {
  std::string line;     ///< `PUT /a/b HTTP/1.1`
  std::string headers;  ///< As sent, each line ended by CRLF.
  std::string body;
  int connection = 0;  ///< Counted from 0.

  /// The value of a header, found by its name in lower case; empty if there is none.
  std::string header(const std::string& name) const {
    std::string folded = headers;
    std::ranges::transform(folded, folded.begin(), [](unsigned char c) { return std::tolower(c); });
    const auto at = ("\r\n" + folded).find("\r\n" + name + ":");
    if (at == std::string::npos) return {};
    const auto begin = headers.find_first_not_of(' ', at + name.size() + 1);
    return headers.substr(begin, headers.find("\r\n", begin) - begin);
  }
};

struct ScriptedReply {
  enum class Then { kKeep, kClose, kReset, kHang };
  std::string bytes = {};  ///< The whole answer, from `HTTP/1.1 ` on.
  Then then = Then::kKeep;
  std::chrono::milliseconds pause{0};  ///< Before each piece of `piece_bytes`.
  std::size_t piece_bytes = 1u << 20;
};

/// `HTTP/1.1 STATUS Text` with a body and its length.
inline std::string http_answer(int status, const std::string& body,
                               const std::string& headers = "") {
  return "HTTP/1.1 " + std::to_string(status) + " Text\r\n" + headers +
         "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

/// Each connection has a thread of its own; the script runs on it, one call at a time.
class ScriptedHttpServer {
 public:
  using Script = std::function<ScriptedReply(const ScriptedRequest&)>;

  explicit ScriptedHttpServer(Script script)
      : script_(std::move(script)), listener_(::socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    auto* const generic = reinterpret_cast<sockaddr*>(&address);
    socklen_t size = sizeof(address);
    EXPECT_EQ(::bind(listener_, generic, size), 0);
    EXPECT_EQ(::listen(listener_, 64), 0);
    EXPECT_EQ(::getsockname(listener_, generic, &size), 0);
    port_ = ntohs(address.sin_port);
    acceptor_ = std::thread([this] { accept_all(); });
  }
  ~ScriptedHttpServer() {
    stopping_ = true;
    ::shutdown(listener_, SHUT_RDWR);
    acceptor_.join();
    {
      const std::scoped_lock lock(mutex_);
      for (const int socket : sockets_) ::shutdown(socket, SHUT_RDWR);
    }
    for (auto& connection : connections_) connection.join();
    for (const int socket : sockets_) ::close(socket);
    ::close(listener_);
  }
  ScriptedHttpServer(const ScriptedHttpServer&) = delete;
  ScriptedHttpServer& operator=(const ScriptedHttpServer&) = delete;

  std::string url() const { return "http://127.0.0.1:" + std::to_string(port_); }
  /// Those that came whole, in order.
  std::vector<ScriptedRequest> requests() const {
    const std::scoped_lock lock(mutex_);
    return requests_;
  }
  int connection_count() const { return connection_count_; }

 private:
  void accept_all() {
    while (!stopping_) {
      const int socket = ::accept(listener_, nullptr, nullptr);
      if (socket < 0) return;
      const std::scoped_lock lock(mutex_);
      sockets_.push_back(socket);
      connections_.emplace_back([this, socket, number = connection_count_++] {
        while (serve_one(socket, number)) continue;
        ::shutdown(socket, SHUT_RDWR);
      });
    }
  }

  static bool receive(int socket, std::string& into) {
    char bytes[65536];
    const auto size = ::recv(socket, bytes, sizeof(bytes), 0);
    if (size > 0) into.append(bytes, static_cast<std::size_t>(size));
    return size > 0;
  }

  bool serve_one(int socket, int number) {
    std::string bytes;
    std::size_t end = std::string::npos;
    while ((end = bytes.find("\r\n\r\n")) == std::string::npos)
      if (!receive(socket, bytes)) return false;
    ScriptedRequest request{.connection = number};
    request.line = bytes.substr(0, bytes.find("\r\n"));
    request.headers = bytes.substr(request.line.size() + 2, end - request.line.size());
    request.body = bytes.substr(end + 4);
    const std::string length = request.header("content-length");
    while (!length.empty() && request.body.size() < std::stoul(length))
      if (!receive(socket, request.body)) return false;
    ScriptedReply reply;
    {
      const std::scoped_lock lock(mutex_);
      requests_.push_back(request);
      reply = script_(request);
    }
    return send_reply(socket, reply);
  }

  bool send_reply(int socket, const ScriptedReply& reply) const {
    for (std::size_t at = 0; at < reply.bytes.size() && !stopping_; at += reply.piece_bytes) {
      std::this_thread::sleep_for(reply.pause);
      const auto size = std::min(reply.piece_bytes, reply.bytes.size() - at);
      ::send(socket, reply.bytes.data() + at, size, MSG_NOSIGNAL);
    }
    if (reply.then == ScriptedReply::Then::kKeep) return true;
    while (reply.then == ScriptedReply::Then::kHang && !stopping_)
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    if (reply.then == ScriptedReply::Then::kReset) {
      // A receive queue that is thrown away, and no lingering: the peer gets a reset.
      const linger none{.l_onoff = 1, .l_linger = 0};
      ::setsockopt(socket, SOL_SOCKET, SO_LINGER, &none, sizeof(none));
      const sockaddr unspecified{.sa_family = AF_UNSPEC, .sa_data = {}};
      ::connect(socket, &unspecified, sizeof(unspecified));
    }
    return false;
  }

  const Script script_;
  const int listener_;
  std::uint16_t port_ = 0;
  std::atomic<bool> stopping_ = false;
  std::atomic<int> connection_count_ = 0;
  mutable std::mutex mutex_;
  std::vector<ScriptedRequest> requests_;
  std::vector<int> sockets_;
  std::vector<std::thread> connections_;
  std::thread acceptor_;
};

}  // namespace streamhouse::tests
