#include "wire/messages/cluster/alter_partition_reassignments.h"

namespace streamhouse::wire {

FieldList AlterPartitionReassignmentsRequest::Partition::fields() {
  static constexpr Field kFields[] = {
      field<&Partition::partition_index>("PartitionIndex", "0+"),
      field<&Partition::replicas>("Replicas", "0+", {.nullable = "0+"}),
  };
  return kFields;
}

FieldList AlterPartitionReassignmentsRequest::Topic::fields() {
  static constexpr Field kFields[] = {
      field<&Topic::name>("Name", "0+"),
      field<&Topic::partitions>("Partitions", "0+"),
  };
  return kFields;
}

FieldList AlterPartitionReassignmentsRequest::fields() {
  static constexpr Field kFields[] = {
      field<&AlterPartitionReassignmentsRequest::timeout_ms>("TimeoutMs", "0+"),
      field<&AlterPartitionReassignmentsRequest::allow_replication_factor_change>(
          "AllowReplicationFactorChange", "1+"),
      field<&AlterPartitionReassignmentsRequest::topics>("Topics", "0+"),
  };
  return kFields;
}

FieldList AlterPartitionReassignmentsResponse::Partition::fields() {
  static constexpr Field kFields[] = {
      field<&Partition::partition_index>("PartitionIndex", "0+"),
      field<&Partition::error_code>("ErrorCode", "0+"),
      field<&Partition::error_message>("ErrorMessage", "0+", {.nullable = "0+"}),
  };
  return kFields;
}

FieldList AlterPartitionReassignmentsResponse::Topic::fields() {
  static constexpr Field kFields[] = {
      field<&Topic::name>("Name", "0+"),
      field<&Topic::partitions>("Partitions", "0+"),
  };
  return kFields;
}

FieldList AlterPartitionReassignmentsResponse::fields() {
  static constexpr Field kFields[] = {
      field<&AlterPartitionReassignmentsResponse::throttle_time_ms>("ThrottleTimeMs", "0+"),
      field<&AlterPartitionReassignmentsResponse::allow_replication_factor_change>(
          "AllowReplicationFactorChange", "1+"),
      field<&AlterPartitionReassignmentsResponse::error_code>("ErrorCode", "0+"),
      field<&AlterPartitionReassignmentsResponse::error_message>("ErrorMessage", "0+",
                                                                 {.nullable = "0+"}),
      field<&AlterPartitionReassignmentsResponse::responses>("Responses", "0+"),
  };
  return kFields;
}

}  // namespace streamhouse::wire
