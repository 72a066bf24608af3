#pragma once
/// \file  DeleteAcls (API key 31): removes the access rules that match filters.

#include "wire/api_key.h"
#include "wire/codec/type.h"
#include "wire/error_code.h"

namespace streamhouse::wire {

struct DeleteAclsRequest {
  static constexpr ApiKey kKey = ApiKey::kDeleteAcls;

  struct Filter {
    std::int8_t resource_type_filter = 0;
    NullableString resource_name_filter = {};
    std::int8_t pattern_type_filter = 3;
    NullableString principal_filter = {};
    NullableString host_filter = {};
    std::int8_t operation = 0;
    std::int8_t permission_type = 0;
    static FieldList fields();
  };

  Array<Filter> filters = {};
  static FieldList fields();
};

struct DeleteAclsResponse {
  static constexpr ApiKey kKey = ApiKey::kDeleteAcls;

  struct MatchingAcl {
    ErrorCode error_code = {};
    NullableString error_message = {};
    std::int8_t resource_type = 0;
    String resource_name = {};
    std::int8_t pattern_type = 3;
    String principal = {};
    String host = {};
    std::int8_t operation = 0;
    std::int8_t permission_type = 0;
    static FieldList fields();
  };

  struct FilterResult {
    ErrorCode error_code = {};
    NullableString error_message = {};
    Array<MatchingAcl> matching_acls = {};
    static FieldList fields();
  };

  std::int32_t throttle_time_ms = 0;
  Array<FilterResult> filter_results = {};
  static FieldList fields();
};

}  // namespace streamhouse::wire
