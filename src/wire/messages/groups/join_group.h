#pragma once
/// \file  JoinGroup (API key 11): a member enters a group, or its next generation.

#include "wire/api_key.h"
#include "wire/codec/type.h"
#include "wire/error_code.h"

namespace streamhouse::wire {

struct JoinGroupRequest {
  static constexpr ApiKey kKey = ApiKey::kJoinGroup;

  struct Protocol {
    String name = {};
    base::BytesView metadata = {};  ///< opaque: the subscription
    static FieldList fields();
  };

  String group_id = {};
  std::int32_t session_timeout_ms = 0;     ///< without a heartbeat for so long a member is out
  std::int32_t rebalance_timeout_ms = -1;  ///< to wait for the others; -1: session_timeout_ms
  String member_id = {};                   ///< empty: a new member
  NullableString group_instance_id = {};   ///< of a static member
  String protocol_type = {};               ///< of the group: "consumer", "connect", ...
  Array<Protocol> protocols = {};          ///< most wanted first
  NullableString reason = {};
  static FieldList fields();
};

struct JoinGroupResponse {
  static constexpr ApiKey kKey = ApiKey::kJoinGroup;

  struct Member {
    String member_id = {};
    NullableString group_instance_id = {};
    base::BytesView metadata = {};
    static FieldList fields();
  };

  std::int32_t throttle_time_ms = 0;
  ErrorCode error_code = {};
  std::int32_t generation_id = -1;
  NullableString protocol_type = {};
  NullableString protocol_name = "";  ///< null from v7
  String leader = {};                 ///< the member id of the group's leader
  bool skip_assignment = false;
  String member_id = {};
  Array<Member> members = {};  ///< only for the leader
  static FieldList fields();
};

}  // namespace streamhouse::wire
