#pragma once
/// \file  Fetch (API key 1): record sets from an offset on, for many partitions at once.

#include <limits>

#include "wire/api_key.h"
#include "wire/codec/type.h"
#include "wire/error_code.h"

namespace streamhouse::wire {

struct FetchRequest {
  static constexpr ApiKey kKey = ApiKey::kFetch;

  struct ReplicaState {
    std::int32_t replica_id = -1;
    std::int64_t replica_epoch = -1;
    static FieldList fields();
  };

  struct Partition {
    std::int32_t partition = 0;
    std::int32_t current_leader_epoch = -1;
    std::int64_t fetch_offset = 0;
    std::int32_t last_fetched_epoch = -1;  ///< -1: diverging epochs are not asked for
    std::int64_t log_start_offset = -1;    ///< a follower's
    std::int32_t partition_max_bytes = 0;  ///< as max_bytes
    Uuid replica_directory_id = {};
    std::int64_t high_watermark = std::numeric_limits<std::int64_t>::max();
    static FieldList fields();
  };

  struct Topic {
    String topic = {};
    Uuid topic_id = {};
    Array<Partition> partitions = {};
    static FieldList fields();
  };

  struct ForgottenTopic {
    String topic = {};
    Uuid topic_id = {};
    Array<std::int32_t> partitions = {};
    static FieldList fields();
  };

  NullableString cluster_id = {};
  std::int32_t replica_id = -1;  ///< -1: a consumer
  ReplicaState replica_state = {};
  std::int32_t max_wait_ms = 0;  ///< how long to wait for min_bytes
  std::int32_t min_bytes = 0;
  /// Of the whole answer; its first batch may exceed it.
  std::int32_t max_bytes = std::numeric_limits<std::int32_t>::max();
  std::int8_t isolation_level = 0;  ///< 1: read_committed, up to the last stable offset
  std::int32_t session_id = 0;      ///< 0: none
  std::int32_t session_epoch = -1;  ///< -1: no session wanted, 0: a new one
  Array<Topic> topics = {};
  Array<ForgottenTopic> forgotten_topics_data = {};  ///< no longer wanted in this session
  String rack_id = {};                               ///< the client's zone, empty if it names none
  static FieldList fields();
};

struct FetchResponse {
  static constexpr ApiKey kKey = ApiKey::kFetch;

  struct EpochEndOffset {
    std::int32_t epoch = -1;
    std::int64_t end_offset = -1;
    static FieldList fields();
  };

  struct Leader {
    std::int32_t leader_id = -1;
    std::int32_t leader_epoch = -1;
    static FieldList fields();
  };

  struct SnapshotId {
    std::int64_t end_offset = -1;
    std::int32_t epoch = -1;
    static FieldList fields();
  };

  struct AbortedTransaction {
    std::int64_t producer_id = 0;
    std::int64_t first_offset = 0;
    static FieldList fields();
  };

  struct Partition {
    std::int32_t partition_index = 0;
    ErrorCode error_code = {};
    std::int64_t high_watermark = 0;
    std::int64_t last_stable_offset = -1;  ///< no transaction is open below it
    std::int64_t log_start_offset = -1;
    EpochEndOffset diverging_epoch = {};
    Leader current_leader = {};
    SnapshotId snapshot_id = {};
    NullableArray<AbortedTransaction> aborted_transactions = {};  ///< null: read_uncommitted
    std::int32_t preferred_read_replica = -1;                     ///< -1: go on here
    NullableRecords records = Records{};  ///< whole batches; null is not for every client
    static FieldList fields();
  };

  struct Topic {
    String topic = {};
    Uuid topic_id = {};
    Array<Partition> partitions = {};
    static FieldList fields();
  };

  struct Endpoint {
    std::int32_t node_id = 0;
    String host = {};
    std::int32_t port = 0;
    NullableString rack = {};
    static FieldList fields();
  };

  std::int32_t throttle_time_ms = 0;
  ErrorCode error_code = {};
  std::int32_t session_id = 0;  ///< 0: no session
  Array<Topic> responses = {};
  Array<Endpoint> node_endpoints = {};  ///< of the leaders named above
  static FieldList fields();
};

}  // namespace streamhouse::wire
