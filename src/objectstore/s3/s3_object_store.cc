#include "objectstore/s3/s3_object_store.h"

#include <algorithm>
#include <utility>

#include "objectstore/object_key.h"
#include "objectstore/s3/s3_removal.h"
#include "objectstore/store_error.h"

namespace streamhouse::objectstore {

using base::Errc;
using net::ClientResponse;

namespace {

constexpr int kNotFound = 404;
constexpr int kConflict = 409;
constexpr int kPreconditionFailed = 412;
constexpr int kRangeNotSatisfiable = 416;
constexpr int kPartialContent = 206;
constexpr std::string_view kSha256Header = "x-amz-meta-sha256";
/// S3's largest object. A range that ends beyond is answered without asking for it.
constexpr std::uint64_t kObjectBytesMax = std::uint64_t{5} << 40;
constexpr std::size_t kErrorBytesMax = 64u << 10;
constexpr std::size_t kListBytesMax = 8u << 20;
/// Hashing more than this takes longer than going to another thread.
constexpr std::uint64_t kHashHereBytesMax = 128u << 10;
constexpr runtime::Backoff::Limits kPartBackoff{.first = std::chrono::milliseconds(50),
                                                .longest = std::chrono::seconds(2)};

std::string range_text(ByteRange range) {
  return "bytes=" + std::to_string(range.position) + "-" + std::to_string(range.end() - 1);
}

bool is_missing_object(const ClientResponse& response) {
  if (response.status != kNotFound) return false;
  const S3Refusal refusal = refusal_of(response);
  return refusal.code.empty() || refusal.code == "NoSuchKey";
}

/// The object's size, if the answer has exactly the bytes asked for.
Result<std::uint64_t> check_answer(const ClientResponse& response, const ObjectKey& key,
                                   ByteRange range) {
  const auto wrong = [&key] {
    return base::make_error(Errc::kUnavailable,
                            "get " + key + ": the answer is not the range that was asked for");
  };
  std::uint64_t size = response.body.size();
  if (response.status == kPartialContent) {
    const auto content = parse_content_range(response.header("content-range"));
    if (!content || content->first != range.position) return wrong();
    SH_TRY_OK(check_range(key, content->size, range));
    if (content->last != range.end() - 1) return wrong();
    size = content->size;
  } else if (range.position != 0) {
    return wrong();
  }
  if (response.body.size() != range.length) return wrong();
  return size;
}

}  // namespace

S3Request S3ObjectStore::request(std::string method, const ObjectKey& key) const {
  return {.method = std::move(method), .key = options_.prefix + key};
}

Task<std::string> S3ObjectStore::hash(Chunks chunks) {
  if (total_size(chunks) <= kHashHereBytesMax) co_return sha256_hex(chunks);
  auto work = [chunks = std::move(chunks)] { return sha256_hex(chunks); };
  co_return co_await ports_.pool.run(std::move(work));
}

Task<Status> S3ObjectStore::put(ObjectKey key, Chunks content) {
  SH_CO_TRY_OK(check_key(key));
  Content whole{.key = std::move(key), .chunks = std::move(content)};
  whole.size = total_size(whole.chunks);
  Chunks to_hash = whole.chunks;
  whole.sha256 = co_await hash(std::move(to_hash));
  const bool large = whole.size > options_.single_put_bytes_max;
  if (large || options_.create_only == S3CreateOnly::kByLook) {
    Content there = whole;
    const std::optional<Status> looked = co_await look(std::move(there));
    if (looked) co_return *looked;
  }
  co_return co_await put_new(std::move(whole));
}

Task<Status> S3ObjectStore::put_new(Content content) {
  const bool large = content.size > options_.single_put_bytes_max;
  const std::string what = "PUT " + options_.prefix + content.key;
  Content to_put = content;
  auto put = large ? put_parts(std::move(to_put)) : put_whole(std::move(to_put));
  SH_CO_TRY(const ClientResponse response, co_await std::move(put));
  if (response.ok()) co_return Status();
  const S3Refusal refusal = refusal_of(response);
  const bool met = refusal.status == kPreconditionFailed || refusal.code == "NoSuchUpload";
  if (met) co_return co_await compare(std::move(content));
  // Another put of the key, or its removal, is under way: what will be there is not settled.
  if (refusal.status == kConflict)
    co_return base::make_error(Errc::kUnavailable, what + ": 409 " + refusal.code);
  co_return error_in_use(refusal, S3Effect::kWrite, what);
}

Task<Result<ClientResponse>> S3ObjectStore::put_whole(Content content) {
  S3Request put = request("PUT", content.key);
  put.headers = {{std::string(kSha256Header), content.sha256}};
  if (options_.create_only == S3CreateOnly::kByServer)
    put.headers.push_back({"if-none-match", "*"});
  put.body = std::move(content.chunks);
  put.body_sha256 = std::move(content.sha256);
  return ports_.client.send(std::move(put));
}

Task<Result<ClientResponse>> S3ObjectStore::put_parts(Content content) {
  S3PartsUpload::Object object{.key = options_.prefix + content.key,
                               .content = std::move(content.chunks),
                               .part_bytes = options_.part_bytes};
  object.at_start = {{std::string(kSha256Header), content.sha256}};
  if (options_.create_only == S3CreateOnly::kByServer) object.at_end = {{"if-none-match", "*"}};
  const Retries retries{
      .runtime = ports_.runtime, .policy = part_retries_, .backoff = kPartBackoff};
  S3PartsUpload upload({.pool = ports_.pool, .client = ports_.client, .retries = retries},
                       std::move(object));
  co_return co_await upload.run();
}

Task<Status> S3ObjectStore::compare(Content content) {
  const ObjectKey key = content.key;
  const std::optional<Status> looked = co_await look(std::move(content));
  if (looked) co_return *looked;
  co_return base::make_error(Errc::kUnavailable, "put " + key + ": it was removed meanwhile");
}

Task<std::optional<Status>> S3ObjectStore::look(Content content) {
  const auto found = co_await find(content.key);
  if (!found) co_return Status(found.error());
  const std::optional<Stored>& stored = *found;
  if (!stored) co_return std::nullopt;
  if (stored->size != content.size) co_return Status(object_exists(content.key));
  std::string sha256 = stored->sha256;
  if (sha256.empty()) {
    const auto bytes = co_await get_whole(content.key, content.size);
    if (!bytes) co_return Status(bytes.error());
    Chunks to_hash{*bytes};
    sha256 = co_await hash(std::move(to_hash));
  }
  if (sha256 != content.sha256) co_return Status(object_exists(content.key));
  co_return Status();
}

Task<Result<std::optional<S3ObjectStore::Stored>>> S3ObjectStore::find(ObjectKey key) {
  using Found = Result<std::optional<Stored>>;
  S3Request head = request("HEAD", key);
  const std::string what = describe(head);
  auto response = co_await ports_.client.send(std::move(head));
  if (!response) co_return as_read(std::move(response).error());
  if (response->status == kNotFound) co_return Found(std::nullopt);
  if (!response->ok()) co_return error_in_use(refusal_of(*response), S3Effect::kRead, what);
  const auto size = parse_count(response->header("content-length"));
  if (!size) co_return base::make_error(Errc::kUnavailable, what + ": an answer without a length");
  co_return Found(Stored{.size = *size, .sha256 = std::string(response->header(kSha256Header))});
}

Task<Result<ObjectInfo>> S3ObjectStore::head(ObjectKey key) {
  SH_CO_TRY_OK(check_key(key));
  SH_CO_TRY(const auto stored, co_await find(key));
  if (!stored) co_return object_not_found(key);
  co_return ObjectInfo{.key = std::move(key), .size = stored->size};
}

Task<Result<Bytes>> S3ObjectStore::get(ObjectKey key, ByteRange range) {
  SH_CO_TRY_OK(check_key(key));
  const bool impossible =
      range.position > kObjectBytesMax || range.length > kObjectBytesMax - range.position;
  if (range.length > 0 && !impossible) co_return co_await get_some(std::move(key), range);
  SH_CO_TRY(const ObjectInfo info, co_await head(key));
  SH_CO_TRY_OK(check_range(key, info.size, range));
  co_return Bytes();
}

Task<Result<Bytes>> S3ObjectStore::get_some(ObjectKey key, ByteRange range) {
  S3Request get = request("GET", key);
  get.headers = {{"range", range_text(range)}};
  get.response_bytes_max = std::max<std::size_t>(range.length, kErrorBytesMax);
  const std::string what = describe(get);
  auto response = co_await ports_.client.send(std::move(get));
  if (!response) co_return as_read(std::move(response).error());
  if (is_missing_object(*response)) co_return object_not_found(key);
  if (response->status == kRangeNotSatisfiable) {
    SH_CO_TRY(const ObjectInfo info, co_await head(key));
    SH_CO_TRY_OK(check_range(key, info.size, range));
  }
  if (!response->ok()) co_return error_in_use(refusal_of(*response), S3Effect::kRead, what);
  SH_CO_TRY(const std::uint64_t size, check_answer(*response, key, range));
  const std::string expected(response->header(kSha256Header));
  if (size == range.length && !expected.empty()) {
    Chunks to_hash{response->body};
    const std::string actual = co_await hash(std::move(to_hash));
    if (actual != expected)
      co_return base::make_error(Errc::kCorrupt, "object " + key + " has another SHA-256");
  }
  co_return std::move(response->body);
}

Task<Result<Bytes>> S3ObjectStore::get_whole(ObjectKey key, std::uint64_t size) {
  return get(std::move(key), ByteRange{.position = 0, .length = size});
}

Task<Result<ObjectPage>> S3ObjectStore::list(std::string prefix, ObjectKey start_after,
                                             std::size_t limit) {
  SH_CO_TRY_OK(check_list(prefix, limit));
  ObjectPage page;
  std::string after = start_after.empty() ? "" : options_.prefix + start_after;
  while (true) {
    S3Request list{.response_bytes_max = kListBytesMax};
    const std::size_t wanted = std::min(limit + 1 - page.objects.size(), kListLimitMax);
    list.query = {{"list-type", "2"},
                  {"encoding-type", "url"},
                  {"prefix", options_.prefix + prefix},
                  {"max-keys", std::to_string(wanted)}};
    if (!after.empty()) list.query.emplace_back("start-after", after);
    SH_CO_TRY(const ClientResponse response,
              co_await ports_.client.call(std::move(list), S3Effect::kRead));
    SH_CO_TRY(S3ListPage part, parse_list_page(response));
    for (S3Listed& listed : part.objects) {
      if (listed.key <= after) co_return base::make_error(Errc::kUnavailable, "a list runs back");
      after = listed.key;
      std::string key = listed.key.substr(std::min(options_.prefix.size(), listed.key.size()));
      if (!check_key(key)) continue;  // no object of ours
      page.more = page.objects.size() == limit;
      if (page.more) co_return page;
      page.objects.push_back(
          {.key = std::move(key), .size = listed.size, .modified_ms = listed.modified_ms});
    }
    if (!part.truncated) co_return page;
    if (part.objects.empty())
      co_return base::make_error(Errc::kUnavailable, "a list goes on, but without objects");
  }
}

Task<Status> S3ObjectStore::remove(ObjectKey key) {
  SH_CO_TRY_OK(check_key(key));
  S3Request remove = request("DELETE", key);
  const std::string what = describe(remove);
  SH_CO_TRY(const ClientResponse response, co_await ports_.client.send(std::move(remove)));
  if (response.ok() || is_missing_object(response)) co_return Status();
  co_return error_in_use(refusal_of(response), S3Effect::kWrite, what);
}

Task<Result<std::vector<Status>>> S3ObjectStore::remove_many(std::vector<ObjectKey> keys) {
  const auto is_key = [](const ObjectKey& key) { return check_key(key).has_value(); };
  const bool together = keys.size() > 1 && keys.size() <= removals_per_request_;
  if (!together || !std::ranges::all_of(keys, is_key))
    co_return co_await ObjectStore::remove_many(std::move(keys));
  S3Request removal = removal_request(options_.prefix, keys);
  SH_CO_TRY(const ClientResponse response, co_await ports_.client.send(std::move(removal)));
  const std::string what = "DELETE of " + std::to_string(keys.size()) + " objects";
  if (!response.ok()) {
    const S3Refusal refusal = refusal_of(response);
    if (!is_no_removal_of_many(refusal)) co_return error_in_use(refusal, S3Effect::kWrite, what);
    removals_per_request_ = 1;
    co_return co_await ObjectStore::remove_many(std::move(keys));
  }
  SH_CO_TRY(const auto refused, parse_removal(response));
  std::vector<Status> removed(keys.size());
  for (std::size_t i = 0; i < keys.size(); ++i) {
    const std::string whole = options_.prefix + keys[i];
    const auto found = refused.find(whole);
    if (found != refused.end())
      removed[i] = error_in_use(found->second, S3Effect::kWrite, "DELETE " + whole);
  }
  co_return removed;
}

}  // namespace streamhouse::objectstore
