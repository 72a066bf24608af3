#include "wire/messages/cluster/api_versions.h"

namespace streamhouse::wire {

FieldList ApiVersionsRequest::fields() {
  static constexpr Field kFields[] = {
      field<&ApiVersionsRequest::client_software_name>("ClientSoftwareName", "3+"),
      field<&ApiVersionsRequest::client_software_version>("ClientSoftwareVersion", "3+"),
  };
  return kFields;
}

FieldList ApiVersionsResponse::ApiVersion::fields() {
  static constexpr Field kFields[] = {
      field<&ApiVersion::api_key>("ApiKey", "0+"),
      field<&ApiVersion::min_version>("MinVersion", "0+"),
      field<&ApiVersion::max_version>("MaxVersion", "0+"),
  };
  return kFields;
}

FieldList ApiVersionsResponse::SupportedFeature::fields() {
  static constexpr Field kFields[] = {
      field<&SupportedFeature::name>("Name", "3+"),
      field<&SupportedFeature::min_version>("MinVersion", "3+"),
      field<&SupportedFeature::max_version>("MaxVersion", "3+"),
  };
  return kFields;
}

FieldList ApiVersionsResponse::FinalizedFeature::fields() {
  static constexpr Field kFields[] = {
      field<&FinalizedFeature::name>("Name", "3+"),
      field<&FinalizedFeature::max_version_level>("MaxVersionLevel", "3+"),
      field<&FinalizedFeature::min_version_level>("MinVersionLevel", "3+"),
  };
  return kFields;
}

FieldList ApiVersionsResponse::fields() {
  static constexpr Field kFields[] = {
      field<&ApiVersionsResponse::error_code>("ErrorCode", "0+"),
      field<&ApiVersionsResponse::api_keys>("ApiKeys", "0+"),
      field<&ApiVersionsResponse::throttle_time_ms>("ThrottleTimeMs", "1+"),
      field<&ApiVersionsResponse::supported_features>("SupportedFeatures", "3+", {.tag = 0}),
      field<&ApiVersionsResponse::finalized_features_epoch>("FinalizedFeaturesEpoch", "3+",
                                                            {.tag = 1}),
      field<&ApiVersionsResponse::finalized_features>("FinalizedFeatures", "3+", {.tag = 2}),
      field<&ApiVersionsResponse::zk_migration_ready>("ZkMigrationReady", "3+", {.tag = 3}),
  };
  return kFields;
}

}  // namespace streamhouse::wire
