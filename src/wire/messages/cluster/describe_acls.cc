#include "wire/messages/cluster/describe_acls.h"

namespace streamhouse::wire {

FieldList DescribeAclsRequest::fields() {
  static constexpr Field kFields[] = {
      field<&DescribeAclsRequest::resource_type_filter>("ResourceTypeFilter", "0+"),
      field<&DescribeAclsRequest::resource_name_filter>("ResourceNameFilter", "0+",
                                                        {.nullable = "0+"}),
      field<&DescribeAclsRequest::pattern_type_filter>("PatternTypeFilter", "1+"),
      field<&DescribeAclsRequest::principal_filter>("PrincipalFilter", "0+", {.nullable = "0+"}),
      field<&DescribeAclsRequest::host_filter>("HostFilter", "0+", {.nullable = "0+"}),
      field<&DescribeAclsRequest::operation>("Operation", "0+"),
      field<&DescribeAclsRequest::permission_type>("PermissionType", "0+"),
  };
  return kFields;
}

FieldList DescribeAclsResponse::Acl::fields() {
  static constexpr Field kFields[] = {
      field<&Acl::principal>("Principal", "0+"),
      field<&Acl::host>("Host", "0+"),
      field<&Acl::operation>("Operation", "0+"),
      field<&Acl::permission_type>("PermissionType", "0+"),
  };
  return kFields;
}

FieldList DescribeAclsResponse::Resource::fields() {
  static constexpr Field kFields[] = {
      field<&Resource::resource_type>("ResourceType", "0+"),
      field<&Resource::resource_name>("ResourceName", "0+"),
      field<&Resource::pattern_type>("PatternType", "1+"),
      field<&Resource::acls>("Acls", "0+"),
  };
  return kFields;
}

FieldList DescribeAclsResponse::fields() {
  static constexpr Field kFields[] = {
      field<&DescribeAclsResponse::throttle_time_ms>("ThrottleTimeMs", "0+"),
      field<&DescribeAclsResponse::error_code>("ErrorCode", "0+"),
      field<&DescribeAclsResponse::error_message>("ErrorMessage", "0+", {.nullable = "0+"}),
      field<&DescribeAclsResponse::resources>("Resources", "0+"),
  };
  return kFields;
}

}  // namespace streamhouse::wire
