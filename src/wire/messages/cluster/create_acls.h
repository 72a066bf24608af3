#pragma once
/// \file  CreateAcls (API key 30): makes access rules.

#include "wire/api_key.h"
#include "wire/codec/type.h"
#include "wire/error_code.h"

namespace streamhouse::wire {

struct CreateAclsRequest {
  static constexpr ApiKey kKey = ApiKey::kCreateAcls;

  struct Creation {
    std::int8_t resource_type = 0;
    String resource_name = {};
    std::int8_t resource_pattern_type = 3;
    String principal = {};
    String host = {};
    std::int8_t operation = 0;
    std::int8_t permission_type = 0;
    static FieldList fields();
  };

  Array<Creation> creations = {};
  static FieldList fields();
};

struct CreateAclsResponse {
  static constexpr ApiKey kKey = ApiKey::kCreateAcls;

  struct Result {
    ErrorCode error_code = {};
    NullableString error_message = {};
    static FieldList fields();
  };

  std::int32_t throttle_time_ms = 0;
  Array<Result> results = {};
  static FieldList fields();
};

}  // namespace streamhouse::wire
