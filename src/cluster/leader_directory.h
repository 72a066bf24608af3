#pragma once
/// \file  LeaderDirectory: where clients go with what this agent does not lead.

#include "metadata/metadata_store.h"
#include "runtime/runtime.h"
#include "runtime/telemetry/cache_use.h"

namespace streamhouse::cluster {

/// A hint for clients: safety never rests on it.
/// Threading: the core's executor.
class LeaderDirectory {
 public:
  /// `own_address`: as this agent advertises itself; it is never named.
  LeaderDirectory(runtime::Runtime& runtime, metadata::MetadataStore& metadata,
                  std::string own_address)
      : runtime_(runtime), metadata_(metadata), own_address_(std::move(own_address)) {}

  /// A kNotLeader error with the address of the agent that leads the partition, where there is such
  /// another and the store answers; any other error as it is.
  /// Cost: a look-up in the store, at most one a second for each partition.
  runtime::Task<base::Error> name_leader(base::Error error, model::TopicPartition key);

  const runtime::CacheUse& use() const { return use_; }

 private:
  struct Known {
    std::string address;  ///< Empty if nobody leads it, or this agent does.
    runtime::MonoTime read_at;
  };
  runtime::Task<std::string> address_of(model::TopicPartition key);

  runtime::Runtime& runtime_;
  metadata::MetadataStore& metadata_;
  std::string own_address_;
  std::map<model::TopicPartition, Known> known_;
  runtime::CacheUse use_;
};

/// name_leader(), if there is a directory.
runtime::Task<base::Error> name_leader(LeaderDirectory* leaders, base::Error error,
                                       model::TopicPartition key);

}  // namespace streamhouse::cluster
