#pragma once
/// \file  What clients read of an error about a partition.

#include <string>

#include "cluster/catalog/leader_directory.h"

namespace streamhouse::service {

/// The core knows a partition by the number of its topic only: `error` with "TOPIC-PARTITION: " in
/// front and, where it is kNotLeader and another agent leads, that agent's address. No directory
/// (null): no address.
runtime::Task<base::Error> partition_error(cluster::LeaderDirectory* leaders, std::string topic,
                                           model::TopicPartition key, base::Error error);

/// kNotLeader, explained so.
runtime::Task<base::Error> not_led_here(cluster::LeaderDirectory* leaders, std::string topic,
                                        model::TopicPartition key);

}  // namespace streamhouse::service
