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
inline std::string s3_server_bucket() {
  const char* const value = std::getenv("S3_TEST_BUCKET");
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
  config.location = {.bucket = s3_server_bucket(),
                     .prefix = "test/" + base::to_hex(runtime.random().next()) + "/"};
  config.aws = s3_server_settings();
  return config;
}

/// A store in an empty part of the bucket.
class OnS3 : public StoreUnderTest {
 public:
  explicit OnS3(objectstore::S3ObjectStore::Options options) {
    objectstore::S3Config config = fresh_s3_config(process_.runtime);
    config.store = std::move(options);
    auto opened = process_.wait(objectstore::S3Bucket::open(process_.ports(), std::move(config)));
    SH_CHECK(opened.has_value(), "the server lets us in");
    bucket_ = *std::move(opened);
  }

  objectstore::ObjectStore& store() override { return bucket_->store(); }
  runtime::Runtime& runtime() override { return process_.runtime; }
  void run(runtime::Task<void> task) override { process_.runtime.run_until_ended(std::move(task)); }

 protected:
  S3Process process_;
  std::unique_ptr<objectstore::S3Bucket> bucket_;
};

}  // namespace streamhouse::tests
