#include "wire/messages/groups/offset_commit.h"

namespace streamhouse::wire {

FieldList OffsetCommitRequest::Partition::fields() {
  static constexpr Field kFields[] = {
      field<&Partition::partition_index>("PartitionIndex", "0+"),
      field<&Partition::committed_offset>("CommittedOffset", "0+"),
      field<&Partition::committed_leader_epoch>("CommittedLeaderEpoch", "6+"),
      field<&Partition::committed_metadata>("CommittedMetadata", "0+", {.nullable = "0+"}),
  };
  return kFields;
}

FieldList OffsetCommitRequest::Topic::fields() {
  static constexpr Field kFields[] = {
      field<&Topic::name>("Name", "0-9"),
      field<&Topic::topic_id>("TopicId", "10+"),
      field<&Topic::partitions>("Partitions", "0+"),
  };
  return kFields;
}

FieldList OffsetCommitRequest::fields() {
  static constexpr Field kFields[] = {
      field<&OffsetCommitRequest::group_id>("GroupId", "0+"),
      field<&OffsetCommitRequest::generation_id_or_member_epoch>("GenerationIdOrMemberEpoch", "1+"),
      field<&OffsetCommitRequest::member_id>("MemberId", "1+"),
      field<&OffsetCommitRequest::group_instance_id>("GroupInstanceId", "7+", {.nullable = "7+"}),
      field<&OffsetCommitRequest::retention_time_ms>("RetentionTimeMs", "2-4"),
      field<&OffsetCommitRequest::topics>("Topics", "0+"),
  };
  return kFields;
}

FieldList OffsetCommitResponse::Partition::fields() {
  static constexpr Field kFields[] = {
      field<&Partition::partition_index>("PartitionIndex", "0+"),
      field<&Partition::error_code>("ErrorCode", "0+"),
  };
  return kFields;
}

FieldList OffsetCommitResponse::Topic::fields() {
  static constexpr Field kFields[] = {
      field<&Topic::name>("Name", "0-9"),
      field<&Topic::topic_id>("TopicId", "10+"),
      field<&Topic::partitions>("Partitions", "0+"),
  };
  return kFields;
}

FieldList OffsetCommitResponse::fields() {
  static constexpr Field kFields[] = {
      field<&OffsetCommitResponse::throttle_time_ms>("ThrottleTimeMs", "3+"),
      field<&OffsetCommitResponse::topics>("Topics", "0+"),
  };
  return kFields;
}

}  // namespace streamhouse::wire
