#include "metadata/dynamodb/driver/client.h"

#include <algorithm>
#include <utility>

#include "base/hex.h"
#include "metadata/dynamodb/messages/messages.h"
#include "net/aws/sha256.h"
#include "net/aws/signature_v4.h"

namespace streamhouse::metadata::dynamodb {

using base::Errc;

namespace {

/// Between half of it and all: callers that failed together do not come back together.
runtime::Duration part_of(runtime::Duration pause, runtime::Random& random) {
  const auto half = static_cast<std::uint64_t>(pause.count() / 2);
  return runtime::Duration(static_cast<std::int64_t>(half + random.below(half + 1)));
}

Answer failed(base::Error error, Failure failure) {
  return {.body = std::move(error), .failure = failure};
}

/// What an error of the HTTP client or of the credentials leaves behind.
Answer not_answered(base::Error error, Effect effect) {
  const bool open = error.code == Errc::kUnknownOutcome && effect == Effect::kWrite;
  if (error.code == Errc::kUnknownOutcome && !open) error.code = Errc::kUnavailable;
  if (open) return failed(std::move(error), Failure::kUnknown);
  const bool passing = error.code == Errc::kUnavailable || error.code == Errc::kThrottled;
  return failed(std::move(error), passing ? Failure::kDown : Failure::kNone);
}

net::ClientRequest signed_request(const Endpoint& endpoint, Request request,
                                  const net::AwsCredentials& credentials, runtime::WallMs now) {
  net::SignableRequest signable{
      .method = "POST",
      .host = endpoint.host,
      .path = "/",
      .headers = {{"content-type", "application/x-amz-json-1.0"},
                  {"x-amz-target", "DynamoDB_20120810." + request.operation}},
      .payload_sha256 = base::to_hex(base::BytesView(net::sha256(base::as_bytes(request.body))))};
  const net::SigningScope scope{.region = endpoint.region, .service = "dynamodb"};
  return {.method = "POST",
          .url = endpoint.url() + "/",
          .headers = net::sign_v4(signable, scope, credentials, now),
          .body = {base::Bytes(std::move(request.body))},
          .response_bytes_max = request.answer_bytes_max,
          .time_max = request.time_max};
}

}  // namespace

Result<Endpoint> locate(const std::string& region, std::string_view url) {
  if (url.empty()) {
    const std::string domain = region.starts_with("cn-") ? ".amazonaws.com.cn" : ".amazonaws.com";
    return Endpoint{.host = "dynamodb." + region + domain, .region = region};
  }
  const auto colon = url.find("://");
  const std::string_view scheme = url.substr(0, std::min(colon, url.size()));
  std::string_view host = colon == std::string_view::npos ? "" : url.substr(colon + 3);
  while (host.ends_with('/')) host.remove_suffix(1);
  if ((scheme != "http" && scheme != "https") || host.empty() ||
      host.find_first_of("/?#@ ") != std::string_view::npos)
    return {Errc::kInvalid, "endpoint of DynamoDB: expected http://HOST:PORT or https://HOST"};
  const std::string_view own_port = scheme == "http" ? ":80" : ":443";
  if (host.ends_with(own_port)) host.remove_suffix(own_port.size());
  return Endpoint{.scheme = std::string(scheme), .host = std::string(host), .region = region};
}

Task<Answer> Client::attempt(Request request) {
  const Effect effect = request.effect;
  const std::string what = request.operation + " at " + endpoint_.host;
  auto credentials = co_await ports_.credentials.fetch();
  if (!credentials) co_return not_answered(std::move(credentials).error(), Effect::kRead);
  const runtime::WallMs sent = ports_.runtime.wall_now();
  net::ClientRequest message =
      signed_request(endpoint_, std::move(request), *credentials, clock_.now(sent));
  auto response = co_await ports_.http.send(std::move(message));
  if (!response) co_return not_answered(std::move(response).error(), effect);
  clock_.observe(response->header("date"), sent, ports_.runtime.wall_now());
  if (response->ok()) co_return Answer{.body = std::move(response->body)};
  Answer answer = failed({}, Failure::kNone);
  answer.refusal = parse_refusal(*response);
  if (concerns_credentials(answer.refusal)) ports_.credentials.reject();
  Verdict verdict = judge(answer.refusal, effect, what);
  answer.body = std::move(verdict.error);
  answer.failure = verdict.failure;
  co_return answer;
}

Task<bool> Client::wait(RetryPolicy& retry, Failure failure, runtime::MonoTime started) {
  const auto pause = retry.next(failure, ports_.runtime.now() - started);
  if (!pause) co_return false;
  ++retry_count_;
  co_await ports_.runtime.sleep(part_of(*pause, ports_.runtime.random()));
  co_return true;
}

Task<Answer> Client::call(Request request) {
  RetryPolicy retry(retries_);
  const runtime::MonoTime started = ports_.runtime.now();
  while (true) {
    Answer answer = co_await attempt(request);
    answer.is_open = retry.is_open();
    // Only the same request tells whether an earlier attempt was applied: no loss before that.
    if (answer.is_open && was_outrun(answer.refusal)) answer.failure = Failure::kDown;
    if (answer.body || answer.failure == Failure::kLost) co_return answer;
    const bool again = co_await wait(retry, answer.failure, started);
    if (again) continue;
    answer.body = retry.settle(std::move(answer.body).error());
    co_return answer;
  }
}

}  // namespace streamhouse::metadata::dynamodb
