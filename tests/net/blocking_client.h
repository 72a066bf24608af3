#pragma once
/// \file  BlockingClient: a connection whose calls block, for tests of servers.

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <string>
#include <utility>

namespace streamhouse::net {

/// A minute without bytes fails the test. Its buffers are small, so that a server soon notices who
/// does not read.
class BlockingClient {
 public:
  explicit BlockingClient(std::uint16_t port) : socket_(::socket(AF_INET, SOCK_STREAM, 0)) {
    const timeval patience{.tv_sec = 60, .tv_usec = 0};
    ::setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
    const int buffer_bytes = 64 << 10;
    ::setsockopt(socket_, SOL_SOCKET, SO_RCVBUF, &buffer_bytes, sizeof(buffer_bytes));
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    connected_ = ::connect(socket_, reinterpret_cast<sockaddr*>(&address), sizeof(address)) == 0;
  }
  BlockingClient(BlockingClient&& other) noexcept
      : socket_(std::exchange(other.socket_, -1)), connected_(other.connected_) {}
  BlockingClient& operator=(BlockingClient&&) = delete;
  ~BlockingClient() {
    if (socket_ >= 0) ::close(socket_);
  }

  bool connected() const { return connected_; }
  /// This end of the connection.
  std::uint16_t port() const {
    sockaddr_in address{};
    socklen_t size = sizeof(address);
    ::getsockname(socket_, reinterpret_cast<sockaddr*>(&address), &size);
    return ntohs(address.sin_port);
  }
  /// All of it, unless the server closes.
  void send(const std::string& bytes) const {
    for (std::size_t sent = 0; sent < bytes.size();) {
      const auto size = ::send(socket_, bytes.data() + sent, bytes.size() - sent, MSG_NOSIGNAL);
      if (size <= 0) return;
      sent += static_cast<std::size_t>(size);
    }
  }
  void end() const { ::shutdown(socket_, SHUT_WR); }

  /// So many bytes; fewer if the server closes before.
  std::string receive(std::size_t size) const {
    std::string bytes(size, '\0');
    std::size_t received = 0;
    while (received < size) {
      const std::size_t part = receive_into(bytes.data() + received, size - received);
      if (part == 0) break;
      received += part;
    }
    bytes.resize(received);
    return bytes;
  }
  /// Until the bytes end with `end`, or the server closes.
  std::string receive_to(const std::string& end) const {
    std::string received;
    char bytes[4096];
    while (!received.ends_with(end) || end.empty()) {
      const std::size_t size = receive_into(bytes, sizeof(bytes));
      if (size == 0) break;
      received.append(bytes, size);
    }
    return received;
  }
  std::string receive_to_close() const { return receive_to(""); }

 private:
  std::size_t receive_into(char* to, std::size_t size) const {
    const auto received = ::recv(socket_, to, size, 0);
    EXPECT_TRUE(received >= 0 || errno == ECONNRESET) << "the server neither answers nor closes";
    return received > 0 ? static_cast<std::size_t>(received) : 0;
  }

  int socket_;
  bool connected_ = false;
};

}  // namespace streamhouse::net
