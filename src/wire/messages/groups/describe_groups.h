#pragma once
/// \file  DescribeGroups (API key 15): the state and members of groups.

#include "wire/api_key.h"
#include "wire/codec/type.h"
#include "wire/error_code.h"
#include "wire/messages/authorized_operations.h"

namespace streamhouse::wire {

struct DescribeGroupsRequest {
  static constexpr ApiKey kKey = ApiKey::kDescribeGroups;

  Array<String> groups = {};
  bool include_authorized_operations = false;
  static FieldList fields();
};

struct DescribeGroupsResponse {
  static constexpr ApiKey kKey = ApiKey::kDescribeGroups;

  struct Member {
    String member_id = {};
    NullableString group_instance_id = {};
    String client_id = {};
    String client_host = {};
    base::BytesView member_metadata = {};
    base::BytesView member_assignment = {};
    static FieldList fields();
  };

  struct Group {
    ErrorCode error_code = {};
    NullableString error_message = {};
    String group_id = {};
    String group_state = {};
    String protocol_type = {};
    String protocol_data = {};  ///< the name of the assignor
    Array<Member> members = {};
    std::int32_t authorized_operations = kOperationsNotAsked;
    static FieldList fields();
  };

  std::int32_t throttle_time_ms = 0;
  Array<Group> groups = {};
  static FieldList fields();
};

}  // namespace streamhouse::wire
