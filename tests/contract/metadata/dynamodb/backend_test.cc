// Goal: DynamodbMetadataStore keeps the contract of every metadata store.
// Method: the suite of metadata_store_contract.h on the real server that scripts/with_dynamodb
// starts, each test on a table of its own; the second store has a connection of its own. The server
// needs a millisecond or two for each request: the tests of many random rounds make fewer here.
#include "tests/contract/metadata_store_contract.h"
#include "tests/metadata/dynamodb_process.h"

namespace streamhouse::metadata::contract {
namespace {

class DynamodbBackend : public MetadataBackend {
 public:
  explicit DynamodbBackend(runtime::AsioRuntime& runtime) : first_(runtime), second_(runtime) {
    tests::prepare(runtime, table_, topic_id(99));
  }

  MetadataStore& store() override { return store_; }
  MetadataStore& second_store() override { return other_store_; }
  void set_now(DatabaseMs now) override { now_ = now; }

 private:
  const std::string name_ = tests::new_table_name();
  DatabaseMs now_ = kStart;
  const dynamodb::Table::Clock clock_ = [this] { return now_; };
  tests::DynamodbProcess first_;
  tests::DynamodbProcess second_;
  dynamodb::Table table_{first_.client, name_, dynamodb::Access::kReadWrite, clock_};
  dynamodb::Table other_{second_.client, name_, dynamodb::Access::kReadWrite, clock_};
  DynamodbMetadataStore store_{table_};
  DynamodbMetadataStore other_store_{other_};
};

std::unique_ptr<MetadataBackend> make_dynamodb(runtime::AsioRuntime& runtime) {
  return std::make_unique<DynamodbBackend>(runtime);
}

constexpr int kRoundsOfHundred = 4;
constexpr int kPauseMax = 8;  // a seal takes three requests, the last a transaction

INSTANTIATE_TEST_SUITE_P(Dynamodb, MetadataStoreContract,
                         ::testing::Values(BackendCase{"local", make_dynamodb, kRoundsOfHundred,
                                                       kPauseMax}),
                         ::testing::PrintToStringParamName());

}  // namespace
}  // namespace streamhouse::metadata::contract
