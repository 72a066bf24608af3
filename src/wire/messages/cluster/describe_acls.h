#pragma once
/// \file  DescribeAcls (API key 29): the access rules that match a filter.

#include "wire/api_key.h"
#include "wire/codec/type.h"
#include "wire/error_code.h"

namespace streamhouse::wire {

struct DescribeAclsRequest {
  static constexpr ApiKey kKey = ApiKey::kDescribeAcls;

  std::int8_t resource_type_filter = 0;
  NullableString resource_name_filter = {};  ///< null: any
  std::int8_t pattern_type_filter = 3;
  NullableString principal_filter = {};  ///< null: any
  NullableString host_filter = {};       ///< null: any
  std::int8_t operation = 0;
  std::int8_t permission_type = 0;
  static FieldList fields();
};

struct DescribeAclsResponse {
  static constexpr ApiKey kKey = ApiKey::kDescribeAcls;

  struct Acl {
    String principal = {};
    String host = {};
    std::int8_t operation = 0;
    std::int8_t permission_type = 0;
    static FieldList fields();
  };

  struct Resource {
    std::int8_t resource_type = 0;
    String resource_name = {};
    std::int8_t pattern_type = 3;
    Array<Acl> acls = {};
    static FieldList fields();
  };

  std::int32_t throttle_time_ms = 0;
  ErrorCode error_code = {};
  NullableString error_message = {};
  Array<Resource> resources = {};
  static FieldList fields();
};

}  // namespace streamhouse::wire
