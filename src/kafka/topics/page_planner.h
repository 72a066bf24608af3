#pragma once
/// \file  Which partitions one answer to DescribeTopicPartitions has: those from a cursor on, as
/// many as fit.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace streamhouse::kafka {

struct PartitionPlace {
  std::string topic;
  std::int32_t partition = 0;
  friend bool operator==(const PartitionPlace&, const PartitionPlace&) = default;
};

/// Takes the topics by name, and answers what of each is in the answer.
class PagePlanner {
 public:
  /// `from`: nullopt for the beginning.
  PagePlanner(std::optional<PartitionPlace> from, std::int32_t partitions_max);

  struct Range {
    std::int32_t first = 0;
    std::int32_t count = 0;
  };
  /// nullopt: the topic is not in the answer.
  std::optional<Range> take(const std::string& topic, std::int32_t partitions);
  /// Where the next answer begins; nullopt if there is none.
  const std::optional<PartitionPlace>& next() const { return next_; }

 private:
  std::optional<PartitionPlace> from_;
  std::int32_t left_;
  std::optional<PartitionPlace> next_;
};

}  // namespace streamhouse::kafka
