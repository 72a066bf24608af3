#include "wire/messages/records/delete_records.h"

namespace streamhouse::wire {

FieldList DeleteRecordsRequest::Partition::fields() {
  static constexpr Field kFields[] = {
      field<&Partition::partition_index>("PartitionIndex", "0+"),
      field<&Partition::offset>("Offset", "0+"),
  };
  return kFields;
}

FieldList DeleteRecordsRequest::Topic::fields() {
  static constexpr Field kFields[] = {
      field<&Topic::name>("Name", "0+"),
      field<&Topic::partitions>("Partitions", "0+"),
  };
  return kFields;
}

FieldList DeleteRecordsRequest::fields() {
  static constexpr Field kFields[] = {
      field<&DeleteRecordsRequest::topics>("Topics", "0+"),
      field<&DeleteRecordsRequest::timeout_ms>("TimeoutMs", "0+"),
  };
  return kFields;
}

FieldList DeleteRecordsResponse::Partition::fields() {
  static constexpr Field kFields[] = {
      field<&Partition::partition_index>("PartitionIndex", "0+"),
      field<&Partition::low_watermark>("LowWatermark", "0+"),
      field<&Partition::error_code>("ErrorCode", "0+"),
  };
  return kFields;
}

FieldList DeleteRecordsResponse::Topic::fields() {
  static constexpr Field kFields[] = {
      field<&Topic::name>("Name", "0+"),
      field<&Topic::partitions>("Partitions", "0+"),
  };
  return kFields;
}

FieldList DeleteRecordsResponse::fields() {
  static constexpr Field kFields[] = {
      field<&DeleteRecordsResponse::throttle_time_ms>("ThrottleTimeMs", "0+"),
      field<&DeleteRecordsResponse::topics>("Topics", "0+"),
  };
  return kFields;
}

}  // namespace streamhouse::wire
