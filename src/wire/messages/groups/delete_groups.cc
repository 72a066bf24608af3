#include "wire/messages/groups/delete_groups.h"

namespace streamhouse::wire {

FieldList DeleteGroupsRequest::fields() {
  static constexpr Field kFields[] = {
      field<&DeleteGroupsRequest::groups_names>("GroupsNames", "0+"),
  };
  return kFields;
}

FieldList DeleteGroupsResponse::Group::fields() {
  static constexpr Field kFields[] = {
      field<&Group::group_id>("GroupId", "0+"),
      field<&Group::error_code>("ErrorCode", "0+"),
  };
  return kFields;
}

FieldList DeleteGroupsResponse::fields() {
  static constexpr Field kFields[] = {
      field<&DeleteGroupsResponse::throttle_time_ms>("ThrottleTimeMs", "0+"),
      field<&DeleteGroupsResponse::results>("Results", "0+"),
  };
  return kFields;
}

}  // namespace streamhouse::wire
