#pragma once
/// \file  ListGroups (API key 16): every group that this broker coordinates.

#include "wire/api_key.h"
#include "wire/codec/type.h"
#include "wire/error_code.h"

namespace streamhouse::wire {

struct ListGroupsRequest {
  static constexpr ApiKey kKey = ApiKey::kListGroups;

  Array<String> states_filter = {};  ///< empty: all
  Array<String> types_filter = {};   ///< empty: all
  static FieldList fields();
};

struct ListGroupsResponse {
  static constexpr ApiKey kKey = ApiKey::kListGroups;

  struct Group {
    String group_id = {};
    String protocol_type = {};
    String group_state = {};
    String group_type = {};
    static FieldList fields();
  };

  std::int32_t throttle_time_ms = 0;
  ErrorCode error_code = {};
  Array<Group> groups = {};
  static FieldList fields();
};

}  // namespace streamhouse::wire
