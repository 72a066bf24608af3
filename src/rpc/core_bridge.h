#pragma once
/// \file  CoreBridge: where gRPC's threads and the core's thread meet. A call is taken on one of
/// gRPC's threads, crosses to the core once, and is answered from there (a reactor may be finished,
/// and its reads and writes started, from any thread).

#include <grpcpp/alarm.h>
#include <grpcpp/server_context.h>
#include <grpcpp/support/server_callback.h>

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <vector>

#include "rpc/call_metrics.h"
#include "rpc/memory_budget.h"
#include "rpc/services.h"
#include "runtime/signal.h"

namespace streamhouse::rpc {

/// What a call in progress takes beside its message: gRPC's own state, buffers and windows of an
/// HTTP/2 stream, coroutines.
constexpr std::size_t kCallBytes = 8u << 10;

/// A stream that may last for ever. Threading: the core's executor.
class OpenStream {
 public:
  virtual ~OpenStream() = default;
  /// The agent stops: end soon, in good order.
  virtual void drain() = 0;
};

/// Lifetime:  outlives the gRPC server; coroutines of calls may outlive that (wait_idle()).
class CoreBridge {
 public:
  struct Ports {
    runtime::Runtime& runtime;
    CallMetrics& metrics;
    MemoryBudget& requests;  ///< Calls in progress and messages that are not accepted yet.
    MemoryBudget& replies;   ///< Messages on their way to clients.
  };
  explicit CoreBridge(Ports ports) : ports_(ports), idle_(ports.runtime) {}
  ~CoreBridge();

  /// What a call does on the core.
  using Work = std::move_only_function<runtime::Task<base::Status>(Services)>;

  // ---- gRPC's threads
  /// Runs `work` on the core and ends the call with its outcome; the response is ready by then.
  grpc::ServerUnaryReactor* answer(grpc::CallbackServerContext* context, Work work);
  /// Ends the call at once.
  grpc::ServerUnaryReactor* refuse(grpc::CallbackServerContext* context, const base::Error& error);
  /// Runs `action` on the core.
  void post(std::move_only_function<void()> action) { ports_.runtime.post(std::move(action)); }
  /// Memory for a call, or a message, that is not accepted yet. Errors: kThrottled.
  base::Result<MemoryBudget::Share> admit(std::size_t bytes);
  const Ports& ports() const { return ports_; }

  // ---- the core's thread
  void open(Services services) { services_.emplace(services); }
  /// From now on new work is refused as unavailable, and streams are told to end.
  void close();
  /// Errors: kStopped before open() and after close().
  base::Result<Services> services() const;
  /// The stream is told when the agent stops, until remove().
  void add(OpenStream& stream) { streams_.insert(&stream); }
  void remove(OpenStream& stream) { streams_.erase(&stream); }
  /// Starts a call's coroutine and counts it.
  void spawn(runtime::Task<void> call);
  /// Returns when no call's coroutine is left, or at `deadline`.
  runtime::Task<bool> wait_idle(runtime::MonoTime deadline);
  std::size_t calls_in_progress() const { return calls_; }

 private:
  struct Answer {
    grpc::ServerUnaryReactor* reactor = nullptr;
    grpc::Status status;
  };

  void finish_soon(Answer answer);
  void finish_ready();
  runtime::Task<void> counted(runtime::Task<void> call);
  runtime::Task<void> run_unary(grpc::CallbackServerContext* context,
                                grpc::ServerUnaryReactor* reactor, Work work);

  Ports ports_;
  std::optional<Services> services_;
  std::set<OpenStream*> streams_;
  std::size_t calls_ = 0;
  runtime::Signal idle_;  ///< The last call's coroutine has ended.

  std::mutex mutex_;           ///< Of what follows, but for the alarm.
  std::vector<Answer> ready_;  ///< Decided by the core, not yet handed to gRPC.
  bool finishing_ = false;     ///< One of gRPC's threads is in finish_ready(), or called there.
  std::condition_variable finished_;
  std::unique_ptr<grpc::Alarm> alarm_;  ///< Calls it. The core's thread's own; a new one each time.
};

}  // namespace streamhouse::rpc
