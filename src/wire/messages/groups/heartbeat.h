#pragma once
/// \file  Heartbeat (API key 12): a member is alive; it learns of a rebalance.

#include "wire/api_key.h"
#include "wire/codec/type.h"
#include "wire/error_code.h"

namespace streamhouse::wire {

struct HeartbeatRequest {
  static constexpr ApiKey kKey = ApiKey::kHeartbeat;

  String group_id = {};
  std::int32_t generation_id = 0;
  String member_id = {};
  NullableString group_instance_id = {};
  static FieldList fields();
};

struct HeartbeatResponse {
  static constexpr ApiKey kKey = ApiKey::kHeartbeat;

  std::int32_t throttle_time_ms = 0;
  ErrorCode error_code = {};
  static FieldList fields();
};

}  // namespace streamhouse::wire
