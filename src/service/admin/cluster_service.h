#pragma once
/// \file  ClusterService: who is in the cluster and who leads what.

#include "cluster/catalog/topic_catalog.h"

namespace streamhouse::service {

struct ClusterSummary {
  model::TopicId cluster_id;
  std::int64_t agents = 0;  ///< Whose heartbeat has not expired.
  std::int64_t topics = 0;
  std::int64_t partitions = 0;
};

struct TopicLease {
  std::string topic;
  metadata::Lease lease;
};

/// Internal topics are left out everywhere.
/// Threading: the core's executor.
class ClusterService {
 public:
  ClusterService(metadata::MetadataStore& metadata, cluster::TopicCatalog& topics)
      : metadata_(metadata), topics_(topics) {}

  runtime::Task<base::Result<ClusterSummary>> summary();
  /// Agents whose heartbeat has not expired, by id.
  runtime::Task<base::Result<std::vector<metadata::Agent>>> agents();
  /// Of one topic, or of all; by topic name and partition. Errors: kTopicNotFound.
  runtime::Task<base::Result<std::vector<TopicLease>>> leases(std::optional<std::string> topic);

 private:
  metadata::MetadataStore& metadata_;
  cluster::TopicCatalog& topics_;
};

}  // namespace streamhouse::service
