#pragma once
/// \file  DescribeCluster (API key 60): the brokers and the cluster's id.

#include "wire/api_key.h"
#include "wire/codec/type.h"
#include "wire/error_code.h"
#include "wire/messages/authorized_operations.h"

namespace streamhouse::wire {

struct DescribeClusterRequest {
  static constexpr ApiKey kKey = ApiKey::kDescribeCluster;

  bool include_cluster_authorized_operations = false;
  std::int8_t endpoint_type = 1;  ///< 1: brokers, 2: controllers
  bool include_fenced_brokers = false;
  static FieldList fields();
};

struct DescribeClusterResponse {
  static constexpr ApiKey kKey = ApiKey::kDescribeCluster;

  struct Broker {
    std::int32_t broker_id = 0;
    String host = {};
    std::int32_t port = 0;
    NullableString rack = {};
    bool is_fenced = false;
    static FieldList fields();
  };

  std::int32_t throttle_time_ms = 0;
  ErrorCode error_code = {};
  NullableString error_message = {};
  std::int8_t endpoint_type = 1;
  String cluster_id = {};
  std::int32_t controller_id = -1;
  Array<Broker> brokers = {};
  std::int32_t cluster_authorized_operations = kOperationsNotAsked;
  static FieldList fields();
};

}  // namespace streamhouse::wire
