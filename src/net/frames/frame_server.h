#pragma once
/// \file  FrameServer: a TCP server of length-prefixed requests. Requests of a connection are at
/// work side by side and are answered in order.

#include "base/error.h"
#include "net/frames/frame_handler.h"
#include "runtime/runtime.h"
#include "runtime/telemetry/metrics.h"

namespace streamhouse::net {

struct FrameLimits {
  std::size_t frame_bytes_max = 100u << 20;  ///< A longer request closes its connection.
  /// Of all requests at work: beyond it connections are not read. Requests on their way in may have
  /// half as much again, beyond which the one that began first is dropped with its connection.
  std::size_t request_bytes_max = 256u << 20;
  std::size_t requests_max = 1000;         ///< At work for one connection.
  std::size_t reply_bytes_max = 8u << 20;  ///< Unsent, before a connection is not read.
  /// Unsent, of all connections: beyond it the one whose client has taken nothing for longest is
  /// dropped.
  std::size_t replies_bytes_max = 512u << 20;
  std::size_t connections_max = 20'000;  ///< Beyond it the longest idle one makes room.
  runtime::Duration idle_max = std::chrono::minutes(10);          ///< With no request at work.
  runtime::Duration request_time_max = std::chrono::seconds(60);  ///< To come in whole.
  runtime::Duration write_stall_max = std::chrono::seconds(60);   ///< A client that does not read.
};

/// A connection's misuse closes that connection and nothing else.
/// Lifetime:  close() has returned before it ends, unless its runtime ended.
/// Threading: the runtime's executor, which must be an io_context's (AsioRuntime).
class FrameServer {
 public:
  FrameServer(runtime::Runtime& runtime, const FrameLimits& limits, FrameHandlerFactory handlers,
              runtime::Gauge* connections = nullptr);
  ~FrameServer();
  FrameServer(const FrameServer&) = delete;
  FrameServer& operator=(const FrameServer&) = delete;

  /// Starts to accept. Returns the address with the port that was chosen. Blocks while a host name
  /// is looked up. Errors: kUnavailable, naming the address.
  base::Result<HostPort> listen(const HostPort& address);
  std::size_t connection_count() const;
  /// Takes no more connections and requests, lets those at work end and be answered until
  /// `deadline`, then closes every connection. Returns when no handler is left: a call that is at
  /// work is waited for.
  runtime::Task<void> close(runtime::MonoTime deadline);

 private:
  class Connections;
  std::unique_ptr<Connections> connections_;
};

}  // namespace streamhouse::net
