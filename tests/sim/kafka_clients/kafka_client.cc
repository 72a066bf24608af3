#include "kafka_client.h"

#include <algorithm>
#include <cstdint>
#include <memory>
#include <utility>

namespace streamhouse::sim {
namespace {

net::Frame frame_of(base::BytesView request) {
  const base::BytesView content = request.subspan(wire::kFrameLengthSize);
  net::Frame frame{.owner = std::make_shared<std::uint8_t[]>(content.size()), .bytes = {}};
  frame.bytes = {frame.owner.get(), content.size()};
  std::ranges::copy(content, frame.owner.get());
  return frame;
}

}  // namespace

runtime::Task<KafkaClient::Answer> KafkaClient::exchange(base::ByteVector request,
                                                         runtime::Duration timeout) {
  co_await client_.sleep(runtime::Duration(client_.random().between(0, 1'000'000)));
  if (!process_.is_up()) co_return base::make_error(base::Errc::kUnavailable, "nobody listens");
  const runtime::OneShot<Answer> answer(client_);
  process_.runtime().post([&process = process_, &connection = connection_,
                           frame = frame_of(base::BytesView(request)), &client = client_,
                           answer]() mutable {
    process.runtime().spawn(serve(connection, std::move(frame), client, answer));
  });
  auto arrived = co_await answer.wait_until(client_.now() + timeout);
  if (arrived && *arrived) co_return *std::move(arrived);
  hang_up();
  if (arrived) co_return *std::move(arrived);
  co_return base::make_error(base::Errc::kUnknownOutcome, "no answer in time");
}

runtime::Task<void> KafkaClient::serve(KafkaAgent::Connection& connection, net::Frame frame,
                                       runtime::SimRuntime& client,
                                       runtime::OneShot<Answer> answer) {
  const net::FrameReply reply =
      co_await connection.handler.answer(std::move(frame), net::Turn(connection));
  auto bytes = std::make_shared<base::ByteVector>();
  for (const base::Bytes& chunk : reply.chunks)
    bytes->insert(bytes->end(), chunk.view().begin(), chunk.view().end());
  const runtime::Duration back(client.random().between(0, 1'000'000));
  client.schedule(client.now() + back, [answer, bytes]() mutable {
    if (answer.is_set()) return;
    if (bytes->empty())
      answer.set(base::make_error(base::Errc::kUnknownOutcome, "the connection was closed"));
    else
      answer.set(std::shared_ptr<const base::ByteVector>(std::move(bytes)));
  });
}

void KafkaClient::hang_up() {
  if (process_.is_up())
    process_.runtime().post([&connection = connection_] { connection.handler.ending(); });
}

}  // namespace streamhouse::sim
