// Goal: what a server can refuse at the start is refused by name; our signatures hold for every
// request; what is stored is checked.
// Method: the server that scripts/with_s3_server starts, asked rightly and wrongly.
#include "tests/contract/objectstore/s3_server.h"

#include <gmock/gmock.h>

#include <algorithm>

#include "base/hex.h"
#include "net/aws/sha256.h"
#include "objectstore/wrappers/limit_object_store.h"
#include "objectstore/wrappers/metrics_object_store.h"
#include "objectstore/wrappers/retry_object_store.h"
#include "runtime/task_group.h"

namespace streamhouse::tests {
namespace {

using namespace objectstore;
using base::Errc;
using testing::AllOf;
using testing::HasSubstr;

/// A process whose calendar is wrong.
class ShiftedRuntime final : public runtime::Runtime {
 public:
  ShiftedRuntime(runtime::AsioRuntime& inner, runtime::WallMs shift)
      : inner_(inner), shift_(shift) {}
  runtime::MonoTime now() const override { return inner_.now(); }
  runtime::WallMs wall_now() const override { return inner_.wall_now() + shift_; }
  runtime::Random& random() override { return inner_.random(); }
  runtime::Executor executor() override { return inner_.executor(); }
  void post(Callback callback) override { inner_.post(std::move(callback)); }
  runtime::TimerId schedule(runtime::MonoTime at, Callback callback) override {
    return inner_.schedule(at, std::move(callback));
  }
  void cancel(runtime::TimerId timer) override { inner_.cancel(timer); }

 private:
  runtime::AsioRuntime& inner_;
  const runtime::WallMs shift_;
};

class S3ServerTest : public testing::Test {
 protected:
  /// Why the bucket is not opened.
  base::Error refusal(S3Config config) {
    auto opened = process_.wait(S3Bucket::open(process_.ports(), std::move(config)));
    return opened ? base::make_error(Errc::kInternal, "opened") : opened.error();
  }
  std::unique_ptr<S3Bucket> open(S3Config config) {
    auto opened = process_.wait(S3Bucket::open(process_.ports(), std::move(config)));
    EXPECT_TRUE(opened) << to_string(opened.error());
    return opened ? *std::move(opened) : nullptr;
  }
  static std::string hash_of(const std::string& content) {
    return base::to_hex(base::BytesView(net::sha256(base::as_bytes(content))));
  }
  net::ClientResponse send(S3Client& client, S3Request request) {
    auto answer = process_.wait(client.send(std::move(request)));
    EXPECT_TRUE(answer) << to_string(answer.error());
    return answer ? *std::move(answer) : net::ClientResponse();
  }
  static S3Request put(std::string key, const std::string& content) {
    return {.method = "PUT",
            .key = std::move(key),
            .body = {Bytes(std::string(content))},
            .body_sha256 = hash_of(content)};
  }

