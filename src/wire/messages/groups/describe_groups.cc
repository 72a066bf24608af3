#include "wire/messages/groups/describe_groups.h"

namespace streamhouse::wire {

FieldList DescribeGroupsRequest::fields() {
  static constexpr Field kFields[] = {
      field<&DescribeGroupsRequest::groups>("Groups", "0+"),
      field<&DescribeGroupsRequest::include_authorized_operations>("IncludeAuthorizedOperations",
                                                                   "3+"),
  };
  return kFields;
}

FieldList DescribeGroupsResponse::Member::fields() {
  static constexpr Field kFields[] = {
      field<&Member::member_id>("MemberId", "0+"),
      field<&Member::group_instance_id>("GroupInstanceId", "4+", {.nullable = "4+"}),
      field<&Member::client_id>("ClientId", "0+"),
      field<&Member::client_host>("ClientHost", "0+"),
      field<&Member::member_metadata>("MemberMetadata", "0+"),
      field<&Member::member_assignment>("MemberAssignment", "0+"),
  };
  return kFields;
}

FieldList DescribeGroupsResponse::Group::fields() {
  static constexpr Field kFields[] = {
      field<&Group::error_code>("ErrorCode", "0+"),
      field<&Group::error_message>("ErrorMessage", "6+", {.nullable = "6+"}),
      field<&Group::group_id>("GroupId", "0+"),
      field<&Group::group_state>("GroupState", "0+"),
      field<&Group::protocol_type>("ProtocolType", "0+"),
      field<&Group::protocol_data>("ProtocolData", "0+"),
      field<&Group::members>("Members", "0+"),
      field<&Group::authorized_operations>("AuthorizedOperations", "3+"),
  };
  return kFields;
}

FieldList DescribeGroupsResponse::fields() {
  static constexpr Field kFields[] = {
      field<&DescribeGroupsResponse::throttle_time_ms>("ThrottleTimeMs", "1+"),
      field<&DescribeGroupsResponse::groups>("Groups", "0+"),
  };
  return kFields;
}

}  // namespace streamhouse::wire
