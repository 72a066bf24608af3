#pragma once
/// \file  SpanIndex: which object holds which offsets of one partition. The first step of a read
/// that the tail cannot serve.

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "model/ids.h"

namespace streamhouse::partition {

/// One object, shared by the index entries of every partition that has a span in it.
struct StoredObject {
  std::string key;
  std::uint64_t size = 0;
};

struct IndexEntry {
  model::OffsetRange offsets;
  std::shared_ptr<const StoredObject> object;
  std::uint64_t position = 0;
  std::uint32_t length = 0;
  std::int64_t max_timestamp = 0;
};

/// Invariant: entries tile [front base, back next) without gap or overlap (L3).
/// Threading: one executor. Cost: lookups are O(log entries).
class SpanIndex {
 public:
  /// Adds the newest span. Requires: it begins where the last one ends.
  void append(IndexEntry entry);
  /// Adds what lies before the entries appended so far. Entries at or above their base are left
  /// out; the rest must tile [log_start, first base or high_watermark). Errors: kCorrupt naming the
  /// gap or overlap; the index is unchanged.
  base::Status load_older(std::vector<IndexEntry> older, model::Offset log_start,
                          model::Offset high_watermark);
  /// Forgets entries that end at or below `log_start`.
  void trim(model::Offset log_start);

  /// The entry that holds `offset`.
  const IndexEntry* find(model::Offset offset) const;
  /// The first entry that may hold a record with a timestamp >= `timestamp`; later ones may too.
  const IndexEntry* find_timestamp(std::int64_t timestamp) const;
  bool empty() const { return entries_.empty(); }
  std::size_t size() const { return entries_.size(); }
  std::uint64_t total_length() const { return total_length_; }

 private:
  std::deque<IndexEntry> entries_;
  std::uint64_t total_length_ = 0;
};

}  // namespace streamhouse::partition
