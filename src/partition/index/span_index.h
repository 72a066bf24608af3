#pragma once
/// \file  SpanIndex: which object holds which offsets of one partition. The first step of a read
/// that the tail cannot serve.

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "base/error.h"
#include "model/ids.h"
#include "partition/index/object_table.h"
#include "partition/index/span_block.h"

namespace streamhouse::partition {

/// A span, as it is put into an index. All of one index name objects of one table.
struct IndexEntry {
  model::OffsetRange offsets;
  ObjectRef object;
  std::uint32_t length = 0;
  std::int64_t max_timestamp = 0;
};

/// A span, as an index finds it.
struct FoundSpan {
  model::OffsetRange offsets;
  const StoredObject* object = nullptr;  ///< Until the index changes.
  std::uint32_t length = 0;
  std::int64_t max_timestamp = 0;
};

/// Invariant: spans tile [front base, back next) without gap or overlap (L3).
/// Threading: one executor.
/// Cost: 17 bytes a span; each part of a look-up halves what is left, over the blocks' base offsets
/// first. The newest block is looked at before all others.
class SpanIndex {
 public:
  SpanIndex() = default;
  ~SpanIndex() { clear(); }
  SpanIndex(const SpanIndex&) = delete;
  SpanIndex& operator=(const SpanIndex&) = delete;

  /// Adds the newest span. Requires: it begins where the last one ends.
  void append(const IndexEntry& entry);
  /// Adds what lies before the entries appended so far. Entries at or above their base are left
  /// out; the rest must tile [log_start, first base or high_watermark). Errors: kCorrupt naming the
  /// gap or overlap; the index is unchanged.
  base::Status load_older(std::vector<IndexEntry> older, model::Offset log_start,
                          model::Offset high_watermark);
  /// Puts `entries`, in order, in the place of the spans that hold the same offsets (compaction).
  /// The first may begin before the index does. Errors: kCorrupt if they do not tile, or do not
  /// begin and end where spans of the index do; the index is unchanged.
  base::Status replace(const std::vector<IndexEntry>& entries);
  /// Forgets spans that end at or below `log_start`.
  void trim(model::Offset log_start);
  /// Forgets everything.
  void clear();

  /// The span that holds `offset`.
  std::optional<FoundSpan> find(model::Offset offset) const;
  /// The first span that may hold a record with a timestamp >= `timestamp`; later ones may too.
  std::optional<FoundSpan> find_timestamp(std::int64_t timestamp) const;
  /// The greatest of all spans; nullopt if there are none.
  std::optional<std::int64_t> max_timestamp() const {
    if (empty()) return std::nullopt;
    return parts_.back().block.running_max();
  }
  bool empty() const { return size_ == 0; }
  std::size_t size() const { return size_; }
  std::uint64_t total_length() const { return total_length_; }
  /// Memory, about, without the objects.
  std::size_t bytes() const { return bytes_; }

 private:
  struct Part {
    model::Offset base;  ///< Of the block's offsets.
    SpanBlock block;
  };
  /// Where a span is: in which part, and its number there.
  struct Place {
    std::size_t part = 0;
    std::size_t i = 0;
    auto operator<=>(const Place&) const = default;
  };

  static void push(std::vector<Part>& parts, const IndexEntry& entry);
  FoundSpan at(Place place) const;
  model::Offset base_of(Place place) const;
  Place place_of(model::Offset offset) const;
  Place next_to(Place place) const;
  void take(const IndexEntry& entry);
  void forget(Place place);
  IndexEntry entry_at(Place place) const;
  void splice(std::size_t from, std::size_t upto, const std::vector<IndexEntry>& entries);
  void update_running_max(std::size_t from, std::size_t upto);
  void count_bytes();

  std::shared_ptr<ObjectTable> objects_;  ///< None before the first span.
  std::vector<Part> parts_;               ///< None is without a span.
  std::size_t trimmed_ = 0;               ///< Spans of the first part that are forgotten.
  std::size_t size_ = 0;
  model::Offset base_;
  model::Offset next_;
  std::uint64_t total_length_ = 0;
  std::size_t block_bytes_ = 0;
  std::size_t bytes_ = 0;  ///< As the table knows it.
};

}  // namespace streamhouse::partition
