#pragma once
/// \file  StoreRecord: where the objects are, written down in the database for who reads that
/// alone: the view `segments`.

#include <string>

#include "metadata/metadata_store.h"

namespace streamhouse::service {

/// Threading: the core's executor. Lifetime of calls: `metadata` outlives them.
class StoreRecord {
 public:
  static constexpr std::string_view kBucket = "objects.bucket";
  static constexpr std::string_view kPrefix = "objects.prefix";

  explicit StoreRecord(metadata::MetadataStore& metadata) : metadata_(metadata) {}

  /// Both empty: a directory. The prefix is empty or ends with a slash. Writes what has changed.
  /// Errors: those of the store; repeatable.
  runtime::Task<base::Status> write(std::string bucket, std::string prefix);

 private:
  runtime::Task<base::Status> set(std::string key, std::string value);

  metadata::MetadataStore& metadata_;
};

}  // namespace streamhouse::service
