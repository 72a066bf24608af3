#pragma once
/// \file  RpcServer: the gRPC front end of an agent, from the listening port to the services.

#include <memory>
#include <string>

#include "rpc/core_bridge.h"
#include "runtime/blocking_pool.h"

namespace grpc {
class Server;
}

namespace streamhouse::rpc {

struct RpcConfig {
  std::string address = "127.0.0.1:9090";  ///< host:port; port 0 = any free one.
  /// Larger messages are refused by gRPC itself. Far above what max.message.bytes lets through, so
  /// that a batch that is too large is refused by name.
  std::size_t message_bytes_max = 16u << 20;
  /// gRPC's own buffers of all connections.
  std::size_t transport_bytes_max = 64u << 20;
  /// Calls in progress, and messages until their batches are accepted. What all buffers of an agent
  /// come to is docs/operations.md, "Sizing".
  std::size_t request_bytes_max = 128u << 20;
  /// Messages on their way to clients. Streams send smaller ones the less is left.
  std::size_t reply_bytes_max = 128u << 20;
  int streams_per_connection_max = 10'000;
};

/// Lifetime:  start(), serve() when the core is there, stop_serving(), stop(), then destruction.
class RpcServer {
 public:
  RpcServer(runtime::Runtime& runtime, runtime::Metrics& metrics, RpcConfig config);
  /// Requires: not started, or stopped.
  ~RpcServer();

  /// Listens. Until serve() every call is answered `unavailable`, and health says NOT_SERVING.
  /// Returns the port. Errors: kInvalid (no such address), kConflict (the port is taken).
  base::Result<int> start();

  /// Serves from now on. Threading, these two: the core's executor.
  void serve(Services services);
  /// What the health service says; both services are one.
  void set_health(bool serving);
  /// Refuses new calls, ends streams. What is in progress goes on.
  void stop_serving();
  /// Returns when every call has ended; at `deadline` those in progress are cut off. Requires:
  /// stop_serving(). The blocking part runs in `pool`.
  runtime::Task<void> stop(runtime::BlockingPool& pool, runtime::MonoTime deadline);

 private:
  class Apis;

  RpcConfig config_;
  runtime::Runtime& runtime_;
  CallMetrics metrics_;
  MemoryBudget requests_;
  MemoryBudget replies_;
  CoreBridge bridge_;
  std::unique_ptr<Apis> apis_;
  std::unique_ptr<grpc::Server> server_;
};

}  // namespace streamhouse::rpc
