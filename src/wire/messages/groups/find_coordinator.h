#pragma once
/// \file  FindCoordinator (API key 10): which broker coordinates a group.

#include "wire/api_key.h"
#include "wire/codec/type.h"
#include "wire/error_code.h"

namespace streamhouse::wire {

struct FindCoordinatorRequest {
  static constexpr ApiKey kKey = ApiKey::kFindCoordinator;

  String key = {};                      ///< up to v3: one key
  std::int8_t key_type = 0;             ///< 0: group, 1: transactional id, 2: share group
  Array<String> coordinator_keys = {};  ///< from v4: many
  static FieldList fields();
};

struct FindCoordinatorResponse {
  static constexpr ApiKey kKey = ApiKey::kFindCoordinator;

  struct Coordinator {
    String key = {};
    std::int32_t node_id = 0;
    String host = {};
    std::int32_t port = 0;
    ErrorCode error_code = {};
    NullableString error_message = {};
    static FieldList fields();
  };

  std::int32_t throttle_time_ms = 0;
  ErrorCode error_code = {};  ///< this and the following: up to v3
  NullableString error_message = {};
  std::int32_t node_id = 0;
  String host = {};
  std::int32_t port = 0;
  Array<Coordinator> coordinators = {};
  static FieldList fields();
};

}  // namespace streamhouse::wire
