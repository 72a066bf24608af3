#include "wire/messages/topics/create_topics.h"

namespace streamhouse::wire {

FieldList CreateTopicsRequest::Assignment::fields() {
  static constexpr Field kFields[] = {
      field<&Assignment::partition_index>("PartitionIndex", "0+"),
      field<&Assignment::broker_ids>("BrokerIds", "0+"),
  };
  return kFields;
}

FieldList CreateTopicsRequest::Config::fields() {
  static constexpr Field kFields[] = {
      field<&Config::name>("Name", "0+"),
      field<&Config::value>("Value", "0+", {.nullable = "0+"}),
  };
  return kFields;
}

FieldList CreateTopicsRequest::Topic::fields() {
  static constexpr Field kFields[] = {
      field<&Topic::name>("Name", "0+"),
      field<&Topic::num_partitions>("NumPartitions", "0+"),
      field<&Topic::replication_factor>("ReplicationFactor", "0+"),
      field<&Topic::assignments>("Assignments", "0+"),
      field<&Topic::configs>("Configs", "0+"),
  };
  return kFields;
}

FieldList CreateTopicsRequest::fields() {
  static constexpr Field kFields[] = {
      field<&CreateTopicsRequest::topics>("Topics", "0+"),
      field<&CreateTopicsRequest::timeout_ms>("timeoutMs", "0+"),
      field<&CreateTopicsRequest::validate_only>("validateOnly", "1+"),
  };
  return kFields;
}

FieldList CreateTopicsResponse::Config::fields() {
  static constexpr Field kFields[] = {
      field<&Config::name>("Name", "5+"),
      field<&Config::value>("Value", "5+", {.nullable = "5+"}),
      field<&Config::read_only>("ReadOnly", "5+"),
      field<&Config::config_source>("ConfigSource", "5+"),
      field<&Config::is_sensitive>("IsSensitive", "5+"),
  };
  return kFields;
}

FieldList CreateTopicsResponse::Topic::fields() {
  static constexpr Field kFields[] = {
      field<&Topic::name>("Name", "0+"),
      field<&Topic::topic_id>("TopicId", "7+"),
      field<&Topic::error_code>("ErrorCode", "0+"),
      field<&Topic::error_message>("ErrorMessage", "1+", {.nullable = "0+"}),
      field<&Topic::topic_config_error_code>("TopicConfigErrorCode", "5+", {.tag = 0}),
      field<&Topic::num_partitions>("NumPartitions", "5+"),
      field<&Topic::replication_factor>("ReplicationFactor", "5+"),
      field<&Topic::configs>("Configs", "5+", {.nullable = "5+"}),
  };
  return kFields;
}

FieldList CreateTopicsResponse::fields() {
  static constexpr Field kFields[] = {
      field<&CreateTopicsResponse::throttle_time_ms>("ThrottleTimeMs", "2+"),
      field<&CreateTopicsResponse::topics>("Topics", "0+"),
  };
  return kFields;
}

}  // namespace streamhouse::wire
