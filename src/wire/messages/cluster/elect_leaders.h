#pragma once
/// \file  ElectLeaders (API key 43): asks for another leader of partitions.

#include "wire/api_key.h"
#include "wire/codec/type.h"
#include "wire/error_code.h"

namespace streamhouse::wire {

struct ElectLeadersRequest {
  static constexpr ApiKey kKey = ApiKey::kElectLeaders;

  struct Topic {
    String topic = {};
    Array<std::int32_t> partitions = {};
    static FieldList fields();
  };

  std::int8_t election_type = 0;               ///< 0: preferred, 1: unclean
  NullableArray<Topic> topic_partitions = {};  ///< null: all
  std::int32_t timeout_ms = 60000;
  static FieldList fields();
};

struct ElectLeadersResponse {
  static constexpr ApiKey kKey = ApiKey::kElectLeaders;

  struct Partition {
    std::int32_t partition_id = 0;
    ErrorCode error_code = {};
    NullableString error_message = {};
    static FieldList fields();
  };

  struct Topic {
    String topic = {};
    Array<Partition> partition_result = {};
    static FieldList fields();
  };

  std::int32_t throttle_time_ms = 0;
  ErrorCode error_code = {};
  Array<Topic> replica_election_results = {};
  static FieldList fields();
};

}  // namespace streamhouse::wire
