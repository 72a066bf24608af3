#pragma once
/// \file  ApiVersions (API key 18): which APIs and versions are served; the first thing a client
/// asks.

#include "wire/api_key.h"
#include "wire/codec/type.h"
#include "wire/error_code.h"

namespace streamhouse::wire {

struct ApiVersionsRequest {
  static constexpr ApiKey kKey = ApiKey::kApiVersions;

  String client_software_name = {};
  String client_software_version = {};
  static FieldList fields();
};

struct ApiVersionsResponse {
  static constexpr ApiKey kKey = ApiKey::kApiVersions;

  struct ApiVersion {
    std::int16_t api_key = 0;
    std::int16_t min_version = 0;
    std::int16_t max_version = 0;
    static FieldList fields();
  };

  struct SupportedFeature {
    String name = {};
    std::int16_t min_version = 0;
    std::int16_t max_version = 0;
    static FieldList fields();
  };

  struct FinalizedFeature {
    String name = {};
    std::int16_t max_version_level = 0;
    std::int16_t min_version_level = 0;
    static FieldList fields();
  };

  ErrorCode error_code = {};
  Array<ApiVersion> api_keys = {};
  std::int32_t throttle_time_ms = 0;
  Array<SupportedFeature> supported_features = {};
  std::int64_t finalized_features_epoch = -1;
  Array<FinalizedFeature> finalized_features = {};
  bool zk_migration_ready = false;  ///< never, without ZooKeeper
  static FieldList fields();
};

}  // namespace streamhouse::wire
