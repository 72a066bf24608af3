#include "wire/messages/topics/describe_topic_partitions.h"

namespace streamhouse::wire {

FieldList PartitionCursor::fields() {
  static constexpr Field kFields[] = {
      field<&PartitionCursor::topic_name>("TopicName", "0+"),
      field<&PartitionCursor::partition_index>("PartitionIndex", "0+"),
  };
  return kFields;
}

FieldList DescribeTopicPartitionsRequest::Topic::fields() {
  static constexpr Field kFields[] = {
      field<&Topic::name>("Name", "0+"),
  };
  return kFields;
}

FieldList DescribeTopicPartitionsRequest::fields() {
  static constexpr Field kFields[] = {
      field<&DescribeTopicPartitionsRequest::topics>("Topics", "0+"),
      field<&DescribeTopicPartitionsRequest::response_partition_limit>("ResponsePartitionLimit",
                                                                       "0+"),
      field<&DescribeTopicPartitionsRequest::cursor>("Cursor", "0+", {.nullable = "0+"}),
  };
  return kFields;
}

FieldList DescribeTopicPartitionsResponse::Partition::fields() {
  static constexpr Field kFields[] = {
      field<&Partition::error_code>("ErrorCode", "0+"),
      field<&Partition::partition_index>("PartitionIndex", "0+"),
      field<&Partition::leader_id>("LeaderId", "0+"),
      field<&Partition::leader_epoch>("LeaderEpoch", "0+"),
      field<&Partition::replica_nodes>("ReplicaNodes", "0+"),
      field<&Partition::isr_nodes>("IsrNodes", "0+"),
      field<&Partition::eligible_leader_replicas>("EligibleLeaderReplicas", "0+",
                                                  {.nullable = "0+"}),
      field<&Partition::last_known_elr>("LastKnownElr", "0+", {.nullable = "0+"}),
      field<&Partition::offline_replicas>("OfflineReplicas", "0+"),
  };
  return kFields;
}

FieldList DescribeTopicPartitionsResponse::Topic::fields() {
  static constexpr Field kFields[] = {
      field<&Topic::error_code>("ErrorCode", "0+"),
      field<&Topic::name>("Name", "0+", {.nullable = "0+"}),
      field<&Topic::topic_id>("TopicId", "0+"),
      field<&Topic::is_internal>("IsInternal", "0+"),
      field<&Topic::partitions>("Partitions", "0+"),
      field<&Topic::topic_authorized_operations>("TopicAuthorizedOperations", "0+"),
  };
  return kFields;
}

FieldList DescribeTopicPartitionsResponse::fields() {
  static constexpr Field kFields[] = {
      field<&DescribeTopicPartitionsResponse::throttle_time_ms>("ThrottleTimeMs", "0+"),
      field<&DescribeTopicPartitionsResponse::topics>("Topics", "0+"),
      field<&DescribeTopicPartitionsResponse::next_cursor>("NextCursor", "0+", {.nullable = "0+"}),
  };
  return kFields;
}

}  // namespace streamhouse::wire
