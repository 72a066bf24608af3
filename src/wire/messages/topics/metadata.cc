#include "wire/messages/topics/metadata.h"

namespace streamhouse::wire {

FieldList MetadataRequest::Topic::fields() {
  static constexpr Field kFields[] = {
      field<&Topic::topic_id>("TopicId", "10+"),
      field<&Topic::name>("Name", "0+", {.nullable = "10+"}),
  };
  return kFields;
}

FieldList MetadataRequest::fields() {
  static constexpr Field kFields[] = {
      field<&MetadataRequest::topics>("Topics", "0+", {.nullable = "1+"}),
      field<&MetadataRequest::allow_auto_topic_creation>("AllowAutoTopicCreation", "4+"),
      field<&MetadataRequest::include_cluster_authorized_operations>(
          "IncludeClusterAuthorizedOperations", "8-10"),
      field<&MetadataRequest::include_topic_authorized_operations>(
          "IncludeTopicAuthorizedOperations", "8+"),
  };
  return kFields;
}

FieldList MetadataResponse::Broker::fields() {
  static constexpr Field kFields[] = {
      field<&Broker::node_id>("NodeId", "0+"),
      field<&Broker::host>("Host", "0+"),
      field<&Broker::port>("Port", "0+"),
      field<&Broker::rack>("Rack", "1+", {.nullable = "1+"}),
  };
  return kFields;
}

FieldList MetadataResponse::Partition::fields() {
  static constexpr Field kFields[] = {
      field<&Partition::error_code>("ErrorCode", "0+"),
      field<&Partition::partition_index>("PartitionIndex", "0+"),
      field<&Partition::leader_id>("LeaderId", "0+"),
      field<&Partition::leader_epoch>("LeaderEpoch", "7+"),
      field<&Partition::replica_nodes>("ReplicaNodes", "0+"),
      field<&Partition::isr_nodes>("IsrNodes", "0+"),
      field<&Partition::offline_replicas>("OfflineReplicas", "5+"),
  };
  return kFields;
}

FieldList MetadataResponse::Topic::fields() {
  static constexpr Field kFields[] = {
      field<&Topic::error_code>("ErrorCode", "0+"),
      field<&Topic::name>("Name", "0+", {.nullable = "12+"}),
      field<&Topic::topic_id>("TopicId", "10+"),
      field<&Topic::is_internal>("IsInternal", "1+"),
      field<&Topic::partitions>("Partitions", "0+"),
      field<&Topic::topic_authorized_operations>("TopicAuthorizedOperations", "8+"),
  };
  return kFields;
}

FieldList MetadataResponse::fields() {
  static constexpr Field kFields[] = {
      field<&MetadataResponse::throttle_time_ms>("ThrottleTimeMs", "3+"),
      field<&MetadataResponse::brokers>("Brokers", "0+"),
      field<&MetadataResponse::cluster_id>("ClusterId", "2+", {.nullable = "2+"}),
      field<&MetadataResponse::controller_id>("ControllerId", "1+"),
      field<&MetadataResponse::topics>("Topics", "0+"),
      field<&MetadataResponse::cluster_authorized_operations>("ClusterAuthorizedOperations",
                                                              "8-10"),
      field<&MetadataResponse::error_code>("ErrorCode", "13+"),
  };
  return kFields;
}

}  // namespace streamhouse::wire
