#include "agent/process/stores.h"

#include "service/random_id.h"

namespace streamhouse::agent {
namespace {

constexpr std::size_t kFooterBytesMax = 16u << 20;

}  // namespace

Stores::Stores(runtime::Runtime& runtime, runtime::Metrics& metrics, WrapObjects wrap)
    : runtime_(runtime), metrics_(metrics), wrap_(std::move(wrap)) {}

Stores::~Stores() = default;

/// In front of the store, from the inside out: a test's wrapper, metrics, what StoreFront says.
runtime::Task<base::Status> Stores::open_objects(ObjectStoreConfig config, net::AwsSettings aws) {
  objectstore::OpenObjects options{.url = std::move(config.url), .aws = std::move(aws)};
  SH_CO_TRY(objects_, co_await objectstore::open_object_store(runtime_, std::move(options)));
  objectstore::ObjectStore* store = &objects_->store();
  if (wrap_) {
    wrapped_objects_ = wrap_(*store);
    store = wrapped_objects_.get();
  }
  measured_objects_ = std::make_unique<objectstore::MetricsObjectStore>(*store, runtime_, metrics_);
  objects_front_ =
      std::make_unique<objectstore::StoreFront>(*measured_objects_, *objects_, runtime_);
  blocks_ = std::make_unique<blockcache::CheckedObjectReader>(objects(), kFooterBytesMax);
  co_return base::Status{};
}

runtime::Task<base::Status> Stores::open_metadata(DatabaseConfig config, std::string holder,
                                                  net::AwsSettings aws) {
  metadata::OpenMetadata options{.url = std::move(config.url),
                                 .holder = std::move(holder),
                                 .new_cluster_id = service::random_uuid(runtime_.random()),
                                 .connections_max = config.connections_max,
                                 .aws = std::move(aws),
                                 .allow_async_standbys = config.allow_async_standbys};
  SH_CO_TRY(metadata_, co_await metadata::open_metadata_store(runtime_, std::move(options)));
  measured_metadata_ =
      std::make_unique<metadata::MetricsMetadataStore>(metadata_->store(), runtime_, metrics_);
  co_return base::Status{};
}

}  // namespace streamhouse::agent
