#pragma once
/// \file  FetchPlanner: with how much a Fetch is answered, by Kafka's rules (KIP-74), and when.

#include <cstddef>
#include <cstdint>
#include <vector>

namespace streamhouse::kafka {

struct FetchBounds {
  std::int32_t bytes_min = 0;  ///< To wait for.
  std::int32_t bytes_max = 0;  ///< Of the whole answer.
};

/// The first partition that has records may be answered with one whole batch however large it is;
/// what follows stays within the bounds of its partition and of the answer. Partitions are known by
/// their number in the request, and what one has may be replaced by more.
class FetchPlanner {
 public:
  /// `partition_bytes_max` of each partition. What is negative counts as 0.
  FetchPlanner(FetchBounds bounds, const std::vector<std::int32_t>& partition_bytes_max);

  /// How much the partition may have now; 0: there is no use in reading it.
  std::size_t allowance(std::size_t partition) const;
  /// The partition was read within its allowance, but for a first batch that is larger: so many
  /// bytes. Returns whether they belong into the answer; if not, it keeps what it had.
  bool take(std::size_t partition, std::size_t bytes);
  /// An error of a partition is told at once.
  void fail() { failed_ = true; }

  /// Whether there is nothing left to wait for.
  bool complete() const;
  std::size_t bytes() const { return bytes_; }
  /// Whether there is anything to tell.
  bool has_answer() const { return failed_ || bytes_ > 0; }

 private:
  struct Share {
    std::size_t bytes_max;
    std::size_t bytes = 0;
  };
  bool is_first(std::size_t partition) const { return bytes_ == shares_[partition].bytes; }

  std::size_t bytes_min_;
  std::size_t bytes_max_;
  std::vector<Share> shares_;
  std::size_t bytes_ = 0;
  bool failed_ = false;
};

}  // namespace streamhouse::kafka
