#include "agent/process/stores.h"

#include "service/random_id.h"

namespace streamhouse::agent {
namespace {

constexpr std::size_t kObjectThreads = 8;  ///< Requests to the directory at once.
constexpr std::size_t kFooterBytesMax = 16u << 20;

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

runtime::Task<base::Status> Stores::open_objects(ObjectStoreConfig config) {
  const std::uint64_t instance = runtime_.random().next();
  objectstore::FileObjectStore::Options options{.path = config.directory};
  SH_CO_TRY(files_, co_await objectstore::FileObjectStore::create(file_system_, object_pool_,
                                                                  instance, std::move(options)));
  objectstore::ObjectStore* store = files_.get();
  if (wrap_) {
    wrapped_files_ = wrap_(*files_);
    store = wrapped_files_.get();
  }
  measured_files_ = std::make_unique<objectstore::MetricsObjectStore>(*store, runtime_, metrics_);
  retried_files_ = std::make_unique<objectstore::RetryObjectStore>(
      *measured_files_, runtime_, objectstore::RetryObjectStore::Options{});
  blocks_ = std::make_unique<blockcache::CheckedObjectReader>(*retried_files_, kFooterBytesMax);
  co_return base::Status{};
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
