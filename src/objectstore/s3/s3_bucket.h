#pragma once
/// \file  S3Bucket: a bucket in use: credentials, client and store together.

#include <memory>

#include "net/aws/credentials/aws_settings.h"
#include "objectstore/s3/s3_object_store.h"
#include "objectstore/s3/s3_probe.h"

namespace streamhouse::objectstore {

struct S3Config {
  S3Location location;
  net::AwsSettings aws = {};
  S3Access access = S3Access::kWrite;
  S3ObjectStore::Options store = {};  ///< Prefix and create-only are set by open().
};

/// Lifetime:  outlives its store's calls; the ports outlive it.
/// Threading: the runtime's executor.
class S3Bucket {
 public:
  struct Ports {
    runtime::Runtime& runtime;
    runtime::BlockingPool& pool;
    net::HttpClient& http;
  };

  /// Finds credentials and tries the bucket. Errors: kInvalid naming what has to be set right;
  /// kUnavailable and the like if trying again may help.
  static Task<Result<std::unique_ptr<S3Bucket>>> open(Ports ports, S3Config config);

  ObjectStore& store() { return *store_; }
  S3Client& client() { return *client_; }
  /// Whether the server itself refuses to overwrite.
  S3CreateOnly create_only() const { return create_only_; }

 private:
  S3Bucket() = default;

  std::unique_ptr<net::CredentialSource> credentials_;
  std::unique_ptr<S3Client> client_;
  S3CreateOnly create_only_ = S3CreateOnly::kByServer;
  std::unique_ptr<S3ObjectStore> store_;
};

}  // namespace streamhouse::objectstore
