#include "wire/messages/groups/list_groups.h"

namespace streamhouse::wire {

FieldList ListGroupsRequest::fields() {
  static constexpr Field kFields[] = {
      field<&ListGroupsRequest::states_filter>("StatesFilter", "4+"),
      field<&ListGroupsRequest::types_filter>("TypesFilter", "5+"),
  };
  return kFields;
}

FieldList ListGroupsResponse::Group::fields() {
  static constexpr Field kFields[] = {
      field<&Group::group_id>("GroupId", "0+"),
      field<&Group::protocol_type>("ProtocolType", "0+"),
      field<&Group::group_state>("GroupState", "4+"),
      field<&Group::group_type>("GroupType", "5+"),
  };
  return kFields;
}

FieldList ListGroupsResponse::fields() {
  static constexpr Field kFields[] = {
      field<&ListGroupsResponse::throttle_time_ms>("ThrottleTimeMs", "1+"),
      field<&ListGroupsResponse::error_code>("ErrorCode", "0+"),
      field<&ListGroupsResponse::groups>("Groups", "0+"),
  };
  return kFields;
}

}  // namespace streamhouse::wire
