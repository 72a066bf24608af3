#pragma once
/// \file  Batches on their way to the agents that lead them, over ProduceStream.

#include <grpcpp/completion_queue.h>
#include <grpcpp/support/async_stream.h>

#include <list>
#include <memory>
#include <string>

#include "cli/client/client.h"
#include "cli/produce/produce_window.h"

namespace streamhouse::cli {

/// Does what a ProduceWindow decides: one stream for each agent and round, all written and read by
/// one thread.
class ProducePipeline {
 public:
  ProducePipeline(Client& client, std::string topic);
  ProducePipeline(const ProducePipeline&) = delete;
  ProducePipeline& operator=(const ProducePipeline&) = delete;
  /// Cancels what is still open.
  ~ProducePipeline();

  /// Waits while too much is on its way. Errors: the window's failure, once all is settled.
  base::Status submit(Batch batch);
  /// Waits until everything submitted is answered, or will never be. Errors: as submit().
  base::Status drain();
  /// Ends the streams in good order. Requires: drain() has returned.
  void close();
  const ProduceSummary& summary() const { return window_.summary(); }

 private:
  enum class Operation : std::uint8_t { kStart, kWrite, kRead, kEndWrites, kFinish };
  struct Stream;
  struct Tag {
    Stream* stream;
    Operation operation;
  };
  struct Stream {
    std::string address;
    std::int64_t round = 0;
    int pending = 0;  ///< Operations whose tag has not come back.
    bool started = false;
    bool writing = false;  ///< `outgoing` is under way, or will be once started.
    bool ending = false;   ///< Nothing more is written to it.
    bool finished = false;
    grpc::ClientContext context;
    grpc::Status status;
    v1::ProduceStreamRequest outgoing;
    v1::ProduceStreamResponse answer;
    std::unique_ptr<
        grpc::ClientAsyncReaderWriter<v1::ProduceStreamRequest, v1::ProduceStreamResponse>>
        calls;
    Tag start{this, Operation::kStart};
    Tag write{this, Operation::kWrite};
    Tag read{this, Operation::kRead};
    Tag end_writes{this, Operation::kEndWrites};
    Tag finish{this, Operation::kFinish};
  };

  void send_what_may_leave();
  void send(const ProduceWindow::Send& send, Stream& stream);
  static void write(Stream& stream);
  static void read(Stream& stream);
  static void finish(Stream& stream);
  Stream* current_stream(const std::string& address);
  base::Result<Stream*> open_stream(const std::string& address);
  void end_streams_before(std::int64_t round);
  /// False if nothing came until `deadline`.
  bool handle_event(Clock::time_point deadline);
  void handle(const Tag& tag, bool ok);
  void handle_answer(Stream& stream);
  void handle_end(const Stream& stream);
  void wait_for_progress();

  Client& client_;
  ProduceWindow window_;
  grpc::CompletionQueue queue_;
  std::list<Stream> streams_;
  Clock::time_point last_answer_;
};

}  // namespace streamhouse::cli
