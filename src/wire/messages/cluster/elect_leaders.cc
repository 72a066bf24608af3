#include "wire/messages/cluster/elect_leaders.h"

namespace streamhouse::wire {

FieldList ElectLeadersRequest::Topic::fields() {
  static constexpr Field kFields[] = {
      field<&Topic::topic>("Topic", "0+"),
      field<&Topic::partitions>("Partitions", "0+"),
  };
  return kFields;
}

FieldList ElectLeadersRequest::fields() {
  static constexpr Field kFields[] = {
      field<&ElectLeadersRequest::election_type>("ElectionType", "1+"),
      field<&ElectLeadersRequest::topic_partitions>("TopicPartitions", "0+", {.nullable = "0+"}),
      field<&ElectLeadersRequest::timeout_ms>("TimeoutMs", "0+"),
  };
  return kFields;
}

FieldList ElectLeadersResponse::Partition::fields() {
  static constexpr Field kFields[] = {
      field<&Partition::partition_id>("PartitionId", "0+"),
      field<&Partition::error_code>("ErrorCode", "0+"),
      field<&Partition::error_message>("ErrorMessage", "0+", {.nullable = "0+"}),
  };
  return kFields;
}

FieldList ElectLeadersResponse::Topic::fields() {
  static constexpr Field kFields[] = {
      field<&Topic::topic>("Topic", "0+"),
      field<&Topic::partition_result>("PartitionResult", "0+"),
  };
  return kFields;
}

FieldList ElectLeadersResponse::fields() {
  static constexpr Field kFields[] = {
      field<&ElectLeadersResponse::throttle_time_ms>("ThrottleTimeMs", "0+"),
      field<&ElectLeadersResponse::error_code>("ErrorCode", "1+"),
      field<&ElectLeadersResponse::replica_election_results>("ReplicaElectionResults", "0+"),
  };
  return kFields;
}

}  // namespace streamhouse::wire
