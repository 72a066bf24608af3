#pragma once
/// \file  Client: signed requests to DynamoDB, sent until their outcome is known.

#include <functional>
#include <string>

#include "metadata/dynamodb/driver/retry_policy.h"
#include "metadata/dynamodb/driver/server_clock.h"
#include "metadata/dynamodb/messages/refusal.h"
#include "net/aws/credentials/credentials.h"
#include "net/http/http_client.h"
#include "runtime/runtime.h"

namespace streamhouse::metadata::dynamodb {

using base::Result;
using base::Status;
using runtime::Task;

/// Where the service is.
struct Endpoint {
  std::string scheme = "https";
  std::string host = {};  ///< With the port, if one is named.
  std::string region = {};
  std::string url() const { return scheme + "://" + host; }
};
/// On AWS in `region` if `url` is empty, else at that URL. Errors: kInvalid for one that is no
/// `http://` or `https://` URL of a host.
Result<Endpoint> locate(const std::string& region, std::string_view url);

struct Request {
  std::string operation;  ///< `PutItem`
  std::string body;
  Effect effect = Effect::kRead;
  std::size_t answer_bytes_max = 4u << 20;
  /// How long one attempt may take: not as long as a session lasts without a heartbeat, unless many
  /// megabytes are read.
  runtime::Duration time_max = std::chrono::seconds(4);
};

/// The answer of a call: its body, or why there is none.
struct Answer {
  Result<base::Bytes> body;
  Failure failure = Failure::kNone;
  Refusal refusal = {};  ///< As far as the service answered.
  bool is_open = false;  ///< Of a loss: an earlier attempt may have been applied, and made it one.
};

/// Lifetime:  outlives its calls; what it is made of outlives it.
/// Threading: the runtime's executor.
class Client {
 public:
  struct Ports {
    runtime::Runtime& runtime;
    net::HttpClient& http;
    net::CredentialSource& credentials;
  };
  Client(Ports ports, Endpoint endpoint, RetryPolicy::Options retries)
      : ports_(ports), endpoint_(std::move(endpoint)), retries_(retries) {}

  /// Sends it again while RetryPolicy says so. Errors: judge()'s, HttpClient's, the credentials';
  /// kUnknownOutcome whenever an attempt may have been applied.
  Task<Answer> call(Request request);
  /// Before something that failed is sent again, `started` since the first attempt: whether it is
  /// to be, after a pause. `retry` outlives the call.
  Task<bool> wait(RetryPolicy& retry, Failure failure, runtime::MonoTime started);

  runtime::Runtime& runtime() { return ports_.runtime; }
  const Endpoint& endpoint() const { return endpoint_; }
  const RetryPolicy::Options& retries() const { return retries_; }
  /// The service's clock.
  runtime::WallMs now() const { return clock_.now(ports_.runtime.wall_now()); }
  /// Requests sent again so far.
  std::uint64_t retry_count() const { return retry_count_; }

 private:
  Task<Answer> attempt(Request request);

  const Ports ports_;
  const Endpoint endpoint_;
  const RetryPolicy::Options retries_;
  ServerClock clock_;
  std::uint64_t retry_count_ = 0;
};

}  // namespace streamhouse::metadata::dynamodb
