// Goal: a bucket of a real S3 server keeps the contract of object_store.h.
// Method: ObjectStoreContract over S3ObjectStore, on the server that scripts/with_s3_server starts;
// each test in a part of the bucket of its own.
#include "tests/contract/object_store_contract.h"
#include "tests/contract/objectstore/s3_server.h"

namespace streamhouse::tests {
namespace {

using Options = objectstore::S3ObjectStore::Options;

StoreKind s3(std::string name, Options options) {
  return {std::move(name), [options] { return std::make_unique<OnS3>(options); }, 1'000};
}

INSTANTIATE_TEST_SUITE_P(S3, ObjectStoreContract, testing::Values(s3("Whole", {})),
                         [](const auto& info) { return info.param.name; });

}  // namespace
}  // namespace streamhouse::tests
