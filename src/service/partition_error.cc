#include "service/partition_error.h"

namespace streamhouse::service {

runtime::Task<base::Error> partition_error(cluster::LeaderDirectory* leaders, std::string topic,
                                           model::TopicPartition key, base::Error error) {
  error.text = topic + "-" + std::to_string(key.partition.value()) + ": " + error.text;
  co_return co_await cluster::name_leader(leaders, std::move(error), key);
}

runtime::Task<base::Error> not_led_here(cluster::LeaderDirectory* leaders, std::string topic,
                                        model::TopicPartition key) {
  base::Error error = base::make_error(base::Errc::kNotLeader, "not led here");
  co_return co_await partition_error(leaders, std::move(topic), key, std::move(error));
}

}  // namespace streamhouse::service
