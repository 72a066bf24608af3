#pragma once
/// \file  Produce (API key 0): records to append, one batch a partition.

#include "wire/api_key.h"
#include "wire/codec/type.h"
#include "wire/error_code.h"

namespace streamhouse::wire {

struct ProduceRequest {
  static constexpr ApiKey kKey = ApiKey::kProduce;

  struct Partition {
    std::int32_t index = 0;
    NullableRecords records = {};  ///< exactly one batch
    static FieldList fields();
  };

  struct Topic {
    String name = {};    ///< up to v12
    Uuid topic_id = {};  ///< from v13
    Array<Partition> partition_data = {};
    static FieldList fields();
  };

  NullableString transactional_id = {};  ///< null: not in a transaction
  std::int16_t acks = 0;                 ///< -1 or 1: when durable; 0: no answer at all
  std::int32_t timeout_ms = 0;           ///< how long the answer may take
  Array<Topic> topic_data = {};
  static FieldList fields();
};

struct ProduceResponse {
  static constexpr ApiKey kKey = ApiKey::kProduce;

  struct RecordError {
    std::int32_t batch_index = 0;  ///< of the record in its batch
    NullableString batch_index_error_message = {};
    static FieldList fields();
  };

  struct Leader {
    std::int32_t leader_id = -1;
    std::int32_t leader_epoch = -1;
    static FieldList fields();
  };

  struct Partition {
    std::int32_t index = 0;
    ErrorCode error_code = {};
    std::int64_t base_offset = 0;          ///< of the first record; -1 with an error
    std::int64_t log_append_time_ms = -1;  ///< -1 unless the broker set the time
    std::int64_t log_start_offset = -1;
    Array<RecordError> record_errors = {};
    NullableString error_message = {};
    Leader current_leader = {};  ///< tells where to go after NOT_LEADER_OR_FOLLOWER
    static FieldList fields();
  };

  struct Topic {
    String name = {};
    Uuid topic_id = {};
    Array<Partition> partition_responses = {};
    static FieldList fields();
  };

  struct Endpoint {
    std::int32_t node_id = 0;
    String host = {};
    std::int32_t port = 0;
    NullableString rack = {};
    static FieldList fields();
  };

  Array<Topic> responses = {};
  std::int32_t throttle_time_ms = 0;
  Array<Endpoint> node_endpoints = {};  ///< of the leaders named above
  static FieldList fields();
};

}  // namespace streamhouse::wire