  S3Process process_;
  S3Config config_ = fresh_s3_config(process_.runtime);
};

TEST_F(S3ServerTest, RefusesABucketThatIsNotThere) {
  config_.location.bucket = "no-such-bucket";
  const auto error = refusal(config_);
  EXPECT_EQ(error.code, Errc::kInvalid);
  EXPECT_THAT(error.text, AllOf(HasSubstr("no-such-bucket"), HasSubstr("does not exist")));
}

TEST_F(S3ServerTest, RefusesKeysThatAreUnknownOrWrong) {
  S3Config unknown = config_;
  unknown.aws.access_key_id = "nobody";
  EXPECT_EQ(refusal(unknown).code, Errc::kInvalid);
  EXPECT_THAT(refusal(unknown).text, HasSubstr("access key nobody is not known"));
  S3Config wrong = config_;
  wrong.aws.secret_access_key += "x";
  EXPECT_EQ(refusal(wrong).code, Errc::kInvalid);
  EXPECT_THAT(refusal(wrong).text,
              AllOf(HasSubstr("does not belong to access key " + config_.aws.access_key_id),
                    testing::Not(HasSubstr(config_.aws.secret_access_key))));
}

TEST_F(S3ServerTest, RefusesAWrongClock) {
  for (const runtime::WallMs hours : {-2, 2}) {
    ShiftedRuntime shifted(process_.runtime, hours * 3'600'000);
    const S3Bucket::Ports ports{.runtime = shifted, .pool = process_.pool, .http = process_.http};
    const auto opened = process_.wait(S3Bucket::open(ports, config_));
    ASSERT_FALSE(opened);
    EXPECT_EQ(opened.error().code, Errc::kInvalid);
    EXPECT_THAT(opened.error().text, HasSubstr("this machine's clock is wrong: it says"));
  }
}

TEST_F(S3ServerTest, AnEndpointThatNobodyServesIsTriedAgain) {
  config_.aws.endpoint_s3 = "http://127.0.0.1:1";
  const auto error = refusal(config_);
  EXPECT_EQ(error.code, Errc::kUnavailable);
  EXPECT_THAT(error.text, HasSubstr("127.0.0.1:1"));
}

TEST_F(S3ServerTest, FindsThatTheServerHonoursCreateOnly) {
  const auto bucket = open(config_);
  EXPECT_EQ(bucket->create_only(), S3CreateOnly::kByServer);
  const auto listed = process_.wait(bucket->store().list("", "", 10));
  EXPECT_TRUE(listed && listed->objects.empty()) << "trying leaves nothing behind";
}

TEST_F(S3ServerTest, TheServerChecksOurSignaturesOfAllKindsOfRequests) {
  const auto bucket = open(config_);
  const std::string prefix = config_.location.prefix;
  for (const auto* const name : {"plain", "a b", "a+b", "a=b&c", "a%20b", "\xc3\xa9\xe2\x82\xac",
                                 "~tilde!*'()", "a//b", "a:b@c;d,e$f", "q?x=1#y"}) {
    const auto stored = send(bucket->client(), put(prefix + name, name));
    // MinIO has no such names; the signature was right.
    if (refusal_of(stored).code == "XMinioInvalidObjectName") continue;
    EXPECT_EQ(stored.status, 200) << name << base::to_string(stored.body);
    const auto got = send(bucket->client(), {.key = prefix + name});
    EXPECT_EQ(base::to_string(got.body), name);
  }
  S3Request with_query{.method = "POST", .key = prefix + "parts"};
  with_query.query = {{"uploads", ""}};
  EXPECT_EQ(send(bucket->client(), std::move(with_query)).status, 200);
  // Names that no ObjectKey has: the list passes over them, also where pages are short.
  const auto listed = process_.wait(bucket->store().list("", "", 1));
  ASSERT_TRUE(listed) << to_string(listed.error());
  ASSERT_EQ(listed->objects.size(), 1u);
  EXPECT_EQ(listed->objects[0].key, "plain");
  EXPECT_FALSE(listed->more);
}

TEST_F(S3ServerTest, TheServerRefusesBytesThatChangedOnTheWay) {
  const auto bucket = open(config_);
  S3Request changed = put(config_.location.prefix + "x", "content");
  changed.body_sha256 = hash_of("other content");
  const auto answer = send(bucket->client(), std::move(changed));
  EXPECT_EQ(answer.status, 400) << base::to_string(answer.body);
  EXPECT_EQ(process_.wait(bucket->store().head("x")).error().code, Errc::kNotFound);
}

TEST_F(S3ServerTest, AnObjectThatAnotherProgramPutIsComparedByItsBytes) {
  const auto bucket = open(config_);
  ASSERT_EQ(send(bucket->client(), put(config_.location.prefix + "x", "content")).status, 200);
  EXPECT_TRUE(process_.wait(bucket->store().put("x", {Bytes(std::string("content"))})));
  const auto other = process_.wait(bucket->store().put("x", {Bytes(std::string("CONTENT"))}));
  ASSERT_FALSE(other);
  EXPECT_EQ(other.error().code, Errc::kExists);
}

TEST_F(S3ServerTest, WhatIsStoredUnderAnotherHashIsCorrupt) {
  const auto bucket = open(config_);
  S3Request damaged = put(config_.location.prefix + "x", "damaged");
  damaged.headers = {{"x-amz-meta-sha256", hash_of("content")}};
  ASSERT_EQ(send(bucket->client(), std::move(damaged)).status, 200);
  const auto got = process_.wait(bucket->store().get("x", {0, 7}));
  ASSERT_FALSE(got);
  EXPECT_EQ(got.error().code, Errc::kCorrupt);
  EXPECT_THAT(got.error().text, HasSubstr("x"));
  EXPECT_TRUE(process_.wait(bucket->store().get("x", {1, 3}))) << "a part has no hash";
}

TEST_F(S3ServerTest, ManyObjectsAreRemovedByOneRequest) {
  const auto bucket = open(config_);
  std::vector<ObjectKey> keys;
  for (int i = 0; i < 60; ++i) keys.push_back("some/" + std::to_string(i));
  for (const ObjectKey& key : keys)
    ASSERT_EQ(send(bucket->client(), put(config_.location.prefix + key, key)).status, 200);
  ASSERT_EQ(send(bucket->client(), put(config_.location.prefix + "kept", "x")).status, 200);
  keys.emplace_back("was/never/here");
  runtime::Metrics metrics;
  MetricsObjectStore measured(bucket->store(), process_.runtime, metrics);
  ASSERT_EQ(measured.removals_per_request(), 1'000u);
  const auto removed = process_.wait(measured.remove_many(keys));
  ASSERT_TRUE(removed) << to_string(removed.error());
  EXPECT_EQ(std::ranges::count_if(*removed, [](const auto& one) { return one.has_value(); }), 61);
  EXPECT_EQ(measured.removals_per_request(), 1'000u) << "the server can do it";
  EXPECT_EQ(metrics.counter("objectstore_requests_total", {"delete", "ok"}).value(), 1u);
  const auto left = process_.wait(bucket->store().list("", "", 10));
  ASSERT_TRUE(left && left->objects.size() == 1u);
  EXPECT_EQ(left->objects[0].key, "kept");
}

TEST_F(S3ServerTest, OverTlsTheServerIsWhoItsCertificateSays) {
  config_.aws.endpoint_s3 = s3_server_variable("S3_TEST_TLS_ENDPOINT");
  EXPECT_THAT(refusal(config_).text, HasSubstr("certificate")) << "nobody told us of its authority";
  EXPECT_EQ(refusal(config_).code, Errc::kUnavailable) << "it is tried again";

  net::HttpClient trusting(process_.runtime, {.ca_file = s3_server_variable("S3_TEST_AUTHORITY")});
  const S3Bucket::Ports ports{.runtime = process_.runtime, .pool = process_.pool, .http = trusting};
  const auto opened = process_.wait(S3Bucket::open(ports, config_));
  ASSERT_TRUE(opened) << to_string(opened.error());
  ObjectStore& store = (*opened)->store();
  const std::string large(3u << 20, 'x');
  ASSERT_TRUE(process_.wait(store.put("a", {Bytes(std::string(large))})));
  const auto got = process_.wait(store.get("a", {0, large.size()}));
  ASSERT_TRUE(got) << to_string(got.error());
  EXPECT_EQ(base::as_text(*got), large);

  std::string& endpoint = config_.aws.endpoint_s3;
  endpoint.replace(endpoint.find("127.0.0.1"), std::string("127.0.0.1").size(), "localhost");
  const auto other = process_.wait(S3Bucket::open(ports, config_));
  ASSERT_FALSE(other) << "the certificate names 127.0.0.1";
  EXPECT_EQ(other.error().code, Errc::kUnavailable);
}

TEST_F(S3ServerTest, BucketsMayBePartOfTheHostName) {
  const auto first = open(config_);
  const std::string& direct = config_.aws.endpoint_s3;
  const std::string named = "http://localhost" + direct.substr(direct.rfind(':'));
  const auto endpoint = locate_bucket(config_.location.bucket, named, S3Addressing::kVirtualHost);
  ASSERT_TRUE(endpoint);
  net::StaticCredentials keys({.access_key_id = config_.aws.access_key_id,
                               .secret_access_key = config_.aws.secret_access_key});
  S3Client client(process_.runtime, process_.http, keys,
                  {.endpoint = *endpoint, .region = config_.aws.region});
  const std::string key = config_.location.prefix + "x";
  EXPECT_EQ(send(client, put(key, "content")).status, 200);
  const auto got = process_.wait(first->store().get("x", {0, 7}));
  ASSERT_TRUE(got);
  EXPECT_EQ(base::to_string(*got), "content");
}

TEST_F(S3ServerTest, AStoreThatLooksFirstKeepsWhatIsThere) {
  const auto bucket = open(config_);
  S3ObjectStore careful(
      {.runtime = process_.runtime, .pool = process_.pool, .client = bucket->client()},
      {.prefix = config_.location.prefix, .create_only = S3CreateOnly::kByLook});
  EXPECT_TRUE(process_.wait(careful.put("x", {Bytes(std::string("content"))})));
  EXPECT_TRUE(process_.wait(careful.put("x", {Bytes(std::string("content"))})));
  const auto other = process_.wait(careful.put("x", {Bytes(std::string("other"))}));
  ASSERT_FALSE(other);
  EXPECT_EQ(other.error().code, Errc::kExists);
}

TEST_F(S3ServerTest, AnUploadInPartsThatIsGivenUpLeavesNothing) {
  const auto bucket = open(config_);
  S3PartsUpload::Object object{.key = config_.location.prefix + "x",
                               .content = {Bytes(std::string(11u << 20, 'x'))},
                               .part_bytes = 1u << 20};  // smaller than the server takes
  RetryPolicy policy({});
  S3PartsUpload upload({.pool = process_.pool,
                        .client = bucket->client(),
                        .retries = {.runtime = process_.runtime, .policy = policy, .backoff = {}}},
                       std::move(object));
  const auto answer = process_.wait(upload.run());
  ASSERT_TRUE(answer) << to_string(answer.error());
  EXPECT_EQ(refusal_of(*answer).code, "EntityTooSmall");
  S3Request uploads{.query = {{"uploads", ""}, {"prefix", config_.location.prefix}}};
  const auto listed = send(bucket->client(), std::move(uploads));
  EXPECT_EQ(listed.status, 200);
  EXPECT_THAT(base::to_string(listed.body), testing::Not(HasSubstr("<Upload>")));
  EXPECT_EQ(process_.wait(bucket->store().head("x")).error().code, Errc::kNotFound);
}

/// Puts objects one after the other until `until`, again where that fails, as the commit loop does.
runtime::Task<void> put_until(ObjectStore& store, runtime::Runtime& runtime, int writer,
                              runtime::MonoTime until, std::vector<ObjectKey>* acknowledged) {
  for (int i = 0; runtime.now() < until; ++i) {
    const ObjectKey key = "w" + std::to_string(writer) + "/" + std::to_string(i);
    while (true) {
      Chunks content{Bytes(std::string(key))};
      const base::Status put = co_await store.put(key, std::move(content));
      if (put) break;
      co_await runtime.sleep(std::chrono::milliseconds(50));
    }
    acknowledged->push_back(key);
  }
}

runtime::Task<void> put_together(ObjectStore& store, runtime::Runtime& runtime,
                                 std::chrono::seconds time, std::vector<ObjectKey>* acknowledged) {
  constexpr int kWriters = 24;
  runtime::TaskGroup group(runtime);
  const runtime::MonoTime until = runtime.now() + time;
  for (int writer = 0; writer < kWriters; ++writer)
    group.spawn(put_until(store, runtime, writer, until, acknowledged));
  co_await group.close();
}

/// S3_TEST_THROTTLE_SECONDS=60 for the long run.
TEST_F(S3ServerTest, AServerThatThrottlesCostsFewAttemptsAndLosesNothing) {
  const char* const seconds = std::getenv("S3_TEST_THROTTLE_SECONDS");
  const std::chrono::seconds time(seconds == nullptr ? 5 : std::stoi(seconds));
  const auto direct = open(config_);
  const auto endpoint =
      locate_bucket(config_.location.bucket, s3_server_variable("S3_TEST_THROTTLING_ENDPOINT"),
                    S3Addressing::kPath);
  net::StaticCredentials keys({.access_key_id = config_.aws.access_key_id,
                               .secret_access_key = config_.aws.secret_access_key});
  S3Client client(process_.runtime, process_.http, keys,
                  {.endpoint = *endpoint, .region = config_.aws.region});
  S3ObjectStore store({.runtime = process_.runtime, .pool = process_.pool, .client = client},
                      {.prefix = config_.location.prefix});
  runtime::Metrics metrics;
  MetricsObjectStore measured(store, process_.runtime, metrics);
  LimitObjectStore limited(measured, process_.runtime, {});
  RetryObjectStore retried(limited, process_.runtime, {.policy = {.budget_per_call = 0.5}});
  std::vector<ObjectKey> acknowledged;
  process_.runtime.run_until_ended(put_together(retried, process_.runtime, time, &acknowledged));
  ASSERT_GT(acknowledged.size(), 100u);
  std::uint64_t requests = 0;
  for (const auto* const result : {"ok", "retried", "failed"})
    requests += metrics.counter("objectstore_requests_total", {"put", result}).value();
  const double attempts = static_cast<double>(requests) / static_cast<double>(acknowledged.size());
  std::cout << acknowledged.size() << " puts, " << attempts << " attempts each, limit halved "
            << limited.policy().halving_count() << " times" << std::endl;
  EXPECT_GT(attempts, 1.2) << "the server did throttle";
  EXPECT_LE(attempts, 2.0);
  EXPECT_GE(limited.policy().halving_count(), 1u);
  std::size_t listed = 0;
  for (ObjectPage page{{}, true}; page.more;) {
    const ObjectKey after = page.objects.empty() ? "" : page.objects.back().key;
    page = *process_.wait(direct->store().list("", after, 1000));
    listed += page.objects.size();
  }
  EXPECT_EQ(listed, acknowledged.size()) << "none is lost";
}

}  // namespace
}  // namespace streamhouse::tests
