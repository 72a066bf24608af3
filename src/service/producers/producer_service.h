#pragma once
/// \file  ProducerService: identities of idempotent producers, which nobody had before.

#include <optional>

#include "metadata/metadata_store.h"
#include "runtime/one_shot.h"

namespace streamhouse::service {

/// Ids come from the store in blocks, so that one write serves many producers; those of a block
/// that are not given away when the agent ends are never used.
/// Threading: the core's executor.
class ProducerService {
 public:
  ProducerService(runtime::Runtime& runtime, metadata::MetadataStore& metadata)
      : runtime_(runtime), metadata_(metadata) {}

  static constexpr std::int64_t kIdsPerBlock = 1000;

  /// Errors: those of the store, for all who wait for the same block.
  runtime::Task<base::Result<model::ProducerId>> next_id();

 private:
  runtime::Task<base::Status> refill();

  runtime::Runtime& runtime_;
  metadata::MetadataStore& metadata_;
  std::int64_t next_ = 0;
  std::int64_t end_ = 0;
  std::optional<runtime::OneShot<base::Status>> refilling_;  ///< While a block is on its way.
};

}  // namespace streamhouse::service
