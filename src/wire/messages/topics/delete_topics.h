#pragma once
/// \file  DeleteTopics (API key 20): removes topics, by name or id.

#include "wire/api_key.h"
#include "wire/codec/type.h"
#include "wire/error_code.h"

namespace streamhouse::wire {

struct DeleteTopicsRequest {
  static constexpr ApiKey kKey = ApiKey::kDeleteTopics;

  struct Topic {
    NullableString name = {};  ///< null: by id
    Uuid topic_id = {};
    static FieldList fields();
  };

  Array<Topic> topics = {};        ///< from v6
  Array<String> topic_names = {};  ///< up to v5
  std::int32_t timeout_ms = 0;
  static FieldList fields();
};

struct DeleteTopicsResponse {
  static constexpr ApiKey kKey = ApiKey::kDeleteTopics;

  struct Topic {
    NullableString name = "";  ///< null from v6: asked for by an unknown id
    Uuid topic_id = {};
    ErrorCode error_code = {};
    NullableString error_message = {};
    static FieldList fields();
  };

  std::int32_t throttle_time_ms = 0;
  Array<Topic> responses = {};
  static FieldList fields();
};

}  // namespace streamhouse::wire
