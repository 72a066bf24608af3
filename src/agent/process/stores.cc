#include "agent/process/stores.h"

#include "service/random_id.h"

namespace streamhouse::agent {
namespace {

constexpr std::size_t kObjectThreads = 8;  ///< Requests to the directory at once.
constexpr std::size_t kFooterBytesMax = 16u << 20;
/// A bucket may refuse three calls of ten for a while: then 0.43 retries a call make all succeed.
constexpr double kBucketRetriesPerCall = 0.5;

/// Runs `open` on the worker that will use the connection.
template <class Open>
runtime::Task<std::invoke_result_t<Open&>> open_in(runtime::BlockingPool& pool, Open open) {
  using Opened = std::invoke_result_t<Open&>;
  auto work = [open = std::move(open)] { return std::make_shared<Opened>(open()); };
  const auto opened = co_await pool.run(std::move(work));
  co_return std::move(*opened);
}

}  // namespace

Stores::Stores(runtime::Runtime& runtime, runtime::Metrics& metrics, WrapObjects wrap)
    : runtime_(runtime),
      metrics_(metrics),
      wrap_(std::move(wrap)),
      object_pool_(runtime, {.name = "objects", .threads = kObjectThreads}),
      database_pool_(runtime, {.name = "metadata", .threads = 1}),
      log_pool_(runtime, {.name = "metadata-log", .threads = 1}) {}

Stores::~Stores() = default;

runtime::Task<base::Status> Stores::open_objects(ObjectStoreConfig config, net::AwsSettings aws) {
  if (config.bucket) {
    SH_CO_TRY(auto* const store, co_await open_bucket(std::move(config), std::move(aws)));
    limited_objects_ = std::make_unique<objectstore::LimitObjectStore>(
        measure_objects(*store), runtime_, objectstore::ConcurrencyPolicy::Options{});
    retry_objects(*limited_objects_, {.policy = {.budget_per_call = kBucketRetriesPerCall}});
  } else {
    SH_CO_TRY(auto* const store, co_await open_directory(std::move(config)));
    retry_objects(measure_objects(*store), {});
  }
  co_return base::Status{};
}

runtime::Task<base::Result<objectstore::ObjectStore*>> Stores::open_directory(
    ObjectStoreConfig config) {
  const std::uint64_t instance = runtime_.random().next();
  objectstore::FileObjectStore::Options options{.path = config.directory};
  SH_CO_TRY(files_, co_await objectstore::FileObjectStore::create(file_system_, object_pool_,
                                                                  instance, std::move(options)));
  co_return files_.get();
}

runtime::Task<base::Result<objectstore::ObjectStore*>> Stores::open_bucket(ObjectStoreConfig config,
                                                                           net::AwsSettings aws) {
  if (!http_) {
    net::HttpClient::Options options{.ca_file = aws.ca_file};
    http_ = std::make_unique<net::HttpClient>(runtime_, std::move(options));
  }
  objectstore::S3Config s3{.location = *config.bucket, .aws = std::move(aws)};
  const objectstore::S3Bucket::Ports ports{
      .runtime = runtime_, .pool = object_pool_, .http = *http_};
  SH_CO_TRY(bucket_, co_await objectstore::S3Bucket::open(ports, std::move(s3)));
  co_return &bucket_->store();
}

objectstore::ObjectStore& Stores::measure_objects(objectstore::ObjectStore& store) {
  if (wrap_) wrapped_objects_ = wrap_(store);
  measured_objects_ = std::make_unique<objectstore::MetricsObjectStore>(
      wrapped_objects_ ? *wrapped_objects_ : store, runtime_, metrics_);
  return *measured_objects_;
}

void Stores::retry_objects(objectstore::ObjectStore& store,
                           const objectstore::RetryObjectStore::Options& options) {
  retried_objects_ = std::make_unique<objectstore::RetryObjectStore>(store, runtime_, options);
  blocks_ = std::make_unique<blockcache::CheckedObjectReader>(*retried_objects_, kFooterBytesMax);
}

runtime::Task<base::Status> Stores::open_metadata(DatabaseConfig config, std::string holder) {
  const metadata::SqliteOptions options{.path = config.path,
                                        .holder = std::move(holder),
                                        .new_cluster_id = service::random_uuid(runtime_.random())};
  const runtime::WallMs now = runtime_.wall_now();
  auto open_writer = [options, now] { return metadata::SqliteMetadata::open(options, now); };
  SH_CO_TRY(auto writer, co_await open_in(database_pool_, std::move(open_writer)));
  auto open_reader = [options, now] {
    return metadata::SqliteMetadata::open_read_only(options, now);
  };
  SH_CO_TRY(auto reader, co_await open_in(log_pool_, std::move(open_reader)));
  metadata_ = std::make_unique<metadata::SqliteMetadataStore>(
      database_pool_, std::move(writer), [this] { return runtime_.wall_now(); });
  metadata_->add_reader(log_pool_, std::move(reader));
  measured_metadata_ =
      std::make_unique<metadata::MetricsMetadataStore>(*metadata_, runtime_, metrics_);
  co_return base::Status{};
}

}  // namespace streamhouse::agent
