#include "partition/index/span_block.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "base/check.h"

namespace streamhouse::partition {
namespace {

constexpr std::uint64_t kDifferenceMax = std::numeric_limits<std::uint32_t>::max();
constexpr std::size_t kCapacityFirst = 4;

/// So far the base lies below the first timestamp: spans need not be in the order of their times.
/// Arithmetic on timestamps is modulo 2^64, so that no pair of them is too far apart for it.
constexpr std::uint64_t kBelowFirst = std::uint64_t{1} << 31;

}  // namespace

SpanBlock::SpanBlock(const PackedSpan& first)
    : words_(std::make_unique_for_overwrite<std::uint32_t[]>(words(kCapacityFirst))) {
  const auto timestamp = static_cast<std::uint64_t>(first.max_timestamp);
  write(kTimeBase, static_cast<std::int64_t>(timestamp - kBelowFirst));
  set_running_max(first.max_timestamp);
  set_sizes(0, kCapacityFirst);
  push(first);
}

bool SpanBlock::accepts(std::uint64_t offset, std::int64_t max_timestamp) const {
  return size() < kSpansMax && offset <= kDifferenceMax &&
         timestamp_difference(max_timestamp) <= kDifferenceMax;
}

void SpanBlock::push(const PackedSpan& span) {
  const std::size_t i = size();
  SH_CHECK(i < kSpansMax, "a full block never changes");
  if (i == capacity()) grow();
  words_[kHeader + i] = span.offset;
  std::uint32_t* const rest = beside(i);
  rest[0] = span.object;
  rest[1] = span.length;
  rest[2] = static_cast<std::uint32_t>(timestamp_difference(span.max_timestamp));
  set_sizes(i + 1, capacity());
}

void SpanBlock::write(std::size_t word, std::int64_t value) {
  const auto bits = static_cast<std::uint64_t>(value);
  words_[word] = static_cast<std::uint32_t>(bits);
  words_[word + 1] = static_cast<std::uint32_t>(bits >> 32);
}

void SpanBlock::set_sizes(std::size_t size, std::size_t capacity) {
  words_[kSizes] = static_cast<std::uint32_t>(capacity << 16 | size);
}

void SpanBlock::grow() {
  const std::size_t old = capacity();
  auto larger = std::make_unique_for_overwrite<std::uint32_t[]>(words(2 * old));
  std::copy_n(&words_[0], kHeader + old, &larger[0]);
  std::copy_n(beside(0), old * kWordsBeside, &larger[kHeader + 2 * old]);
  words_ = std::move(larger);
  set_sizes(old, 2 * old);
}

std::uint64_t SpanBlock::timestamp_difference(std::int64_t timestamp) const {
  return static_cast<std::uint64_t>(timestamp) - static_cast<std::uint64_t>(read(kTimeBase));
}

}  // namespace streamhouse::partition
