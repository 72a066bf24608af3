#include "objectstore/s3/s3_probe.h"

#include <utility>

#include "base/hex.h"
#include "net/aws/sha256.h"

namespace streamhouse::objectstore {

using net::ClientResponse;

namespace {

constexpr int kPreconditionFailed = 412;
constexpr int kNotImplemented = 501;

S3Request put_request(const std::string& key, std::string content) {
  const std::string sha256 = base::to_hex(base::BytesView(net::sha256(base::as_bytes(content))));
  return {.method = "PUT",
          .key = key,
          .headers = {{"if-none-match", "*"}},
          .body = {Bytes(std::move(content))},
          .body_sha256 = sha256};
}

/// Sends requests of a probe and words their refusals.
class Prober {
 public:
  Prober(runtime::Runtime& runtime, S3Client& client, S3Probe probe)
      : runtime_(runtime), client_(client), probe_(std::move(probe)) {}

  Task<Result<S3CreateOnly>> run() {
    SH_CO_TRY_OK(co_await list());
    if (probe_.access == S3Access::kRead) co_return S3CreateOnly::kByServer;
    SH_CO_TRY(const S3CreateOnly create_only, co_await put_twice());
    SH_CO_TRY_OK(co_await use("GET"));
    SH_CO_TRY_OK(co_await use("DELETE"));
    co_return create_only;
  }

 private:
  std::string key() const { return probe_.prefix + ".probe/" + probe_.object_name; }

  Task<Status> list() {
    S3Request list{.response_bytes_max = 1u << 20};
    list.query = {{"list-type", "2"}, {"prefix", probe_.prefix}, {"max-keys", "1"}};
    SH_CO_TRY(const ClientResponse answer, co_await send(std::move(list), S3Effect::kRead));
    co_return check(answer, "GET bucket " + probe_.asked.bucket);
  }

  /// What the server makes of a second put says what it does with the condition.
  Task<Result<S3CreateOnly>> put_twice() {
    S3Request first = put_request(key(), "one");
    SH_CO_TRY(const ClientResponse answer, co_await send(std::move(first), S3Effect::kWrite));
    if (answer.status == kNotImplemented) co_return S3CreateOnly::kByLook;
    if (answer.status != kPreconditionFailed) SH_CO_TRY_OK(check(answer, "PUT " + key()));
    S3Request second = put_request(key(), "two");
    SH_CO_TRY(const ClientResponse again, co_await send(std::move(second), S3Effect::kWrite));
    if (again.status == kPreconditionFailed) co_return S3CreateOnly::kByServer;
    SH_CO_TRY_OK(check(again, "PUT " + key()));
    co_return S3CreateOnly::kByLook;
  }

  Task<Status> use(std::string method) {
    const std::string what = method + " " + key();
    S3Request request{.method = std::move(method), .key = key()};
    SH_CO_TRY(const ClientResponse answer, co_await send(std::move(request), S3Effect::kRead));
    const bool never_put = answer.status == 404 && refusal_of(answer).code == "NoSuchKey";
    if (never_put) co_return Status();  // a server without conditional puts refused it
    co_return check(answer, what);
  }

  Task<Result<ClientResponse>> send(S3Request request, S3Effect effect) {
    probe_.asked.here = net::amz_date(runtime_.wall_now());
    auto answer = co_await client_.send(std::move(request));
    if (!answer && effect == S3Effect::kRead) co_return as_read(std::move(answer).error());
    co_return answer;
  }

  Status check(const ClientResponse& answer, const std::string& what) const {
    if (answer.ok()) return {};
    return error_at_start(refusal_of(answer), probe_.asked, answer, what);
  }

  runtime::Runtime& runtime_;
  S3Client& client_;
  S3Probe probe_;
};

}  // namespace

Task<Result<S3CreateOnly>> probe_bucket(runtime::Runtime& runtime, S3Client& client,
                                        S3Probe probe) {
  Prober prober(runtime, client, std::move(probe));
  co_return co_await prober.run();
}

}  // namespace streamhouse::objectstore
