#pragma once
/// \file  Server streams read by one thread: any number at once, in the order in which their
/// messages arrive, with a bound on every wait.

#include <grpcpp/completion_queue.h>
#include <grpcpp/support/async_stream.h>

#include <map>
#include <memory>
#include <optional>
#include <utility>

#include "cli/client/client.h"

namespace streamhouse::cli {

/// Invariant: each open stream has exactly one operation under way, or its message is with the
/// caller; so a stream holds one message at most, however slow the caller is.
template <class Response>
class ServerStreams {
 public:
  using Reader = std::unique_ptr<grpc::ClientAsyncReader<Response>>;
  /// What came from the stream that the caller calls `id`: a message, valid until the next call of
  /// next(), or (message null) its end, with the failure if it was one.
  struct Event {
    int id;
    const Response* message;
    std::optional<Failure> failure;
  };

  ServerStreams() = default;
  ServerStreams(const ServerStreams&) = delete;
  ServerStreams& operator=(const ServerStreams&) = delete;
  /// Cancels what is open.
  ~ServerStreams() {
    for (auto& [id, stream] : streams_) stream.context.TryCancel();
    queue_.Shutdown();
    void* tag = nullptr;
    bool ok = false;
    while (queue_.Next(&tag, &ok)) continue;
  }

  /// `prepare(context, queue)` is a stub's PrepareAsync call. Requires: no open stream is called
  /// `id`.
  template <class Prepare>
  void open(int id, const std::string& address, Prepare prepare) {
    auto& stream = streams_[id];
    stream.id = id;
    stream.address = address;
    stream.reader = prepare(&stream.context, &queue_);
    stream.reader->StartCall(&stream);
  }

  std::size_t size() const { return streams_.size(); }

  /// nullopt if nothing came until `deadline`.
  std::optional<Event> next(Clock::time_point deadline) {
    if (auto* stream = std::exchange(handed_out_, nullptr)) {
      stream->reader->Read(&stream->message, stream);
    }
    void* tag = nullptr;
    bool ok = false;
    while (queue_.AsyncNext(&tag, &ok, deadline) == grpc::CompletionQueue::GOT_EVENT) {
      if (auto event = advance(*static_cast<Stream*>(tag), ok)) return event;
    }
    return std::nullopt;
  }

 private:
  enum class Step : std::uint8_t { kStarting, kReading, kFinishing };
  struct Stream {
    int id = 0;
    std::string address;
    Step step = Step::kStarting;
    grpc::ClientContext context;
    grpc::Status status;
    Response message;
    Reader reader;
  };

  std::optional<Event> advance(Stream& stream, bool ok) {
    if (stream.step == Step::kFinishing) {
      Event event{stream.id, nullptr, std::nullopt};
      if (!stream.status.ok()) {
        event.failure = failure_of(stream.status, stream.context, stream.address);
      }
      streams_.erase(stream.id);
      return event;
    }
    if (!ok) {
      stream.step = Step::kFinishing;
      stream.reader->Finish(&stream.status, &stream);
      return std::nullopt;
    }
    if (stream.step == Step::kStarting) {
      stream.step = Step::kReading;
      stream.reader->Read(&stream.message, &stream);
      return std::nullopt;
    }
    handed_out_ = &stream;
    return Event{stream.id, &stream.message, std::nullopt};
  }

  grpc::CompletionQueue queue_;
  Stream* handed_out_ = nullptr;  ///< Its message is with the caller; read on at the next call.
  std::map<int, Stream> streams_;
};

/// Reads one server stream of the client's first agent to its end. The client's timeout bounds each
/// wait, not the whole. `prepare(peer, context, queue)` opens it; `use(message)` answers a Status.
template <class Response, class Prepare, class Use>
base::Status read_stream(Client& client, Prepare prepare, Use use) {
  SH_TRY(auto* const peer, client.peer(client.server(), Clock::now() + client.timeout()));
  ServerStreams<Response> streams;
  streams.open(0, peer->address, [&](grpc::ClientContext* context, grpc::CompletionQueue* queue) {
    return prepare(*peer, context, queue);
  });
  for (;;) {
    const auto event = streams.next(Clock::now() + client.timeout());
    if (!event) return client.note(no_answer_from(peer->address));
    if (event->failure) return client.note(*event->failure);
    if (event->message == nullptr) return {};
    SH_TRY_OK(use(*event->message));
  }
}

}  // namespace streamhouse::cli
