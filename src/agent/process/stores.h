#pragma once
/// \file  Stores: the metadata store and the object store that a configuration names, opened and
/// wrapped.

#include <functional>
#include <memory>

#include "agent/config/config.h"
#include "blockcache/checked_object_reader.h"
#include "metadata/sqlite/sqlite_metadata_store.h"
#include "metadata/wrappers/metrics_metadata_store.h"
#include "net/http/http_client.h"
#include "objectstore/directory/posix_file_system.h"
#include "objectstore/file_object_store.h"
#include "objectstore/s3/s3_bucket.h"
#include "objectstore/wrappers/limit_object_store.h"
#include "objectstore/wrappers/metrics_object_store.h"
#include "objectstore/wrappers/retry_object_store.h"
#include "runtime/telemetry/metrics.h"
#include "runtime/thread_pool.h"

namespace streamhouse::agent {

/// Lifetime:  outlives the core; the runtime outlives it.
/// Threading: the core's executor.
class Stores {
 public:
  /// Puts a store of the caller's in front of the real one, as tests do that trouble it.
  using WrapObjects = std::move_only_function<std::unique_ptr<objectstore::ObjectStore>(
      objectstore::ObjectStore& real)>;

  /// `wrap` may be empty.
  Stores(runtime::Runtime& runtime, runtime::Metrics& metrics, WrapObjects wrap);
  ~Stores();

  /// Errors: kUnavailable and the like if trying again may help; else the store is refused.
  runtime::Task<base::Status> open_objects(ObjectStoreConfig config, net::AwsSettings aws);
  /// `holder` names this agent to whoever finds the database in use. Errors: as open_objects;
  /// kConflict naming the holder if another agent has it.
  runtime::Task<base::Status> open_metadata(DatabaseConfig config, std::string holder);

  // Require: opened.
  metadata::MetadataStore& metadata() { return *measured_metadata_; }
  objectstore::ObjectStore& objects() { return *retried_objects_; }
  blockcache::CheckedObjectReader& blocks() { return *blocks_; }
  /// Why the newest call failed, if trying again may help.
  const std::optional<base::Error>& objects_trouble() const { return measured_objects_->trouble(); }
  const std::optional<base::Error>& metadata_trouble() const {
    return measured_metadata_->trouble();
  }

 private:
  runtime::Task<base::Result<objectstore::ObjectStore*>> open_directory(ObjectStoreConfig config);
  runtime::Task<base::Result<objectstore::ObjectStore*>> open_bucket(ObjectStoreConfig config,
                                                                     net::AwsSettings aws);
  // What stands in front of a store, from the inside out.
  objectstore::ObjectStore& measure_objects(objectstore::ObjectStore& store);
  void retry_objects(objectstore::ObjectStore& store,
                     const objectstore::RetryObjectStore::Options& options);

  runtime::Runtime& runtime_;
  runtime::Metrics& metrics_;
  WrapObjects wrap_;
  runtime::ThreadPool object_pool_;
  runtime::ThreadPool database_pool_;
  runtime::ThreadPool log_pool_;  ///< Where the metadata's long reads do not hold up commits.
  objectstore::PosixFileSystem file_system_;
  std::unique_ptr<objectstore::FileObjectStore> files_;  ///< This or the bucket.
  std::unique_ptr<net::HttpClient> http_;
  std::unique_ptr<objectstore::S3Bucket> bucket_;
  std::unique_ptr<objectstore::ObjectStore> wrapped_objects_;  ///< Null without a wrapper.
  std::unique_ptr<objectstore::MetricsObjectStore> measured_objects_;
  std::unique_ptr<objectstore::LimitObjectStore> limited_objects_;  ///< Of a bucket.
  std::unique_ptr<objectstore::RetryObjectStore> retried_objects_;
  std::unique_ptr<blockcache::CheckedObjectReader> blocks_;
  std::unique_ptr<metadata::SqliteMetadataStore> metadata_;
  std::unique_ptr<metadata::MetricsMetadataStore> measured_metadata_;
};

}  // namespace streamhouse::agent
