#include "metadata/dynamodb/opened_dynamodb.h"

#include <tuple>

#include "metadata/dynamodb/dynamodb_metadata_store.h"
#include "metadata/dynamodb/dynamodb_url.h"
#include "metadata/dynamodb/tables/schema.h"
#include "net/aws/credentials/credential_chain.h"

namespace streamhouse::metadata {
namespace {

constexpr runtime::Duration kPurgesMax = std::chrono::seconds(2);

class OpenedDynamodb final : public OpenedMetadataStore {
 public:
  OpenedDynamodb(runtime::Runtime& runtime, const net::AwsSettings& aws)
      : runtime_(runtime), http_(runtime, {.ca_file = aws.ca_file}) {}

  Task<Status> open(std::string name, OpenMetadata options) {
    net::AwsIdentity::Ports ports{.runtime = runtime_, .http = http_};
    SH_CO_TRY(net::AwsIdentity identity, net::AwsIdentity::from(ports, options.aws));
    credentials_ = std::move(identity.credentials);
    SH_CO_TRY(auto endpoint, dynamodb::locate(identity.region, options.aws.endpoint_dynamodb));
    SH_CO_TRY_OK(co_await credentials_->fetch());  // none: said at once
    const bool looks = options.purpose == OpenFor::kLook;
    client_ =
        std::make_unique<dynamodb::Client>(dynamodb::Client::Ports{runtime_, http_, *credentials_},
                                           std::move(endpoint), dynamodb::RetryPolicy::Options{});
    table_ = std::make_unique<dynamodb::Table>(
        *client_, std::move(name),
        looks ? dynamodb::Access::kReadOnly : dynamodb::Access::kReadWrite);
    // Who looks can lose nothing.
    const auto replicas = options.allow_async_standbys || looks ? dynamodb::Replicas::kAllow
                                                                : dynamodb::Replicas::kRefuse;
    SH_CO_TRY_OK(co_await dynamodb::prepare_table(*table_, options.new_cluster_id, replicas));
    store_ = std::make_unique<DynamodbMetadataStore>(*table_);
    // Leftovers are shown to nobody, and are no reason not to start, or to start late.
    if (!looks) std::ignore = co_await store_->finish_purges(runtime_.now() + kPurgesMax);
    co_return Status{};
  }
  MetadataStore& store() override { return *store_; }
  bool exclusive() const override { return false; }

 private:
  runtime::Runtime& runtime_;
  net::HttpClient http_;
  std::unique_ptr<net::CredentialSource> credentials_;
  std::unique_ptr<dynamodb::Client> client_;
  std::unique_ptr<dynamodb::Table> table_;
  std::unique_ptr<DynamodbMetadataStore> store_;
};

}  // namespace

Task<Result<std::unique_ptr<OpenedMetadataStore>>> open_dynamodb_store(runtime::Runtime& runtime,
                                                                       OpenMetadata options) {
  SH_CO_TRY(std::string table, table_of_dynamodb_url(options.url));
  auto opened = std::make_unique<OpenedDynamodb>(runtime, options.aws);
  SH_CO_TRY_OK(co_await opened->open(std::move(table), std::move(options)));
  co_return opened;
}

}  // namespace streamhouse::metadata
