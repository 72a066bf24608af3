#pragma once
/// \file  HttpClient: every HTTP request that the process makes, over one loop that keeps
/// connections open.

#include <memory>

#include "base/error.h"
#include "net/http/http_message.h"
#include "runtime/runtime.h"

namespace streamhouse::net {

/// libcurl's multi interface on a thread of its own. Driving curl's sockets from the core's
/// executor would save a caller two hops between threads, some 50 us beside an object store's
/// milliseconds; but then the core would encrypt, copy to sockets and parse for every transfer, and
/// its callbacks would have to be proved free of re-entrance. Here one thread owns every handle,
/// and requests and answers cross to it and back by value.
///
/// Follows no redirects, uses no proxy, speaks HTTP/1.1. A request on a kept connection that turns
/// out to be dead before a byte of an answer is sent once more by itself, so requests must be
/// repeatable.
/// Lifetime:  ends before its runtime. Requests that are under way are dropped then, and their
///            callers not resumed.
/// Threading: the runtime's executor.
class HttpClient {
 public:
  struct Options {
    std::size_t transfers_max = 64;  ///< At once; each may hold 1.3 MiB of libcurl's buffers.
    std::size_t queue_max = 4096;    ///< Requests that wait for one of these; beyond it kThrottled.
    runtime::Duration connect_max = std::chrono::seconds(5);  ///< To resolve, connect and greet.
    std::chrono::seconds stall_max{15};  ///< Without a byte in either direction.
    std::string ca_file = {};            ///< Certificates to trust; empty: the system's.
  };

  HttpClient(runtime::Runtime& runtime, Options options);
  ~HttpClient();
  HttpClient(const HttpClient&) = delete;
  HttpClient& operator=(const HttpClient&) = delete;

  /// Returns the answer, whatever its status. Errors: kUnavailable if the server cannot have had
  /// the whole request; kUnknownOutcome if it may have had it, but no whole answer came (in time);
  /// kThrottled; kInvalid for a malformed URL. Texts name the URL without its query.
  /// Cancel: the request goes on and its answer is dropped.
  runtime::Task<base::Result<ClientResponse>> send(ClientRequest request);

 private:
  class Loop;

  runtime::Runtime& runtime_;
  std::unique_ptr<Loop> loop_;
};

}  // namespace streamhouse::net
