#include "wire/messages/groups/offset_delete.h"

namespace streamhouse::wire {

FieldList OffsetDeleteRequest::Partition::fields() {
  static constexpr Field kFields[] = {
      field<&Partition::partition_index>("PartitionIndex", "0+"),
  };
  return kFields;
}

FieldList OffsetDeleteRequest::Topic::fields() {
  static constexpr Field kFields[] = {
      field<&Topic::name>("Name", "0+"),
      field<&Topic::partitions>("Partitions", "0+"),
  };
  return kFields;
}

FieldList OffsetDeleteRequest::fields() {
  static constexpr Field kFields[] = {
      field<&OffsetDeleteRequest::group_id>("GroupId", "0+"),
      field<&OffsetDeleteRequest::topics>("Topics", "0+"),
  };
  return kFields;
}

FieldList OffsetDeleteResponse::Partition::fields() {
  static constexpr Field kFields[] = {
      field<&Partition::partition_index>("PartitionIndex", "0+"),
      field<&Partition::error_code>("ErrorCode", "0+"),
  };
  return kFields;
}

FieldList OffsetDeleteResponse::Topic::fields() {
  static constexpr Field kFields[] = {
      field<&Topic::name>("Name", "0+"),
      field<&Topic::partitions>("Partitions", "0+"),
  };
  return kFields;
}

FieldList OffsetDeleteResponse::fields() {
  static constexpr Field kFields[] = {
      field<&OffsetDeleteResponse::error_code>("ErrorCode", "0+"),
      field<&OffsetDeleteResponse::throttle_time_ms>("ThrottleTimeMs", "0+"),
      field<&OffsetDeleteResponse::topics>("Topics", "0+"),
  };
  return kFields;
}

}  // namespace streamhouse::wire
