#include "partition/index/span_index.h"

#include <algorithm>
#include <limits>

#include "base/check.h"

namespace streamhouse::partition {
namespace {

using model::Offset;

constexpr std::int64_t kNoTimestamp = std::numeric_limits<std::int64_t>::min();

base::Error hole(Offset expected, Offset found) {
  return base::make_error(base::Errc::kCorrupt, "L3 spans do not tile: expected one at offset " +
                                                    std::to_string(expected.value()) +
                                                    ", the next begins at " +
                                                    std::to_string(found.value()));
}

/// Whether each entry but the first begins where the one before it ends. Returns where the last one
/// ends.
base::Result<Offset> end_of_tiles(const std::vector<IndexEntry>& entries) {
  Offset expected = entries.front().offsets.base;
  for (const IndexEntry& entry : entries) {
    if (entry.offsets.base != expected) return hole(expected, entry.offsets.base);
    expected = entry.offsets.next;
  }
  return expected;
}

}  // namespace

void SpanIndex::push(std::vector<Part>& parts, const IndexEntry& entry) {
  PackedSpan span{
      .object = entry.object.slot(), .length = entry.length, .max_timestamp = entry.max_timestamp};
  if (!parts.empty()) {
    Part& newest = parts.back();
    const auto offset = static_cast<std::uint64_t>(entry.offsets.base - newest.base);
    if (newest.block.accepts(offset, entry.max_timestamp)) {
      span.offset = static_cast<std::uint32_t>(offset);
      newest.block.push(span);
      return;
    }
  }
  parts.push_back({.base = entry.offsets.base, .block = SpanBlock(span)});
}

void SpanIndex::append(const IndexEntry& entry) {
  SH_CHECK(empty() || next_ == entry.offsets.base, "L3 a span begins where the last one ends");
  if (empty()) base_ = entry.offsets.base;
  const std::int64_t max_before = empty() ? kNoTimestamp : parts_.back().block.running_max();
  const std::size_t newest_bytes = empty() ? 0 : parts_.back().block.bytes();
  const std::size_t parts_before = parts_.size();
  push(parts_, entry);
  SpanBlock& newest = parts_.back().block;
  newest.set_running_max(std::max(max_before, entry.max_timestamp));
  block_bytes_ += newest.bytes() - (parts_.size() == parts_before ? newest_bytes : 0);
  take(entry);
  next_ = entry.offsets.next;
  count_bytes();
}

base::Status SpanIndex::load_older(std::vector<IndexEntry> older, Offset log_start,
                                   Offset high_watermark) {
  const Offset end = empty() ? high_watermark : base_;
  std::erase_if(older, [&](const IndexEntry& entry) {
    return entry.offsets.base >= end || entry.offsets.next <= log_start;
  });
  if (older.empty()) {
    if (log_start >= end) return {};
    return hole(log_start, end);
  }
  std::ranges::sort(older, {}, [](const IndexEntry& entry) { return entry.offsets.base; });
  const Offset first = older.front().offsets.base;
  if (first > std::min(log_start, end)) return hole(std::min(log_start, end), first);
  SH_TRY(const Offset reached, end_of_tiles(older));
  if (reached != end) return hole(reached, end);
  if (empty()) next_ = end;
  const std::size_t parts_joined = trimmed_ > 0 ? 1 : 0;
  for (std::size_t i = trimmed_; parts_joined > 0 && i < parts_[0].block.size(); ++i) {
    older.push_back(entry_at({.part = 0, .i = i}));
  }
  base_ = first;
  splice(0, parts_joined, older);
  return {};
}

base::Status SpanIndex::replace(const std::vector<IndexEntry>& entries) {
  if (entries.empty()) return {};
  const Offset first = entries.front().offsets.base;
  SH_TRY(const Offset end, end_of_tiles(entries));
  if (empty() || first >= next_ || end > next_ || end <= base_) return hole(end, next_);
  const Place begins = place_of(std::max(first, base_));
  const Place last = place_of(end - 1);
  if (first >= base_ && base_of(begins) != first) return hole(base_of(begins), first);
  if (at(last).offsets.next != end) return hole(at(last).offsets.next, end);
  std::vector<IndexEntry> all;  // of the parts that change
  const Place from{.part = begins.part, .i = begins.part == 0 ? trimmed_ : 0};
  for (Place kept = from; kept < begins; ++kept.i) all.push_back(entry_at(kept));
  all.insert(all.end(), entries.begin(), entries.end());
  for (Place kept = next_to(last); kept.part == last.part; kept = next_to(kept)) {
    all.push_back(entry_at(kept));
  }
  base_ = std::min(base_, first);
  splice(begins.part, last.part + 1, all);
  return {};
}

void SpanIndex::trim(Offset log_start) {
  if (empty() || log_start <= base_) return;
  std::size_t part = 0;
  while (size_ > 0) {
    const Place first{.part = part, .i = trimmed_};
    if (at(first).offsets.next > log_start) break;
    base_ = at(first).offsets.next;
    forget(first);
    if (++trimmed_ < parts_[part].block.size()) continue;
    block_bytes_ -= parts_[part].block.bytes();
    trimmed_ = 0;
    ++part;
  }
  parts_.erase(parts_.begin(), parts_.begin() + static_cast<std::ptrdiff_t>(part));
  update_running_max(0, 1);
  count_bytes();
}

void SpanIndex::clear() {
  for (Place place{.part = 0, .i = trimmed_}; place.part < parts_.size(); place = next_to(place)) {
    forget(place);
  }
  parts_ = std::vector<Part>();  // its memory too
  trimmed_ = 0;
  block_bytes_ = 0;
  count_bytes();
}

std::optional<FoundSpan> SpanIndex::find(Offset offset) const {
  if (empty() || offset < base_ || offset >= next_) return std::nullopt;
  return at(place_of(offset));
}

/// Both searches are over running maxima: over those of the blocks, then over the spans of one.
std::optional<FoundSpan> SpanIndex::find_timestamp(std::int64_t timestamp) const {
  const auto part = std::ranges::lower_bound(
      parts_, timestamp, {}, [](const Part& candidate) { return candidate.block.running_max(); });
  if (part == parts_.end()) return std::nullopt;
  Place place{.part = static_cast<std::size_t>(part - parts_.begin())};
  if (place.part == 0) place.i = trimmed_;
  while (part->block.at(place.i).max_timestamp < timestamp) ++place.i;
  return at(place);
}

FoundSpan SpanIndex::at(Place place) const {
  const Part& part = parts_[place.part];
  const PackedSpan span = part.block.at(place.i);
  const Place following = next_to(place);
  const Offset next = following.part == parts_.size() ? next_ : base_of(following);
  return {.offsets = {part.base + span.offset, next},
          .object = &objects_->at(span.object),
          .length = span.length,
          .max_timestamp = span.max_timestamp};
}

Offset SpanIndex::base_of(Place place) const {
  const Part& part = parts_[place.part];
  return part.base + part.block.offset(place.i);
}

/// Requires: the index holds `offset`.
SpanIndex::Place SpanIndex::place_of(Offset offset) const {
  const Part* part = &parts_.back();
  if (offset < part->base) {
    // No branch to be guessed: several look-ups are on their way to memory at once.
    part = parts_.data();
    for (std::size_t left = parts_.size() - 1; left > 1;) {
      const std::size_t half = left / 2;
      part += part[half].base <= offset ? half : 0;
      left -= half;
    }
  }
  // A span may be longer than differences reach: the last one that begins in the block, then.
  const std::int64_t reach = std::numeric_limits<std::uint32_t>::max();
  const auto difference = static_cast<std::uint32_t>(std::min(offset - part->base, reach));
  return {.part = static_cast<std::size_t>(part - parts_.data()),
          .i = part->block.floor(difference)};
}

SpanIndex::Place SpanIndex::next_to(Place place) const {
  ++place.i;
  return place.i < parts_[place.part].block.size() ? place : Place{.part = place.part + 1, .i = 0};
}

void SpanIndex::take(const IndexEntry& entry) {
  if (!objects_) objects_ = entry.object.table();
  SH_CHECK(objects_ == entry.object.table(), "an index names objects of one table");
  objects_->retain(entry.object.slot());
  total_length_ += entry.length;
  ++size_;
}

void SpanIndex::forget(Place place) {
  const PackedSpan span = parts_[place.part].block.at(place.i);
  objects_->release(span.object);
  total_length_ -= span.length;
  --size_;
}

IndexEntry SpanIndex::entry_at(Place place) const {
  const FoundSpan span = at(place);
  const std::uint32_t slot = parts_[place.part].block.at(place.i).object;
  return {.offsets = span.offsets,
          .object = objects_->ref(slot),
          .length = span.length,
          .max_timestamp = span.max_timestamp};
}

/// Puts blocks of `entries` in the place of the parts [from, upto).
void SpanIndex::splice(std::size_t from, std::size_t upto, const std::vector<IndexEntry>& entries) {
  std::vector<Part> made;
  for (const IndexEntry& entry : entries) {
    push(made, entry);
    take(entry);
  }
  Place old{.part = from, .i = from == 0 ? trimmed_ : 0};
  for (; old.part < upto; old = next_to(old)) forget(old);
  for (std::size_t part = from; part < upto; ++part) block_bytes_ -= parts_[part].block.bytes();
  for (const Part& part : made) block_bytes_ += part.block.bytes();
  if (upto > from && from == 0) trimmed_ = 0;
  const auto at_part = [this](std::size_t part) {
    return parts_.begin() + static_cast<std::ptrdiff_t>(part);
  };
  const std::size_t made_upto = from + made.size();
  const auto place = parts_.erase(at_part(from), at_part(upto));
  parts_.insert(place, std::make_move_iterator(made.begin()), std::make_move_iterator(made.end()));
  update_running_max(from, made_upto);
  count_bytes();
}

/// The parts [from, upto) have changed; those behind keep theirs if what comes before them does not
/// change it.
void SpanIndex::update_running_max(std::size_t from, std::size_t upto) {
  std::int64_t newest = from == 0 ? kNoTimestamp : parts_[from - 1].block.running_max();
  for (std::size_t part = from; part < parts_.size(); ++part) {
    SpanBlock& block = parts_[part].block;
    for (std::size_t i = part == 0 ? trimmed_ : 0; i < block.size(); ++i) {
      newest = std::max(newest, block.at(i).max_timestamp);
    }
    if (part >= upto && block.running_max() == newest) return;
    block.set_running_max(newest);
  }
}

void SpanIndex::count_bytes() {
  const std::size_t now = parts_.capacity() * sizeof(Part) + block_bytes_;
  if (objects_) objects_->count_index_bytes(bytes_, now);
  bytes_ = now;
}

}  // namespace streamhouse::partition
