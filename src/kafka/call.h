#pragma once
/// \file  Call: one request of a Kafka client on its way to an answer.

#include <cstddef>
#include <deque>
#include <expected>
#include <memory>
#include <string>
#include <string_view>

#include "base/utf8.h"
#include "kafka/services.h"
#include "net/frames/frame_handler.h"
#include "wire/message.h"

namespace streamhouse::kafka {

/// Texts that a response borrows until it is written. One that is longer than the protocol can say
/// is cut: it repeats what a client has sent.
class Texts {
 public:
  std::string_view keep(std::string text) {
    if (text.size() > kBytesMax) text = base::to_utf8(std::string_view(text).substr(0, kCutBytes));
    return texts_.emplace_back(std::move(text));
  }

 private:
  static constexpr std::size_t kBytesMax = 32'767;
  static constexpr std::size_t kCutBytes = 1'000;
  std::deque<std::string> texts_;
};

/// Who sends the requests of a connection.
struct Client {
  Client(runtime::Runtime& runtime, groups::ClientId its_id, const net::HostPort& address)
      : id(its_id), host("/" + address.host), left(runtime) {}

  const groups::ClientId id;
  const std::string host;  ///< As Kafka shows it: `/10.1.2.3`.
  bool gone = false;     ///< It sends no more, or the agent stops: nothing should wait for others.
  runtime::Signal left;  ///< Notified when it is gone.
};

/// Lifetime:  until its response is written.
struct Call {
  KafkaServices& services;
  Client& client;
  wire::RequestHeader header;
  net::Frame frame;  ///< The header's and the request's views lie in it.
  net::Turn turn;
  Texts texts = {};
  std::vector<std::shared_ptr<const void>> answers = {};

  wire::Version version() const { return header.version; }
  /// Before a wait for others: other requests may come in its place. Nothing lies in it any more.
  void let_go_of_frame() {
    header.client_id.reset();
    frame = {};
  }
  /// An answer of the services that a response borrows from.
  template <class T>
  const T& keep(T answer) {
    auto kept = std::make_shared<const T>(std::move(answer));
    const T& stays = *kept;
    answers.push_back(std::move(kept));
    return stays;
  }
};

/// What stands in for a response where the protocol has none.
enum class NoResponse : std::uint8_t { kGoOn, kCloseConnection };

template <class Response>
using Answer = runtime::Task<std::expected<Response, NoResponse>>;

}  // namespace streamhouse::kafka
