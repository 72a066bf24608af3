#include "wire/messages/configs/describe_configs.h"

namespace streamhouse::wire {

FieldList DescribeConfigsRequest::Resource::fields() {
  static constexpr Field kFields[] = {
      field<&Resource::resource_type>("ResourceType", "0+"),
      field<&Resource::resource_name>("ResourceName", "0+"),
      field<&Resource::configuration_keys>("ConfigurationKeys", "0+", {.nullable = "0+"}),
  };
  return kFields;
}

FieldList DescribeConfigsRequest::fields() {
  static constexpr Field kFields[] = {
      field<&DescribeConfigsRequest::resources>("Resources", "0+"),
      field<&DescribeConfigsRequest::include_synonyms>("IncludeSynonyms", "1+"),
      field<&DescribeConfigsRequest::include_documentation>("IncludeDocumentation", "3+"),
  };
  return kFields;
}

FieldList DescribeConfigsResponse::Synonym::fields() {
  static constexpr Field kFields[] = {
      field<&Synonym::name>("Name", "1+"),
      field<&Synonym::value>("Value", "1+", {.nullable = "0+"}),
      field<&Synonym::source>("Source", "1+"),
  };
  return kFields;
}

FieldList DescribeConfigsResponse::Config::fields() {
  static constexpr Field kFields[] = {
      field<&Config::name>("Name", "0+"),
      field<&Config::value>("Value", "0+", {.nullable = "0+"}),
      field<&Config::read_only>("ReadOnly", "0+"),
      field<&Config::config_source>("ConfigSource", "1+"),
      field<&Config::is_sensitive>("IsSensitive", "0+"),
      field<&Config::synonyms>("Synonyms", "1+"),
      field<&Config::config_type>("ConfigType", "3+"),
      field<&Config::documentation>("Documentation", "3+", {.nullable = "0+"}),
  };
  return kFields;
}

FieldList DescribeConfigsResponse::Resource::fields() {
  static constexpr Field kFields[] = {
      field<&Resource::error_code>("ErrorCode", "0+"),
      field<&Resource::error_message>("ErrorMessage", "0+", {.nullable = "0+"}),
      field<&Resource::resource_type>("ResourceType", "0+"),
      field<&Resource::resource_name>("ResourceName", "0+"),
      field<&Resource::configs>("Configs", "0+"),
  };
  return kFields;
}

FieldList DescribeConfigsResponse::fields() {
  static constexpr Field kFields[] = {
      field<&DescribeConfigsResponse::throttle_time_ms>("ThrottleTimeMs", "0+"),
      field<&DescribeConfigsResponse::results>("Results", "0+"),
  };
  return kFields;
}

}  // namespace streamhouse::wire
