#pragma once
/// \file  LeaderDirectory: where clients go with what this agent does not lead.

#include <memory>
#include <string_view>

#include "cluster/catalog/change_feed.h"
#include "runtime/cache/bounded_cache.h"
#include "runtime/cache/flights.h"
#include "runtime/telemetry/cache_use.h"

namespace streamhouse::cluster {

/// Who led which partition of one topic when that was read. Immutable.
class TopicLeaders {
 public:
  TopicLeaders(const std::vector<metadata::Lease>& leases, runtime::MonoTime read_at);

  /// Of the agent that leads the partition; empty if there is none, or where it is is not known.
  std::string_view address(model::PartitionIndex partition) const;
  model::LeaderEpoch epoch(model::PartitionIndex partition) const;
  runtime::MonoTime read_at() const { return read_at_; }

 private:
  struct Led {
    std::uint32_t agent = 0;  ///< In addresses_; 0 = none.
    model::LeaderEpoch epoch;
  };
  std::vector<std::string> addresses_;
  std::vector<Led> partitions_;
  runtime::MonoTime read_at_;
};
using TopicLeadersPtr = std::shared_ptr<const TopicLeaders>;

/// A hint for clients: safety never rests on it. What is known of a topic is forgotten when the
/// change feed tells that one of its leases has changed; while the feed is not read, after a
/// second.
/// Threading: the core's executor.
/// Cost: a look-up in the store of all leases of a topic, once for all who ask meanwhile. Of the
/// 10,000 topics asked for last, 8 bytes a partition are kept.
class LeaderDirectory final : public ChangeListener {
 public:
  /// `own_address`: as this agent advertises itself; it is never named.
  LeaderDirectory(runtime::Runtime& runtime, metadata::MetadataStore& metadata,
                  runtime::TaskGroup& group, std::string own_address);

  /// Learns of changes from `feed`, which outlives the use of this directory.
  void follow(ChangeFeed& feed);
  runtime::Task<base::Status> apply(ChangeBatchPtr batch) override;

  /// A kNotLeader error with the address of the agent that leads the partition, where there is such
  /// another and the store answers; any other error as it is.
  runtime::Task<base::Error> name_leader(base::Error error, model::TopicPartition key);
  /// nullptr if that must be asked of the store.
  TopicLeadersPtr find(model::TopicNo topic);
  /// Where the store does not answer, what was known last, for a minute: who led a partition then
  /// says if that is over. Errors: of the store, if nothing is known.
  runtime::Task<base::Result<TopicLeadersPtr>> get(model::TopicNo topic);

  /// Of get().
  const runtime::CacheUse& use() const { return use_; }

 private:
  runtime::Task<base::Result<TopicLeadersPtr>> load(model::TopicNo topic);

  runtime::Runtime& runtime_;
  metadata::MetadataStore& metadata_;
  std::string own_address_;
  const ChangeFeed* feed_ = nullptr;
  runtime::BoundedCache<model::TopicNo, TopicLeadersPtr> known_;
  runtime::Flights<model::TopicNo, TopicLeadersPtr> loads_;
  runtime::CacheUse use_;
};

/// name_leader(), if there is a directory.
runtime::Task<base::Error> name_leader(LeaderDirectory* leaders, base::Error error,
                                       model::TopicPartition key);

}  // namespace streamhouse::cluster
