#include "objectstore/s3/s3_parts.h"

#include <algorithm>
#include <utility>

#include "base/hex.h"
#include "net/aws/sha256.h"
#include "net/aws/xml_text.h"
#include "runtime/task_group.h"

namespace streamhouse::objectstore {

using base::Errc;
using net::ClientResponse;

namespace {

constexpr std::size_t kPartsAtOnce = 4;
constexpr int kFailedInside = 500;

}  // namespace

Chunks slice_chunks(const Chunks& content, ByteRange range) {
  Chunks slice;
  std::uint64_t begin = 0;
  for (const Bytes& chunk : content) {
    const std::uint64_t end = begin + chunk.size();
    const std::uint64_t from = std::max(begin, range.position);
    const std::uint64_t to = std::min(end, range.end());
    if (from < to) slice.push_back(chunk.slice(from - begin, to - from));
    begin = end;
  }
  return slice;
}

std::string sha256_hex(const Chunks& content) {
  net::Sha256 hash;
  for (const Bytes& chunk : content) hash.update(chunk);
  return base::to_hex(base::BytesView(hash.finish()));
}

S3PartsUpload::S3PartsUpload(Ports ports, Object object)
    : ports_(ports),
      object_(std::move(object)),
      part_count_((total_size(object_.content) + object_.part_bytes - 1) / object_.part_bytes),
      etags_(part_count_) {}

Task<Result<ClientResponse>> S3PartsUpload::run() {
  SH_CO_TRY_OK(co_await begin());
  const Status parts = co_await put_parts();
  if (!parts) {
    co_await abandon();
    co_return parts.error();
  }
  auto completed = co_await complete();
  const bool refused = completed && completed->status >= 400 && completed->status < 500;
  if (refused) co_await abandon();
  co_return completed;
}

Task<Status> S3PartsUpload::begin() {
  S3Request request{.method = "POST", .key = object_.key, .headers = object_.at_start};
  request.query = {{"uploads", ""}};
  SH_CO_TRY(const ClientResponse answer,
            co_await ports_.client.call(std::move(request), S3Effect::kRead));
  const auto root = net::XmlElement::parse(base::as_text(answer.body));
  if (root) upload_id_ = root->text_of("UploadId");
  if (!upload_id_.empty()) co_return Status();
  co_return base::make_error(Errc::kUnavailable, "POST " + object_.key + ": no upload id");
}

Task<Status> S3PartsUpload::put_parts() {
  runtime::TaskGroup group(ports_.retries.runtime);
  for (std::size_t i = 0; i < kPartsAtOnce; ++i) group.spawn(put_waiting_parts());
  co_await group.close();
  if (failure_) co_return *failure_;
  co_return Status();
}

Task<void> S3PartsUpload::put_waiting_parts() {
  while (next_part_ < part_count_ && !failure_) {
    const std::size_t number = next_part_++;
    auto etag = co_await put_part(number);
    if (etag) {
      etags_[number] = *std::move(etag);
    } else {
      failure_ = std::move(etag).error();
    }
  }
}

Task<Result<std::string>> S3PartsUpload::put_part(std::size_t number) {
  const std::uint64_t position = number * object_.part_bytes;
  const std::uint64_t rest = total_size(object_.content) - position;
  Chunks part = slice_chunks(object_.content,
                             {.position = position, .length = std::min(rest, object_.part_bytes)});
  auto work = [part] { return sha256_hex(part); };
  std::string sha256 = co_await ports_.pool.run(std::move(work));
  auto begin = [this, number, part = std::move(part), sha256 = std::move(sha256)] {
    return put_part_once(number, part, sha256);
  };
  SH_CO_TRY(const ClientResponse answer,
            co_await retry_call<ClientResponse>(ports_.retries, std::move(begin)));
  std::string etag(answer.header("etag"));
  if (etag.empty())
    co_return base::make_error(Errc::kUnavailable, "PUT " + object_.key + ": a part without ETag");
  co_return etag;
}

Task<Result<ClientResponse>> S3PartsUpload::put_part_once(std::size_t number, Chunks part,
                                                          std::string sha256) {
  S3Request request{.method = "PUT", .key = object_.key};
  request.query = {{"partNumber", std::to_string(number + 1)}, {"uploadId", upload_id_}};
  request.body = std::move(part);
  request.body_sha256 = std::move(sha256);
  co_return co_await ports_.client.call(std::move(request), S3Effect::kRead);
}

Task<Result<ClientResponse>> S3PartsUpload::complete() {
  std::string body = "<CompleteMultipartUpload>";
  for (std::size_t i = 0; i < part_count_; ++i) {
    body += "<Part><PartNumber>" + std::to_string(i + 1) + "</PartNumber><ETag>" +
            net::escape_xml(etags_[i]) + "</ETag></Part>";
  }
  body += "</CompleteMultipartUpload>";
  S3Request request{.method = "POST", .key = object_.key, .headers = object_.at_end};
  request.query = {{"uploadId", upload_id_}};
  request.body.emplace_back(std::move(body));
  request.body_sha256 = sha256_hex(request.body);
  SH_CO_TRY(ClientResponse answer, co_await ports_.client.send(std::move(request)));
  // The status comes before the parts are put together: what went wrong then is in the body.
  if (answer.ok() && !refusal_of(answer).code.empty()) answer.status = kFailedInside;
  co_return answer;
}

/// What is left of an upload costs money; what cannot be removed now, a rule of the bucket may.
Task<void> S3PartsUpload::abandon() {
  S3Request request{.method = "DELETE", .key = object_.key};
  request.query = {{"uploadId", upload_id_}};
  const auto ignored = co_await ports_.client.send(std::move(request));
  static_cast<void>(ignored);
}

}  // namespace streamhouse::objectstore
