#pragma once
/// \file  StreamWriter: the sending end of a server stream, for coroutines of the core. The next
/// message is asked for only when the last has left, so a slow client slows its own stream alone.

#include <grpcpp/support/server_callback.h>

#include <memory>

#include "rpc/core_bridge.h"

namespace streamhouse::rpc {

/// Lifetime:  shared by the call's coroutine and gRPC's reactor.
/// Threading: the core's executor.
class StreamWriter : public OpenStream {
 public:
  using Reactor = grpc::ServerWriteReactor<grpc::ByteBuffer>;
  using Work =
      std::move_only_function<runtime::Task<base::Status>(Services, std::shared_ptr<StreamWriter>)>;

  /// Takes a call on one of gRPC's threads: runs `work` on the core and ends the stream with its
  /// outcome. `memory` is held until then.
  static Reactor* answer(CoreBridge& bridge, grpc::CallbackServerContext* context,
                         MemoryBudget::Share memory, Work work);
  /// Ends the call at once.
  static Reactor* refuse(CoreBridge& bridge, grpc::CallbackServerContext* context,
                         const base::Error& error);

  StreamWriter(CoreBridge& bridge, grpc::CallbackServerContext* context);
  ~StreamWriter() override;

  /// Returns when the message has been passed on and another may be written; false: the client is
  /// gone.
  runtime::Task<bool> write(grpc::ByteBuffer message);
  /// Sends `message` together with the end of the stream. Requires: the work returns success next,
  /// and writes no more.
  void write_last(const grpc::ByteBuffer& message);
  /// The client is gone, or the agent is stopping: end soon.
  bool over() const { return cancelled_ || draining_; }
  /// Why, for the outcome of the work. Requires: over().
  base::Status why_over() const;

  // OpenStream
  void drain() override;

 private:
  class WriteReactor;
  runtime::Task<void> run(std::shared_ptr<StreamWriter> self, Work work);
  void finish(const base::Status& outcome);
  void written(bool ok);
  void cancel();

  CoreBridge& bridge_;
  grpc::CallbackServerContext* context_;
  Reactor* reactor_ = nullptr;  ///< Null once the stream has ended.
  MemoryBudget::Share memory_;
  grpc::ByteBuffer message_;
  bool writing_ = false;
  bool cancelled_ = false;
  bool draining_ = false;
  std::optional<grpc::ByteBuffer> last_;
  runtime::Signal changed_;
};

}  // namespace streamhouse::rpc
