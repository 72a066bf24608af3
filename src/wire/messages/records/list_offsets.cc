#include "wire/messages/records/list_offsets.h"

namespace streamhouse::wire {

FieldList ListOffsetsRequest::Partition::fields() {
  static constexpr Field kFields[] = {
      field<&Partition::partition_index>("PartitionIndex", "0+"),
      field<&Partition::current_leader_epoch>("CurrentLeaderEpoch", "4+"),
      field<&Partition::timestamp>("Timestamp", "0+"),
  };
  return kFields;
}

FieldList ListOffsetsRequest::Topic::fields() {
  static constexpr Field kFields[] = {
      field<&Topic::name>("Name", "0+"),
      field<&Topic::partitions>("Partitions", "0+"),
  };
  return kFields;
}

FieldList ListOffsetsRequest::fields() {
  static constexpr Field kFields[] = {
      field<&ListOffsetsRequest::replica_id>("ReplicaId", "0+"),
      field<&ListOffsetsRequest::isolation_level>("IsolationLevel", "2+"),
      field<&ListOffsetsRequest::topics>("Topics", "0+"),
      field<&ListOffsetsRequest::timeout_ms>("TimeoutMs", "10+"),
  };
  return kFields;
}

FieldList ListOffsetsResponse::Partition::fields() {
  static constexpr Field kFields[] = {
      field<&Partition::partition_index>("PartitionIndex", "0+"),
      field<&Partition::error_code>("ErrorCode", "0+"),
      field<&Partition::timestamp>("Timestamp", "1+"),
      field<&Partition::offset>("Offset", "1+"),
      field<&Partition::leader_epoch>("LeaderEpoch", "4+"),
  };
  return kFields;
}

FieldList ListOffsetsResponse::Topic::fields() {
  static constexpr Field kFields[] = {
      field<&Topic::name>("Name", "0+"),
      field<&Topic::partitions>("Partitions", "0+"),
  };
  return kFields;
}

FieldList ListOffsetsResponse::fields() {
  static constexpr Field kFields[] = {
      field<&ListOffsetsResponse::throttle_time_ms>("ThrottleTimeMs", "2+"),
      field<&ListOffsetsResponse::topics>("Topics", "0+"),
  };
  return kFields;
}

}  // namespace streamhouse::wire
