#pragma once
/// \file  Stores: the metadata store and the object store that a configuration names, opened and
/// wrapped.

#include <functional>
#include <memory>

#include "agent/config/config.h"
#include "blockcache/checked_object_reader.h"
#include "metadata/opened_metadata_store.h"
#include "metadata/wrappers/metrics_metadata_store.h"
#include "objectstore/opened_object_store.h"
#include "objectstore/store_front.h"
#include "objectstore/wrappers/metrics_object_store.h"
#include "runtime/telemetry/metrics.h"

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
  runtime::Task<base::Status> open_metadata(DatabaseConfig config, std::string holder,
                                            net::AwsSettings aws);

  // Require: opened.
  metadata::MetadataStore& metadata() { return *measured_metadata_; }
  /// Nobody else can be at work on this metadata store.
  bool exclusive() const { return metadata_->exclusive(); }
  objectstore::ObjectStore& objects() { return objects_front_->store(); }
  blockcache::CheckedObjectReader& blocks() { return *blocks_; }
  /// Why the newest call failed, if trying again may help.
  const std::optional<base::Error>& objects_trouble() const { return measured_objects_->trouble(); }
  const std::optional<base::Error>& metadata_trouble() const {
    return measured_metadata_->trouble();
  }

 private:
  runtime::Runtime& runtime_;
  runtime::Metrics& metrics_;
  WrapObjects wrap_;
  std::unique_ptr<objectstore::OpenedObjectStore> objects_;
  std::unique_ptr<objectstore::ObjectStore> wrapped_objects_;  ///< Null without a wrapper.
  std::unique_ptr<objectstore::MetricsObjectStore> measured_objects_;
  std::unique_ptr<objectstore::StoreFront> objects_front_;
  std::unique_ptr<blockcache::CheckedObjectReader> blocks_;
  std::unique_ptr<metadata::OpenedMetadataStore> metadata_;
  std::unique_ptr<metadata::MetricsMetadataStore> measured_metadata_;
};

}  // namespace streamhouse::agent
