#pragma once
/// \file  DeleteGroups (API key 42): removes groups without members.

#include "wire/api_key.h"
#include "wire/codec/type.h"
#include "wire/error_code.h"

namespace streamhouse::wire {

struct DeleteGroupsRequest {
  static constexpr ApiKey kKey = ApiKey::kDeleteGroups;

  Array<String> groups_names = {};
  static FieldList fields();
};

struct DeleteGroupsResponse {
  static constexpr ApiKey kKey = ApiKey::kDeleteGroups;

  struct Group {
    String group_id = {};
    ErrorCode error_code = {};
    static FieldList fields();
  };

  std::int32_t throttle_time_ms = 0;
  Array<Group> results = {};
  static FieldList fields();
};

}  // namespace streamhouse::wire
