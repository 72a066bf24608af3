#pragma once
/// \file  SpanCollector: picks the spans of wanted partitions out of all that logs and segments
/// hold, for stores that keep span tables as they were packed.

#include <unordered_map>
#include <vector>

#include "metadata/objects.h"

namespace streamhouse::metadata {

/// First want(), then every commit once, then the segments of each place; then spans().
class SpanCollector {
 public:
  struct Wanted {
    TopicPartition key = {};
    Offset above = {};
    std::vector<SpanLocation> spans = {};
  };

  /// The spans of `key` that reach above `above`. Requires: the first call for the partition.
  void want(TopicPartition key, Offset above);
  /// `commit` has what is the same for all spans of the table: session, seq, object size, created.
  /// A table that cannot be decoded is left out: damage().
  void take_commit(SpanLocation commit, base::BytesView span_table);
  const std::vector<Wanted>& wanted() const { return wanted_; }
  void take_segment(std::size_t place, SpanLocation segment) {
    wanted_[place].spans.push_back(std::move(segment));
  }
  /// By base offset, in the order of the calls to want(). Leaves the place empty.
  std::vector<SpanLocation> spans(std::size_t place);
  /// Names the first row whose table could not be decoded; empty if there is none.
  const std::string& damage() const { return damage_; }

 private:
  std::vector<Wanted> wanted_;
  std::string damage_;
  std::unordered_map<TopicPartition, std::size_t> places_;  ///< In wanted_.
};

}  // namespace streamhouse::metadata
