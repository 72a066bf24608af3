#include "wire/messages/cluster/describe_log_dirs.h"

namespace streamhouse::wire {

FieldList DescribeLogDirsRequest::Topic::fields() {
  static constexpr Field kFields[] = {
      field<&Topic::topic>("Topic", "0+"),
      field<&Topic::partitions>("Partitions", "0+"),
  };
  return kFields;
}

FieldList DescribeLogDirsRequest::fields() {
  static constexpr Field kFields[] = {
      field<&DescribeLogDirsRequest::topics>("Topics", "0+", {.nullable = "0+"}),
  };
  return kFields;
}

FieldList DescribeLogDirsResponse::Partition::fields() {
  static constexpr Field kFields[] = {
      field<&Partition::partition_index>("PartitionIndex", "0+"),
      field<&Partition::partition_size>("PartitionSize", "0+"),
      field<&Partition::offset_lag>("OffsetLag", "0+"),
      field<&Partition::is_future_key>("IsFutureKey", "0+"),
  };
  return kFields;
}

FieldList DescribeLogDirsResponse::Topic::fields() {
  static constexpr Field kFields[] = {
      field<&Topic::name>("Name", "0+"),
      field<&Topic::partitions>("Partitions", "0+"),
  };
  return kFields;
}

FieldList DescribeLogDirsResponse::LogDir::fields() {
  static constexpr Field kFields[] = {
      field<&LogDir::error_code>("ErrorCode", "0+"),
      field<&LogDir::log_dir>("LogDir", "0+"),
      field<&LogDir::topics>("Topics", "0+"),
      field<&LogDir::total_bytes>("TotalBytes", "4+"),
      field<&LogDir::usable_bytes>("UsableBytes", "4+"),
  };
  return kFields;
}

FieldList DescribeLogDirsResponse::fields() {
  static constexpr Field kFields[] = {
      field<&DescribeLogDirsResponse::throttle_time_ms>("ThrottleTimeMs", "0+"),
      field<&DescribeLogDirsResponse::error_code>("ErrorCode", "3+"),
      field<&DescribeLogDirsResponse::results>("Results", "0+"),
  };
  return kFields;
}

}  // namespace streamhouse::wire
