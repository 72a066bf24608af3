#pragma once
/// \file  CuttingProxy: passes so many HTTP requests on to a server, and then no more, as if the
/// client had died or been cut off in the middle of what it does; or lets something else happen.

#include <cstdlib>
#include <functional>

#include "tests/net/scripted_http_server.h"

namespace streamhouse::tests {

/// Threading: any.
class CuttingProxy {
 public:
  /// `upstream` is `http://127.0.0.1:PORT`.
  explicit CuttingProxy(const std::string& upstream)
      : port_(static_cast<std::uint16_t>(
            std::atoi(upstream.substr(upstream.rfind(':') + 1).c_str()))) {}

  std::string url() const { return server_.url(); }
  /// The next `requests` pass; the one behind them is heard but not answered, and then every
  /// connection is cut.
  void cut_after(int requests) {
    left_ = requests;
    was_cut_ = false;
  }
  bool was_cut() const { return was_cut_; }
  /// The next `requests` pass; then `act` runs once, on a thread of the proxy, and all others pass.
  void interrupt_after(int requests, std::function<void()> act) {
    act_ = std::move(act);
    left_until_act_ = requests;
    request_count_ = 0;
  }
  bool was_interrupted() const { return left_until_act_ < 0; }
  /// Since then.
  int request_count() const { return request_count_; }

 private:
  ScriptedReply serve(const ScriptedRequest& request) {
    ++request_count_;
    if (left_until_act_ >= 0 && left_until_act_-- == 0) act_();
    if (left_ > 0) {
      --left_;
      return {.bytes = forward(request), .then = ScriptedReply::Then::kClose};
    }
    if (!was_cut_.exchange(true)) forward(request);
    return {.then = ScriptedReply::Then::kReset};
  }

  /// The whole answer.
  std::string forward(const ScriptedRequest& request) const {
    const int upstream = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port_);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    std::string answer;
    if (::connect(upstream, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0) {
      const std::string bytes =
          request.line + "\r\n" + request.headers + "Connection: close\r\n\r\n" + request.body;
      for (std::size_t at = 0; at < bytes.size();) {
        const auto sent = ::send(upstream, bytes.data() + at, bytes.size() - at, MSG_NOSIGNAL);
        if (sent <= 0) break;
        at += static_cast<std::size_t>(sent);
      }
      char part[65536];
      while (true) {
        const auto size = ::recv(upstream, part, sizeof(part), 0);
        if (size <= 0) break;
        answer.append(part, static_cast<std::size_t>(size));
      }
    }
    ::close(upstream);
    return answer;
  }

  const std::uint16_t port_;
  std::atomic<int> left_ = 1'000'000;
  std::atomic<bool> was_cut_ = false;
  std::function<void()> act_;
  std::atomic<int> left_until_act_ = -1;
  std::atomic<int> request_count_ = 0;
  ScriptedHttpServer server_{[this](const ScriptedRequest& request) { return serve(request); }};
};

}  // namespace streamhouse::tests
