#include "wire/messages/records/offset_for_leader_epoch.h"

namespace streamhouse::wire {

FieldList OffsetForLeaderEpochRequest::Partition::fields() {
  static constexpr Field kFields[] = {
      field<&Partition::partition>("Partition", "0+"),
      field<&Partition::current_leader_epoch>("CurrentLeaderEpoch", "2+"),
      field<&Partition::leader_epoch>("LeaderEpoch", "0+"),
  };
  return kFields;
}

FieldList OffsetForLeaderEpochRequest::Topic::fields() {
  static constexpr Field kFields[] = {
      field<&Topic::topic>("Topic", "0+"),
      field<&Topic::partitions>("Partitions", "0+"),
  };
  return kFields;
}

FieldList OffsetForLeaderEpochRequest::fields() {
  static constexpr Field kFields[] = {
      field<&OffsetForLeaderEpochRequest::replica_id>("ReplicaId", "3+"),
      field<&OffsetForLeaderEpochRequest::topics>("Topics", "0+"),
  };
  return kFields;
}

FieldList OffsetForLeaderEpochResponse::Partition::fields() {
  static constexpr Field kFields[] = {
      field<&Partition::error_code>("ErrorCode", "0+"),
      field<&Partition::partition>("Partition", "0+"),
      field<&Partition::leader_epoch>("LeaderEpoch", "1+"),
      field<&Partition::end_offset>("EndOffset", "0+"),
  };
  return kFields;
}

FieldList OffsetForLeaderEpochResponse::Topic::fields() {
  static constexpr Field kFields[] = {
      field<&Topic::topic>("Topic", "0+"),
      field<&Topic::partitions>("Partitions", "0+"),
  };
  return kFields;
}

FieldList OffsetForLeaderEpochResponse::fields() {
  static constexpr Field kFields[] = {
      field<&OffsetForLeaderEpochResponse::throttle_time_ms>("ThrottleTimeMs", "2+"),
      field<&OffsetForLeaderEpochResponse::topics>("Topics", "0+"),
  };
  return kFields;
}

}  // namespace streamhouse::wire
