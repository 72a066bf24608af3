#include "kafka/topics/page_planner.h"

#include <algorithm>
#include <utility>

namespace streamhouse::kafka {
namespace {

constexpr std::int32_t kPartitionsMax = 2000;  ///< Whatever the client wants, as in Kafka.

}  // namespace

PagePlanner::PagePlanner(std::optional<PartitionPlace> from, std::int32_t partitions_max)
    : from_(std::move(from)), left_(std::clamp(partitions_max, 1, kPartitionsMax)) {}

std::optional<PagePlanner::Range> PagePlanner::take(const std::string& topic,
                                                    std::int32_t partitions) {
  if (next_ || (from_ && topic < from_->topic)) return std::nullopt;
  const bool begun = from_ && topic == from_->topic;
  const std::int32_t first = begun ? std::clamp(from_->partition, 0, partitions) : 0;
  if (left_ == 0) {
    next_ = PartitionPlace{.topic = topic, .partition = first};
    return std::nullopt;
  }
  const std::int32_t count = std::min(partitions - first, left_);
  left_ -= count;
  if (first + count < partitions)
    next_ = PartitionPlace{.topic = topic, .partition = first + count};
  return Range{.first = first, .count = count};
}

}  // namespace streamhouse::kafka
