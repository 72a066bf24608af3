#include "wire/messages/cluster/delete_acls.h"

namespace streamhouse::wire {

FieldList DeleteAclsRequest::Filter::fields() {
  static constexpr Field kFields[] = {
      field<&Filter::resource_type_filter>("ResourceTypeFilter", "0+"),
      field<&Filter::resource_name_filter>("ResourceNameFilter", "0+", {.nullable = "0+"}),
      field<&Filter::pattern_type_filter>("PatternTypeFilter", "1+"),
      field<&Filter::principal_filter>("PrincipalFilter", "0+", {.nullable = "0+"}),
      field<&Filter::host_filter>("HostFilter", "0+", {.nullable = "0+"}),
      field<&Filter::operation>("Operation", "0+"),
      field<&Filter::permission_type>("PermissionType", "0+"),
  };
  return kFields;
}

FieldList DeleteAclsRequest::fields() {
  static constexpr Field kFields[] = {
      field<&DeleteAclsRequest::filters>("Filters", "0+"),
  };
  return kFields;
}

FieldList DeleteAclsResponse::MatchingAcl::fields() {
  static constexpr Field kFields[] = {
      field<&MatchingAcl::error_code>("ErrorCode", "0+"),
      field<&MatchingAcl::error_message>("ErrorMessage", "0+", {.nullable = "0+"}),
      field<&MatchingAcl::resource_type>("ResourceType", "0+"),
      field<&MatchingAcl::resource_name>("ResourceName", "0+"),
      field<&MatchingAcl::pattern_type>("PatternType", "1+"),
      field<&MatchingAcl::principal>("Principal", "0+"),
      field<&MatchingAcl::host>("Host", "0+"),
      field<&MatchingAcl::operation>("Operation", "0+"),
      field<&MatchingAcl::permission_type>("PermissionType", "0+"),
  };
  return kFields;
}

FieldList DeleteAclsResponse::FilterResult::fields() {
  static constexpr Field kFields[] = {
      field<&FilterResult::error_code>("ErrorCode", "0+"),
      field<&FilterResult::error_message>("ErrorMessage", "0+", {.nullable = "0+"}),
      field<&FilterResult::matching_acls>("MatchingAcls", "0+"),
  };
  return kFields;
}

FieldList DeleteAclsResponse::fields() {
  static constexpr Field kFields[] = {
      field<&DeleteAclsResponse::throttle_time_ms>("ThrottleTimeMs", "0+"),
      field<&DeleteAclsResponse::filter_results>("FilterResults", "0+"),
  };
  return kFields;
}

}  // namespace streamhouse::wire
