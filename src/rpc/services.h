#pragma once
/// \file  Services: the use cases that gRPC calls are made of. The bridge is opened with them when
/// an agent is built.

#include "service/admin/cluster_service.h"
#include "service/admin/fsck_service.h"
#include "service/admin/segment_service.h"
#include "service/fetch_service.h"
#include "service/group_service.h"
#include "service/produce_service.h"
#include "service/topic_service.h"

namespace streamhouse::rpc {

struct Services {
  service::ProduceService& produce;
  service::FetchService& fetch;
  cluster::TopicCatalog& catalog;
  service::TopicService& topics;
  service::GroupService& groups;
  service::ClusterService& cluster;
  service::SegmentService& segments;
  service::FsckService& fsck;
  std::int32_t default_partitions;  ///< Of a topic whose creator names no number.
  // Of the object store; empty for a directory. They outlive all calls.
  std::string_view bucket;
  std::string_view key_prefix = {};  ///< In the bucket.
};

}  // namespace streamhouse::rpc
