#pragma once
/// \file  LeaveGroup (API key 13): members go.

#include "wire/api_key.h"
#include "wire/codec/type.h"
#include "wire/error_code.h"

namespace streamhouse::wire {

struct LeaveGroupRequest {
  static constexpr ApiKey kKey = ApiKey::kLeaveGroup;

  struct Member {
    String member_id = {};
    NullableString group_instance_id = {};
    NullableString reason = {};
    static FieldList fields();
  };

  String group_id = {};
  String member_id = {};       ///< up to v2: one member
  Array<Member> members = {};  ///< from v3: many
  static FieldList fields();
};

struct LeaveGroupResponse {
  static constexpr ApiKey kKey = ApiKey::kLeaveGroup;

  struct Member {
    String member_id = {};
    NullableString group_instance_id = {};
    ErrorCode error_code = {};
    static FieldList fields();
  };

  std::int32_t throttle_time_ms = 0;
  ErrorCode error_code = {};
  Array<Member> members = {};
  static FieldList fields();
};

}  // namespace streamhouse::wire
