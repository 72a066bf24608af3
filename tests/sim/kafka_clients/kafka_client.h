#pragma once
/// \file  KafkaClient: a simulated client's connection to one process, over a network that takes
/// time and loses nothing but what the process loses by dying.

#include "kafka/handlers.h"
#include "process.h"

namespace streamhouse::sim {

/// What the handler of a request answers.
template <wire::Message Request>
using ResponseTo = decltype(kafka::handle(std::declval<kafka::Call&>(),
                                          std::declval<Request>()))::value_type::value_type;

/// A response and the bytes that it borrows from.
template <class Response>
struct KafkaReply {
  std::shared_ptr<const base::ByteVector> bytes;
  Response response;
  const Response* operator->() const { return &response; }
};

/// Lifetime:  shorter than the process object's, which outlives its crash.
class KafkaClient {
 public:
  KafkaClient(runtime::SimRuntime& client, Process& process)
      : client_(client), process_(process), connection_(process.kafka().connect()) {}
  KafkaClient(const KafkaClient&) = delete;
  KafkaClient& operator=(const KafkaClient&) = delete;

  /// One request at a time; `request` outlives the call. Errors: kUnavailable if nobody listens;
  /// kUnknownOutcome if no answer comes in time, or the connection is closed. The client then hangs
  /// up.
  template <wire::Message Request>
  runtime::Task<base::Result<KafkaReply<ResponseTo<Request>>>> ask(wire::Version version,
                                                                   const Request& request,
                                                                   runtime::Duration timeout) {
    const wire::RequestHeader header{.version = version, .correlation_id = 1, .client_id = "sim"};
    const auto frame = wire::encode_request(header, request);
    SH_CHECK(frame.has_value(), "a request that can be written");
    SH_CO_TRY(const auto bytes, co_await exchange(frame->joined(), timeout));
    const base::BytesView content = base::BytesView(*bytes).subspan(wire::kFrameLengthSize);
    const auto opened = wire::open_response(content, Request::kKey, version);
    SH_CHECK(opened.has_value(), "a response's header");
    auto response = wire::decode<ResponseTo<Request>>(opened->body, version);
    SH_CHECK(response.has_value(), "a response that can be read");
    co_return KafkaReply<ResponseTo<Request>>{bytes, *std::move(response)};
  }
  void hang_up();

 private:
  using Answer = base::Result<std::shared_ptr<const base::ByteVector>>;
  runtime::Task<Answer> exchange(base::ByteVector request, runtime::Duration timeout);
  /// The process's half.
  static runtime::Task<void> serve(KafkaAgent::Connection& connection, net::Frame frame,
                                   runtime::SimRuntime& client, runtime::OneShot<Answer> answer);

  runtime::SimRuntime& client_;
  Process& process_;
  KafkaAgent::Connection& connection_;
};

}  // namespace streamhouse::sim
