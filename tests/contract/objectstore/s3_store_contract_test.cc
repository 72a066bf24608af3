// Goal: a bucket of a real S3 server keeps the contract of object_store.h, however objects are put,
// and behind an agent's wrappers also over a network and a server that fail.
// Method: ObjectStoreContract over S3ObjectStore, on the server and the failing proxy that
// scripts/with_s3_server starts; each test in a part of the bucket of its own.
#include "objectstore/wrappers/limit_object_store.h"
#include "objectstore/wrappers/retry_object_store.h"
#include "tests/contract/object_store_contract.h"
#include "tests/contract/objectstore/s3_server.h"

namespace streamhouse::tests {
namespace {

using Options = objectstore::S3ObjectStore::Options;
using namespace std::chrono_literals;

/// Parts as small as S3 takes them.
const Options kInParts{.single_put_bytes_max = 6u << 20, .part_bytes = 5u << 20};

/// As an agent stacks them, but never giving up.
class OnFaultyS3 final : public OnS3 {
 public:
  explicit OnFaultyS3(const Options& options)
      : OnS3(options, s3_server_variable("S3_TEST_FAULTY_ENDPOINT")) {}
  objectstore::ObjectStore& store() override { return retried_; }

 private:
  objectstore::LimitObjectStore limited_{bucket_->store(), process_.runtime, {}};
  objectstore::RetryObjectStore retried_{
      limited_,
      process_.runtime,
      {.policy = {.attempts_max = 100, .time_max = 10min, .budget_max = 1e9},
       .backoff = {.first = 5ms, .longest = 200ms}}};
};

template <class Store>
StoreKind s3(std::string name, const Options& options, std::size_t many) {
  return {std::move(name), [options] { return std::make_unique<Store>(options); }, many};
}

INSTANTIATE_TEST_SUITE_P(S3, ObjectStoreContract,
                         testing::Values(s3<OnS3>("Whole", {}, 1'000),
                                         s3<OnS3>("InParts", kInParts, 500),
                                         s3<OnFaultyS3>("Faulty", kInParts, 500)),
                         [](const auto& info) { return info.param.name; });

}  // namespace
}  // namespace streamhouse::tests
