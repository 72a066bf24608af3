#pragma once
/// \file  Call: one request of a Kafka client on its way to an answer.

#include <deque>
#include <expected>

#include "kafka/services.h"
#include "net/frames/frame_handler.h"
#include "wire/message.h"

namespace streamhouse::kafka {

/// Texts that a response borrows until it is written.
class Texts {
 public:
  std::string_view keep(std::string text) { return texts_.emplace_back(std::move(text)); }

 private:
  std::deque<std::string> texts_;
};

/// Lifetime:  until its response is written.
struct Call {
  KafkaServices& services;
  wire::RequestHeader header;
  net::Frame frame;  ///< The header's and the request's views lie in it.
  net::Turn turn;
  Texts texts = {};

  wire::Version version() const { return header.version; }
};

/// What stands in for a response where the protocol has none.
enum class NoResponse : std::uint8_t { kGoOn, kCloseConnection };

template <class Response>
using Answer = runtime::Task<std::expected<Response, NoResponse>>;

}  // namespace streamhouse::kafka
