#include "agent/process/stores.h"

#include "service/random_id.h"

namespace streamhouse::agent {
namespace {

constexpr std::size_t kObjectThreads = 8;  ///< Requests to the directory at once.
constexpr std::size_t kFooterBytesMax = 16u << 20;

}  // namespace

Stores::Stores(runtime::Runtime& runtime, runtime::Metrics& metrics)
    : runtime_(runtime),
      metrics_(metrics),
      object_pool_(runtime, {.name = "objects", .threads = kObjectThreads}),
      database_pool_(runtime, {.name = "metadata", .threads = 1}) {}

Stores::~Stores() = default;

runtime::Task<base::Status> Stores::open_objects(ObjectStoreConfig config) {
  const std::uint64_t instance = runtime_.random().next();
  objectstore::FileObjectStore::Options options{.path = config.directory};
  SH_CO_TRY(files_, co_await objectstore::FileObjectStore::create(file_system_, object_pool_,
                                                                  instance, std::move(options)));
  measured_files_ = std::make_unique<objectstore::MetricsObjectStore>(*files_, runtime_, metrics_);
  retried_files_ = std::make_unique<objectstore::RetryObjectStore>(
      *measured_files_, runtime_, objectstore::RetryObjectStore::Options{});
  blocks_ = std::make_unique<blockcache::CheckedObjectReader>(*retried_files_, kFooterBytesMax);
  co_return base::Status{};
}

runtime::Task<base::Status> Stores::open_metadata(DatabaseConfig config, std::string holder) {
  using Opened = base::Result<std::unique_ptr<metadata::SqliteMetadata>>;
  metadata::SqliteOptions options{.path = config.path,
                                  .holder = std::move(holder),
                                  .new_cluster_id = service::random_uuid(runtime_.random())};
  auto open = [options = std::move(options), now = runtime_.wall_now()] {
    return std::make_shared<Opened>(metadata::SqliteMetadata::open(options, now));
  };
  const auto opened = co_await database_pool_.run(std::move(open));
  if (!*opened) co_return opened->error();
  metadata_ = std::make_unique<metadata::SqliteMetadataStore>(
      database_pool_, *std::move(*opened), [this] { return runtime_.wall_now(); });
  measured_metadata_ =
      std::make_unique<metadata::MetricsMetadataStore>(*metadata_, runtime_, metrics_);
  co_return base::Status{};
}

}  // namespace streamhouse::agent
