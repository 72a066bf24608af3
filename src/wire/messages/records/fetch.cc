#include "wire/messages/records/fetch.h"

namespace streamhouse::wire {

FieldList FetchRequest::ReplicaState::fields() {
  static constexpr Field kFields[] = {
      field<&ReplicaState::replica_id>("ReplicaId", "15+"),
      field<&ReplicaState::replica_epoch>("ReplicaEpoch", "15+"),
  };
  return kFields;
}

FieldList FetchRequest::Partition::fields() {
  static constexpr Field kFields[] = {
      field<&Partition::partition>("Partition", "0+"),
      field<&Partition::current_leader_epoch>("CurrentLeaderEpoch", "9+"),
      field<&Partition::fetch_offset>("FetchOffset", "0+"),
      field<&Partition::last_fetched_epoch>("LastFetchedEpoch", "12+"),
      field<&Partition::log_start_offset>("LogStartOffset", "5+"),
      field<&Partition::partition_max_bytes>("PartitionMaxBytes", "0+"),
      field<&Partition::replica_directory_id>("ReplicaDirectoryId", "17+", {.tag = 0}),
      field<&Partition::high_watermark>("HighWatermark", "18+", {.tag = 1}),
  };
  return kFields;
}

FieldList FetchRequest::Topic::fields() {
  static constexpr Field kFields[] = {
      field<&Topic::topic>("Topic", "0-12"),
      field<&Topic::topic_id>("TopicId", "13+"),
      field<&Topic::partitions>("Partitions", "0+"),
  };
  return kFields;
}

FieldList FetchRequest::ForgottenTopic::fields() {
  static constexpr Field kFields[] = {
      field<&ForgottenTopic::topic>("Topic", "7-12"),
      field<&ForgottenTopic::topic_id>("TopicId", "13+"),
      field<&ForgottenTopic::partitions>("Partitions", "7+"),
  };
  return kFields;
}

FieldList FetchRequest::fields() {
  static constexpr Field kFields[] = {
      field<&FetchRequest::cluster_id>("ClusterId", "12+", {.nullable = "12+", .tag = 0}),
      field<&FetchRequest::replica_id>("ReplicaId", "0-14"),
      field<&FetchRequest::replica_state>("ReplicaState", "15+", {.tag = 1}),
      field<&FetchRequest::max_wait_ms>("MaxWaitMs", "0+"),
      field<&FetchRequest::min_bytes>("MinBytes", "0+"),
      field<&FetchRequest::max_bytes>("MaxBytes", "3+"),
      field<&FetchRequest::isolation_level>("IsolationLevel", "4+"),
      field<&FetchRequest::session_id>("SessionId", "7+"),
      field<&FetchRequest::session_epoch>("SessionEpoch", "7+"),
      field<&FetchRequest::topics>("Topics", "0+"),
      field<&FetchRequest::forgotten_topics_data>("ForgottenTopicsData", "7+"),
      field<&FetchRequest::rack_id>("RackId", "11+"),
  };
  return kFields;
}

FieldList FetchResponse::EpochEndOffset::fields() {
  static constexpr Field kFields[] = {
      field<&EpochEndOffset::epoch>("Epoch", "12+"),
      field<&EpochEndOffset::end_offset>("EndOffset", "12+"),
  };
  return kFields;
}

FieldList FetchResponse::Leader::fields() {
  static constexpr Field kFields[] = {
      field<&Leader::leader_id>("LeaderId", "12+"),
      field<&Leader::leader_epoch>("LeaderEpoch", "12+"),
  };
  return kFields;
}

FieldList FetchResponse::SnapshotId::fields() {
  static constexpr Field kFields[] = {
      field<&SnapshotId::end_offset>("EndOffset", "0+"),
      field<&SnapshotId::epoch>("Epoch", "0+"),
  };
  return kFields;
}

FieldList FetchResponse::AbortedTransaction::fields() {
  static constexpr Field kFields[] = {
      field<&AbortedTransaction::producer_id>("ProducerId", "4+"),
      field<&AbortedTransaction::first_offset>("FirstOffset", "4+"),
  };
  return kFields;
}

FieldList FetchResponse::Partition::fields() {
  static constexpr Field kFields[] = {
      field<&Partition::partition_index>("PartitionIndex", "0+"),
      field<&Partition::error_code>("ErrorCode", "0+"),
      field<&Partition::high_watermark>("HighWatermark", "0+"),
      field<&Partition::last_stable_offset>("LastStableOffset", "4+"),
      field<&Partition::log_start_offset>("LogStartOffset", "5+"),
      field<&Partition::diverging_epoch>("DivergingEpoch", "12+", {.tag = 0}),
      field<&Partition::current_leader>("CurrentLeader", "12+", {.tag = 1}),
      field<&Partition::snapshot_id>("SnapshotId", "12+", {.tag = 2}),
      field<&Partition::aborted_transactions>("AbortedTransactions", "4+", {.nullable = "4+"}),
      field<&Partition::preferred_read_replica>("PreferredReadReplica", "11+"),
      field<&Partition::records>("Records", "0+", {.nullable = "0+"}),
  };
  return kFields;
}

FieldList FetchResponse::Topic::fields() {
  static constexpr Field kFields[] = {
      field<&Topic::topic>("Topic", "0-12"),
      field<&Topic::topic_id>("TopicId", "13+"),
      field<&Topic::partitions>("Partitions", "0+"),
  };
  return kFields;
}

FieldList FetchResponse::Endpoint::fields() {
  static constexpr Field kFields[] = {
      field<&Endpoint::node_id>("NodeId", "16+"),
      field<&Endpoint::host>("Host", "16+"),
      field<&Endpoint::port>("Port", "16+"),
      field<&Endpoint::rack>("Rack", "16+", {.nullable = "16+"}),
  };
  return kFields;
}

FieldList FetchResponse::fields() {
  static constexpr Field kFields[] = {
      field<&FetchResponse::throttle_time_ms>("ThrottleTimeMs", "1+"),
      field<&FetchResponse::error_code>("ErrorCode", "7+"),
      field<&FetchResponse::session_id>("SessionId", "7+"),
      field<&FetchResponse::responses>("Responses", "0+"),
      field<&FetchResponse::node_endpoints>("NodeEndpoints", "16+", {.tag = 0}),
  };
  return kFields;
}

}  // namespace streamhouse::wire
