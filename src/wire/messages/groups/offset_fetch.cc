#include "wire/messages/groups/offset_fetch.h"

namespace streamhouse::wire {

FieldList OffsetFetchRequest::Topic::fields() {
  static constexpr Field kFields[] = {
      field<&Topic::name>("Name", "0-7"),
      field<&Topic::partition_indexes>("PartitionIndexes", "0-7"),
  };
  return kFields;
}

FieldList OffsetFetchRequest::GroupTopic::fields() {
  static constexpr Field kFields[] = {
      field<&GroupTopic::name>("Name", "8-9"),
      field<&GroupTopic::topic_id>("TopicId", "10+"),
      field<&GroupTopic::partition_indexes>("PartitionIndexes", "8+"),
  };
  return kFields;
}

FieldList OffsetFetchRequest::Group::fields() {
  static constexpr Field kFields[] = {
      field<&Group::group_id>("GroupId", "8+"),
      field<&Group::member_id>("MemberId", "9+", {.nullable = "9+"}),
      field<&Group::member_epoch>("MemberEpoch", "9+"),
      field<&Group::topics>("Topics", "8+", {.nullable = "8+"}),
  };
  return kFields;
}

FieldList OffsetFetchRequest::fields() {
  static constexpr Field kFields[] = {
      field<&OffsetFetchRequest::group_id>("GroupId", "0-7"),
      field<&OffsetFetchRequest::topics>("Topics", "0-7", {.nullable = "2-7"}),
      field<&OffsetFetchRequest::groups>("Groups", "8+"),
      field<&OffsetFetchRequest::require_stable>("RequireStable", "7+"),
  };
  return kFields;
}

FieldList OffsetFetchResponse::Partition::fields() {
  static constexpr Field kFields[] = {
      field<&Partition::partition_index>("PartitionIndex", "0-7"),
      field<&Partition::committed_offset>("CommittedOffset", "0-7"),
      field<&Partition::committed_leader_epoch>("CommittedLeaderEpoch", "5-7"),
      field<&Partition::metadata>("Metadata", "0-7", {.nullable = "0-7"}),
      field<&Partition::error_code>("ErrorCode", "0-7"),
  };
  return kFields;
}

FieldList OffsetFetchResponse::Topic::fields() {
  static constexpr Field kFields[] = {
      field<&Topic::name>("Name", "0-7"),
      field<&Topic::partitions>("Partitions", "0-7"),
  };
  return kFields;
}

FieldList OffsetFetchResponse::GroupPartition::fields() {
  static constexpr Field kFields[] = {
      field<&GroupPartition::partition_index>("PartitionIndex", "8+"),
      field<&GroupPartition::committed_offset>("CommittedOffset", "8+"),
      field<&GroupPartition::committed_leader_epoch>("CommittedLeaderEpoch", "8+"),
      field<&GroupPartition::metadata>("Metadata", "8+", {.nullable = "8+"}),
      field<&GroupPartition::error_code>("ErrorCode", "8+"),
  };
  return kFields;
}

FieldList OffsetFetchResponse::GroupTopic::fields() {
  static constexpr Field kFields[] = {
      field<&GroupTopic::name>("Name", "8-9"),
      field<&GroupTopic::topic_id>("TopicId", "10+"),
      field<&GroupTopic::partitions>("Partitions", "8+"),
  };
  return kFields;
}

FieldList OffsetFetchResponse::Group::fields() {
  static constexpr Field kFields[] = {
      field<&Group::group_id>("GroupId", "8+"),
      field<&Group::topics>("Topics", "8+"),
      field<&Group::error_code>("ErrorCode", "8+"),
  };
  return kFields;
}

FieldList OffsetFetchResponse::fields() {
  static constexpr Field kFields[] = {
      field<&OffsetFetchResponse::throttle_time_ms>("ThrottleTimeMs", "3+"),
      field<&OffsetFetchResponse::topics>("Topics", "0-7"),
      field<&OffsetFetchResponse::error_code>("ErrorCode", "2-7"),
      field<&OffsetFetchResponse::groups>("Groups", "8+"),
  };
  return kFields;
}

}  // namespace streamhouse::wire
