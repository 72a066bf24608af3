#pragma once
/// \file  S3Server: the real S3 server beside which a test runs (scripts/with_s3_server), and a
/// process that uses it.

#include <gtest/gtest.h>

#include <cstdlib>
#include <memory>
#include <string>

#include "base/hex.h"
#include "objectstore/s3/s3_bucket.h"
#include "runtime/asio_runtime.h"
#include "runtime/run_task.h"
#include "runtime/thread_pool.h"
#include "tests/contract/objectstore/store_under_test.h"

namespace streamhouse::tests {

/// The server's address and keys, as the environment has them.
inline net::AwsSettings s3_server_settings() {
  return net::AwsSettings::from([](const std::string& name) -> std::optional<std::string> {
    const char* const value = std::getenv(name.c_str());
    return value == nullptr ? std::nullopt : std::optional<std::string>(value);
  });
}
/// What scripts/with_s3_server says: S3_TEST_BUCKET, S3_TEST_FAULTY_ENDPOINT and so on.
inline std::string s3_server_variable(const char* name) {
  const char* const value = std::getenv(name);
  SH_CHECK(value != nullptr, "run by scripts/with_s3_server");
  return value;
}

/// What a process that uses buckets consists of.
struct S3Process {
  template <class T>
  T wait(runtime::Task<T> task) {
    return runtime::run_task(runtime, std::move(task));
  }
  objectstore::S3Bucket::Ports ports() { return {.runtime = runtime, .pool = pool, .http = http}; }

  runtime::AsioRuntime runtime;
  runtime::ThreadPool pool{runtime, {.name = "hash", .threads = 2}};
  net::HttpClient http{runtime, {}};
};

/// A part of the bucket that no other test uses.
inline objectstore::S3Config fresh_s3_config(runtime::Runtime& runtime) {
  objectstore::S3Config config;
  config.location = {.bucket = s3_server_variable("S3_TEST_BUCKET"),
                     .prefix = "test/" + base::to_hex(runtime.random().next()) + "/"};
  config.aws = s3_server_settings();
  return config;
}

/// A store in an empty part of the bucket.
class OnS3 : public StoreUnderTest {
 public:
  explicit OnS3(objectstore::S3ObjectStore::Options options, std::string endpoint = {}) {
    objectstore::S3Config config = fresh_s3_config(process_.runtime);
    config.store = std::move(options);
    if (!endpoint.empty()) config.aws.endpoint_s3 = std::move(endpoint);
    constexpr int kAttemptsMax = 200;  // a server that fails may take several
    for (int i = 0; i < kAttemptsMax && !bucket_; ++i) {
      auto opened = process_.wait(objectstore::S3Bucket::open(process_.ports(), config));
      if (opened) {
        bucket_ = *std::move(opened);
      } else {
        process_.wait(pause());
      }
    }
    SH_CHECK(bucket_ != nullptr, "the server lets us in");
  }

  objectstore::ObjectStore& store() override { return bucket_->store(); }
  runtime::Runtime& runtime() override { return process_.runtime; }
  void run(runtime::Task<void> task) override { process_.runtime.run_until_ended(std::move(task)); }

 protected:
  runtime::Task<int> pause() {
    co_await process_.runtime.sleep(std::chrono::milliseconds(20));
    co_return 0;
  }

  S3Process process_;
  std::unique_ptr<objectstore::S3Bucket> bucket_;
};

}  // namespace streamhouse::tests
