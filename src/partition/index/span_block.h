#pragma once
/// \file  SpanBlock: up to 32 spans of one partition in 16 bytes each: offsets and timestamps as
/// differences, objects as slots of an ObjectTable.

#include <cstddef>
#include <cstdint>
#include <memory>

namespace streamhouse::partition {

/// A span as a block keeps it. Where it ends, the next one begins.
struct PackedSpan {
  std::uint32_t offset = 0;  ///< From the base offset of the block.
  std::uint32_t object = 0;
  std::uint32_t length = 0;
  std::int64_t max_timestamp = 0;
};

/// Only the newest block of an index grows; a full one never changes. The search for an offset and
/// what is found lie in a few adjacent cache lines.
/// Threading: one executor.
class SpanBlock {
 public:
  static constexpr std::size_t kSpansMax = 32;

  /// Holds `first`, whose offset is 0.
  explicit SpanBlock(const PackedSpan& first);

  /// Whether there is room for a span at `offset` from the base with that timestamp: the block is
  /// not full and both differences have 32 bits. Timestamps may differ from the first one's by 24
  /// days either way.
  bool accepts(std::uint64_t offset, std::int64_t max_timestamp) const;
  /// Requires: accepted; `offset` above that of the last span.
  void push(const PackedSpan& span);

  std::size_t size() const { return words_[kSizes] & 0xffff; }
  PackedSpan at(std::size_t i) const {
    const std::uint32_t* const rest = beside(i);
    const auto time_base = static_cast<std::uint64_t>(read(kTimeBase));
    return {.offset = offset(i),
            .object = rest[0],
            .length = rest[1],
            .max_timestamp = static_cast<std::int64_t>(time_base + rest[2])};
  }
  std::uint32_t offset(std::size_t i) const { return words_[kHeader + i]; }
  /// The last span that begins at or below `offset`. Compares with all of them: no branch to be
  /// guessed, and a few vector instructions.
  std::size_t floor(std::uint32_t offset) const {
    const std::uint32_t* const offsets = &words_[kHeader];
    const std::size_t count = size();
    std::uint32_t at_or_below = 0;
    for (std::size_t i = 0; i < count; ++i) at_or_below += offsets[i] <= offset ? 1 : 0;
    return at_or_below - 1;
  }

  /// The newest timestamp of this block's spans and of all before it: kept here for the index.
  std::int64_t running_max() const { return read(kRunningMax); }
  void set_running_max(std::int64_t timestamp) { write(kRunningMax, timestamp); }

  std::size_t bytes() const { return sizeof(std::uint32_t) * words(capacity()); }

 private:
  /// Words: the two numbers of 64 bits, the sizes, `capacity` offsets, then for each span its
  /// object, length and timestamp.
  static constexpr std::size_t kTimeBase = 0;
  static constexpr std::size_t kRunningMax = 2;
  static constexpr std::size_t kSizes = 4;
  static constexpr std::size_t kHeader = 5;
  static constexpr std::size_t kWordsBeside = 3;  ///< Of a span, beside its offset.

  static constexpr std::size_t words(std::size_t capacity) {
    return kHeader + capacity * (1 + kWordsBeside);
  }
  std::size_t capacity() const { return words_[kSizes] >> 16; }
  std::uint32_t* beside(std::size_t i) const {
    return &words_[kHeader + capacity() + i * kWordsBeside];
  }
  std::int64_t read(std::size_t word) const {
    const std::uint64_t low = words_[word];
    const std::uint64_t high = words_[word + 1];
    return static_cast<std::int64_t>(high << 32 | low);
  }
  void write(std::size_t word, std::int64_t value);
  void set_sizes(std::size_t size, std::size_t capacity);
  void grow();
  std::uint64_t timestamp_difference(std::int64_t timestamp) const;

  std::unique_ptr<std::uint32_t[]> words_;
};

}  // namespace streamhouse::partition
