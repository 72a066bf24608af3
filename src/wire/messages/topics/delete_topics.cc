#include "wire/messages/topics/delete_topics.h"

namespace streamhouse::wire {

FieldList DeleteTopicsRequest::Topic::fields() {
  static constexpr Field kFields[] = {
      field<&Topic::name>("Name", "6+", {.nullable = "6+"}),
      field<&Topic::topic_id>("TopicId", "6+"),
  };
  return kFields;
}

FieldList DeleteTopicsRequest::fields() {
  static constexpr Field kFields[] = {
      field<&DeleteTopicsRequest::topics>("Topics", "6+"),
      field<&DeleteTopicsRequest::topic_names>("TopicNames", "0-5"),
      field<&DeleteTopicsRequest::timeout_ms>("TimeoutMs", "0+"),
  };
  return kFields;
}

FieldList DeleteTopicsResponse::Topic::fields() {
  static constexpr Field kFields[] = {
      field<&Topic::name>("Name", "0+", {.nullable = "6+"}),
      field<&Topic::topic_id>("TopicId", "6+"),
      field<&Topic::error_code>("ErrorCode", "0+"),
      field<&Topic::error_message>("ErrorMessage", "5+", {.nullable = "5+"}),
  };
  return kFields;
}

FieldList DeleteTopicsResponse::fields() {
  static constexpr Field kFields[] = {
      field<&DeleteTopicsResponse::throttle_time_ms>("ThrottleTimeMs", "1+"),
      field<&DeleteTopicsResponse::responses>("Responses", "0+"),
  };
  return kFields;
}

}  // namespace streamhouse::wire
