#pragma once
/// \file  SyncGroup (API key 14): the leader hands out assignments; every member gets its own.

#include "wire/api_key.h"
#include "wire/codec/type.h"
#include "wire/error_code.h"

namespace streamhouse::wire {

struct SyncGroupRequest {
  static constexpr ApiKey kKey = ApiKey::kSyncGroup;

  struct Assignment {
    String member_id = {};
    base::BytesView assignment = {};  ///< opaque
    static FieldList fields();
  };

  String group_id = {};
  std::int32_t generation_id = 0;
  String member_id = {};
  NullableString group_instance_id = {};
  NullableString protocol_type = {};
  NullableString protocol_name = {};
  Array<Assignment> assignments = {};  ///< only from the leader
  static FieldList fields();
};

struct SyncGroupResponse {
  static constexpr ApiKey kKey = ApiKey::kSyncGroup;

  std::int32_t throttle_time_ms = 0;
  ErrorCode error_code = {};
  NullableString protocol_type = {};
  NullableString protocol_name = {};
  base::BytesView assignment = {};  ///< opaque
  static FieldList fields();
};

}  // namespace streamhouse::wire
