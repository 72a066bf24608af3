#include "wire/messages/cluster/list_partition_reassignments.h"

namespace streamhouse::wire {

FieldList ListPartitionReassignmentsRequest::Topic::fields() {
  static constexpr Field kFields[] = {
      field<&Topic::name>("Name", "0+"),
      field<&Topic::partition_indexes>("PartitionIndexes", "0+"),
  };
  return kFields;
}

FieldList ListPartitionReassignmentsRequest::fields() {
  static constexpr Field kFields[] = {
      field<&ListPartitionReassignmentsRequest::timeout_ms>("TimeoutMs", "0+"),
      field<&ListPartitionReassignmentsRequest::topics>("Topics", "0+", {.nullable = "0+"}),
  };
  return kFields;
}

FieldList ListPartitionReassignmentsResponse::Partition::fields() {
  static constexpr Field kFields[] = {
      field<&Partition::partition_index>("PartitionIndex", "0+"),
      field<&Partition::replicas>("Replicas", "0+"),
      field<&Partition::adding_replicas>("AddingReplicas", "0+"),
      field<&Partition::removing_replicas>("RemovingReplicas", "0+"),
  };
  return kFields;
}

FieldList ListPartitionReassignmentsResponse::Topic::fields() {
  static constexpr Field kFields[] = {
      field<&Topic::name>("Name", "0+"),
      field<&Topic::partitions>("Partitions", "0+"),
  };
  return kFields;
}

FieldList ListPartitionReassignmentsResponse::fields() {
  static constexpr Field kFields[] = {
      field<&ListPartitionReassignmentsResponse::throttle_time_ms>("ThrottleTimeMs", "0+"),
      field<&ListPartitionReassignmentsResponse::error_code>("ErrorCode", "0+"),
      field<&ListPartitionReassignmentsResponse::error_message>("ErrorMessage", "0+",
                                                                {.nullable = "0+"}),
      field<&ListPartitionReassignmentsResponse::topics>("Topics", "0+"),
  };
  return kFields;
}

}  // namespace streamhouse::wire
