#include "objectstore/s3/s3_bucket.h"

#include <utility>

#include "base/hex.h"
#include "net/aws/credentials/credential_chain.h"

namespace streamhouse::objectstore {

using base::Errc;

Task<Result<std::unique_ptr<S3Bucket>>> S3Bucket::open(Ports ports, S3Config config) {
  std::unique_ptr<S3Bucket> bucket(new S3Bucket);  // allow(raw-new): the constructor is private
  net::AwsIdentity::Ports chain{.runtime = ports.runtime, .http = ports.http};
  SH_CO_TRY(net::AwsIdentity identity, net::AwsIdentity::from(chain, config.aws));
  bucket->credentials_ = std::move(identity.credentials);
  const std::string& name = config.location.bucket;
  SH_CO_TRY(S3Endpoint endpoint,
            locate_bucket(name, identity.region, config.aws.endpoint_s3, config.aws.s3_addressing));
  const std::string shown = endpoint.scheme + "://" + endpoint.host;
  SH_CO_TRY(const net::AwsCredentials credentials, co_await bucket->credentials_->fetch());
  bucket->client_ = std::make_unique<S3Client>(
      ports.runtime, ports.http, *bucket->credentials_,
      S3Target{.endpoint = std::move(endpoint), .region = identity.region});
  S3Probe probe{.asked = {.bucket = name,
                          .region = identity.region,
                          .endpoint = shown,
                          .access_key_id = credentials.access_key_id,
                          .here = {}},
                .prefix = config.location.prefix,
                .object_name = base::to_hex(ports.runtime.random().next()),
                .access = config.access};
  SH_CO_TRY(bucket->create_only_,
            co_await probe_bucket(ports.runtime, *bucket->client_, std::move(probe)));
  config.store.prefix = config.location.prefix;
  config.store.create_only = bucket->create_only_;
  bucket->store_ = std::make_unique<S3ObjectStore>(
      S3ObjectStore::Ports{
          .runtime = ports.runtime, .pool = ports.pool, .client = *bucket->client_},
      std::move(config.store));
  co_return bucket;
}

}  // namespace streamhouse::objectstore
