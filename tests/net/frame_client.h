#pragma once
/// \file  FrameClient: a client of length-prefixed frames, for tests.

#include <gtest/gtest.h>

#include <cstdint>
#include <string>

#include "base/endian.h"
#include "tests/net/blocking_client.h"

namespace streamhouse::net {

/// With its length in front.
inline std::string framed(const std::string& content) {
  std::string frame(4, '\0');
  base::store_big(reinterpret_cast<std::uint8_t*>(frame.data()),
                  static_cast<std::int32_t>(content.size()));
  return frame + content;
}

/// Speaks in frames.
class FrameClient {
 public:
  explicit FrameClient(std::uint16_t port) : connection_(port) {
    EXPECT_TRUE(connection_.connected());
  }

  void send_raw(const std::string& bytes) const { connection_.send(bytes); }
  void send(const std::string& content) const { send_raw(framed(content)); }
  void end() const { connection_.end(); }
  std::uint16_t port() const { return connection_.port(); }
  /// The next reply; "closed" if there is none.
  std::string receive() const {
    const std::string length = connection_.receive(4);
    if (length.size() < 4) return "closed";
    return connection_.receive(static_cast<std::size_t>(
        base::load_big<std::int32_t>(reinterpret_cast<const std::uint8_t*>(length.data()))));
  }

 private:
  BlockingClient connection_;
};

}  // namespace streamhouse::net
