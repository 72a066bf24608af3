#pragma once
/// \file  What the Kafka front end serves from.

#include "cluster/catalog/leader_directory.h"
#include "cluster/catalog/topic_catalog.h"
#include "ingest/buffer_budget.h"
#include "kafka/call_metrics.h"
#include "kafka/cluster/broker_directory.h"
#include "service/fetch_service.h"
#include "service/group_service.h"
#include "service/membership/membership_service.h"
#include "service/produce_service.h"
#include "service/producers/producer_service.h"
#include "service/topic_service.h"

namespace streamhouse::kafka {

struct KafkaConfig {
  std::string cluster_id;
  bool auto_create_topics = true;
  std::int32_t default_partitions = 1;
  runtime::Duration group_initial_rebalance_delay = std::chrono::seconds(3);
};

/// Lifetime:  outlives every connection.
/// Threading: the core's executor.
struct KafkaServices {
  runtime::Runtime& runtime;
  service::ProduceService& produce;
  service::ProducerService& producers;
  service::FetchService& fetch;
  service::TopicService& topic_service;
  service::GroupService& groups;
  service::MembershipService& membership;
  cluster::TopicCatalog& topics;
  cluster::LeaderDirectory& leaders;
  BrokerDirectory& brokers;
  ingest::BufferBudget& replies;  ///< Record bytes that were read for clients and are not sent yet.
  const KafkaConfig& config;
  CallMetrics& metrics;
};

}  // namespace streamhouse::kafka
