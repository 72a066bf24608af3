#include "wire/messages/records/produce.h"

namespace streamhouse::wire {

FieldList ProduceRequest::Partition::fields() {
  static constexpr Field kFields[] = {
      field<&Partition::index>("Index", "0+"),
      field<&Partition::records>("Records", "0+", {.nullable = "0+"}),
  };
  return kFields;
}

FieldList ProduceRequest::Topic::fields() {
  static constexpr Field kFields[] = {
      field<&Topic::name>("Name", "0-12"),
      field<&Topic::topic_id>("TopicId", "13+"),
      field<&Topic::partition_data>("PartitionData", "0+"),
  };
  return kFields;
}

FieldList ProduceRequest::fields() {
  static constexpr Field kFields[] = {
      field<&ProduceRequest::transactional_id>("TransactionalId", "3+", {.nullable = "3+"}),
      field<&ProduceRequest::acks>("Acks", "0+"),
      field<&ProduceRequest::timeout_ms>("TimeoutMs", "0+"),
      field<&ProduceRequest::topic_data>("TopicData", "0+"),
  };
  return kFields;
}

FieldList ProduceResponse::RecordError::fields() {
  static constexpr Field kFields[] = {
      field<&RecordError::batch_index>("BatchIndex", "8+"),
      field<&RecordError::batch_index_error_message>("BatchIndexErrorMessage", "8+",
                                                     {.nullable = "8+"}),
  };
  return kFields;
}

FieldList ProduceResponse::Leader::fields() {
  static constexpr Field kFields[] = {
      field<&Leader::leader_id>("LeaderId", "10+"),
      field<&Leader::leader_epoch>("LeaderEpoch", "10+"),
  };
  return kFields;
}

FieldList ProduceResponse::Partition::fields() {
  static constexpr Field kFields[] = {
      field<&Partition::index>("Index", "0+"),
      field<&Partition::error_code>("ErrorCode", "0+"),
      field<&Partition::base_offset>("BaseOffset", "0+"),
      field<&Partition::log_append_time_ms>("LogAppendTimeMs", "2+"),
      field<&Partition::log_start_offset>("LogStartOffset", "5+"),
      field<&Partition::record_errors>("RecordErrors", "8+"),
      field<&Partition::error_message>("ErrorMessage", "8+", {.nullable = "8+"}),
      field<&Partition::current_leader>("CurrentLeader", "10+", {.tag = 0}),
  };
  return kFields;
}

FieldList ProduceResponse::Topic::fields() {
  static constexpr Field kFields[] = {
      field<&Topic::name>("Name", "0-12"),
      field<&Topic::topic_id>("TopicId", "13+"),
      field<&Topic::partition_responses>("PartitionResponses", "0+"),
  };
  return kFields;
}

FieldList ProduceResponse::Endpoint::fields() {
  static constexpr Field kFields[] = {
      field<&Endpoint::node_id>("NodeId", "10+"),
      field<&Endpoint::host>("Host", "10+"),
      field<&Endpoint::port>("Port", "10+"),
      field<&Endpoint::rack>("Rack", "10+", {.nullable = "10+"}),
  };
  return kFields;
}

FieldList ProduceResponse::fields() {
  static constexpr Field kFields[] = {
      field<&ProduceResponse::responses>("Responses", "0+"),
      field<&ProduceResponse::throttle_time_ms>("ThrottleTimeMs", "1+"),
      field<&ProduceResponse::node_endpoints>("NodeEndpoints", "10+", {.tag = 0}),
  };
  return kFields;
}

}  // namespace streamhouse::wire
