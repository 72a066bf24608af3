#pragma once
/// \file  ConsumeLimits: which records a Consume stream still wants. Pure.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <utility>

#include "model/ids.h"

namespace streamhouse::rpc {

class ConsumeLimits {
 public:
  struct Bounds {
    std::int64_t records = 0;  ///< 0 = no bound.
    std::int64_t bytes = 0;    ///< Of keys, values and headers; 0 = no bound.
    std::optional<model::Offset> end = {};
  };
  explicit ConsumeLimits(Bounds bounds)
      : records_left_(bounds.records == 0 ? kNone : bounds.records),
        bytes_left_(bounds.bytes == 0 ? kNone : bounds.bytes),
        end_(bounds.end.value_or(model::Offset(kNone))) {}

  /// Whether the record is within the bounds; once one is not, the stream is at its end. The first
  /// record is let through however large.
  bool admits(model::Offset offset, std::size_t bytes) {
    const bool fits = std::cmp_less_equal(bytes, bytes_left_) || first_;
    if (offset >= end_ || records_left_ == 0 || !fits) ended_ = true;
    return !ended_;
  }
  /// Counts a record that was let through.
  void take(std::size_t bytes) {
    if (records_left_ != kNone) --records_left_;
    if (bytes_left_ != kNone) {
      bytes_left_ -= std::min(bytes_left_, static_cast<std::int64_t>(bytes));
    }
    first_ = false;
  }
  /// Whether nothing at or above `next` is wanted any more.
  bool ended(model::Offset next) const {
    return ended_ || next >= end_ || records_left_ == 0 || (bytes_left_ == 0 && !first_);
  }
  /// How much to fetch at once for what is still wanted: more would be read for nothing.
  std::size_t bytes_worth_reading() const {
    const std::int64_t guess =
        records_left_ < kNone / kRecordGuess ? records_left_ * kRecordGuess : kNone;
    return static_cast<std::size_t>(std::min(guess, bytes_left_));
  }

 private:
  static constexpr std::int64_t kNone = std::numeric_limits<std::int64_t>::max();
  static constexpr std::int64_t kRecordGuess = 4096;  ///< Bytes of a record, rather too many.

  std::int64_t records_left_;
  std::int64_t bytes_left_;
  model::Offset end_;
  bool first_ = true;
  bool ended_ = false;
};

}  // namespace streamhouse::rpc
