#pragma once
/// \file  HttpServer: a small HTTP/1.1 server for health checks, metrics and the like. Requests
/// have no body, answers come from memory.

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>

#include "base/error.h"
#include "net/address.h"
#include "runtime/runtime.h"
#include "runtime/telemetry/metrics.h"

namespace streamhouse::net {

struct HttpRequest {
  std::string path;  ///< As sent, without the query.
};

struct HttpResponse {
  unsigned status = 200;
  std::string content_type = "text/plain; charset=utf-8";
  std::string body;
};

/// Answers GET and HEAD. Called on the runtime's executor.
using HttpHandler = std::move_only_function<HttpResponse(const HttpRequest&)>;

/// A request that is malformed or has a body is answered 400, a header that is too long 431, and
/// the connection closed; another method is answered 405. When there are too many connections, the
/// one that has been idle longest makes room, so that slow clients never keep others out.
/// Lifetime:  close() has returned before it ends, unless its runtime ended.
/// Threading: the runtime's executor, which must be an io_context's (AsioRuntime).
class HttpServer {
 public:
  struct Options {
    std::size_t header_bytes_max = 8192;
    std::size_t connections_max = 64;
    runtime::Duration request_time_max = std::chrono::seconds(10);  ///< Also to wait for the next.
    runtime::Gauge* connections = nullptr;  ///< Counts open connections, if there is one.
  };

  HttpServer(runtime::Runtime& runtime, Options options, HttpHandler handler);
  ~HttpServer();
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  /// Starts to accept. Returns the address with the port that was chosen. Blocks while a host name
  /// is looked up. Errors: kUnavailable, naming the address.
  base::Result<HostPort> listen(const HostPort& address);
  std::size_t connection_count() const;
  /// Closes every connection at once and returns when none is left.
  runtime::Task<void> close();

 private:
  class Connections;
  std::unique_ptr<Connections> connections_;
};

}  // namespace streamhouse::net
