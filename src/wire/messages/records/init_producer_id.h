#pragma once
/// \file  InitProducerId (API key 22): the identity of an idempotent or transactional producer.

#include "wire/api_key.h"
#include "wire/codec/type.h"
#include "wire/error_code.h"

namespace streamhouse::wire {

struct InitProducerIdRequest {
  static constexpr ApiKey kKey = ApiKey::kInitProducerId;

  NullableString transactional_id = {};     ///< null: idempotent only
  std::int32_t transaction_timeout_ms = 0;  ///< only with a transactional id
  std::int64_t producer_id = -1;            ///< -1: a new one; else to raise its epoch
  std::int16_t producer_epoch = -1;
  bool enable_2pc = false;  ///< for two-phase commit
  bool keep_prepared_txn = false;
  static FieldList fields();
};

struct InitProducerIdResponse {
  static constexpr ApiKey kKey = ApiKey::kInitProducerId;

  std::int32_t throttle_time_ms = 0;
  ErrorCode error_code = {};
  std::int64_t producer_id = -1;
  std::int16_t producer_epoch = 0;
  std::int64_t ongoing_txn_producer_id = -1;
  std::int16_t ongoing_txn_producer_epoch = -1;
  static FieldList fields();
};

}  // namespace streamhouse::wire
