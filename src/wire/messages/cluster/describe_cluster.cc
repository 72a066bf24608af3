#include "wire/messages/cluster/describe_cluster.h"

namespace streamhouse::wire {

FieldList DescribeClusterRequest::fields() {
  static constexpr Field kFields[] = {
      field<&DescribeClusterRequest::include_cluster_authorized_operations>(
          "IncludeClusterAuthorizedOperations", "0+"),
      field<&DescribeClusterRequest::endpoint_type>("EndpointType", "1+"),
      field<&DescribeClusterRequest::include_fenced_brokers>("IncludeFencedBrokers", "2+"),
  };
  return kFields;
}

FieldList DescribeClusterResponse::Broker::fields() {
  static constexpr Field kFields[] = {
      field<&Broker::broker_id>("BrokerId", "0+"),
      field<&Broker::host>("Host", "0+"),
      field<&Broker::port>("Port", "0+"),
      field<&Broker::rack>("Rack", "0+", {.nullable = "0+"}),
      field<&Broker::is_fenced>("IsFenced", "2+"),
  };
  return kFields;
}

FieldList DescribeClusterResponse::fields() {
  static constexpr Field kFields[] = {
      field<&DescribeClusterResponse::throttle_time_ms>("ThrottleTimeMs", "0+"),
      field<&DescribeClusterResponse::error_code>("ErrorCode", "0+"),
      field<&DescribeClusterResponse::error_message>("ErrorMessage", "0+", {.nullable = "0+"}),
      field<&DescribeClusterResponse::endpoint_type>("EndpointType", "1+"),
      field<&DescribeClusterResponse::cluster_id>("ClusterId", "0+"),
      field<&DescribeClusterResponse::controller_id>("ControllerId", "0+"),
      field<&DescribeClusterResponse::brokers>("Brokers", "0+"),
      field<&DescribeClusterResponse::cluster_authorized_operations>("ClusterAuthorizedOperations",
                                                                     "0+"),
  };
  return kFields;
}

}  // namespace streamhouse::wire
