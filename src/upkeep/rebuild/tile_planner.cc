#include "upkeep/rebuild/tile_planner.h"

#include <algorithm>
#include <map>
#include <tuple>
#include <utility>

namespace streamhouse::upkeep {

using model::Offset;

namespace {

bool comes_before(const Tile& a, const Tile& b) {
  const auto key = [](const Tile& tile) {
    return std::tuple(tile.offsets.base, tile.offsets.next, tile.object, tile.position);
  };
  return key(a) < key(b);
}

class TilePlan {
 public:
  explicit TilePlan(std::vector<Tile> tiles) {
    std::ranges::sort(tiles, comes_before);
    for (const Tile& tile : tiles) (is_segment(tile) ? segments_ : spans_).push_back(tile);
  }

  Tiling run(Offset known_end) {
    cut_twice_held_spans();
    link_all();
    Offset end = std::max(known_end, tiling_.log_start);
    if (!paths_.empty()) end = std::max(end, paths_.rbegin()->first);
    tiling_.next_offset = end;
    const auto path = paths_.find(end);
    tiling_.log_start = path == paths_.end() ? end : path->second.start;
    take_segments(end);
    report_below(tiling_.log_start);
    return std::move(tiling_);
  }

 private:
  /// The tiles without a gap that end at some offset, begun as far below as there are any.
  struct Path {
    Offset start;
    Tile last;
  };

  static bool is_segment(const Tile& tile) { return tile.kind == Tile::Kind::kSegment; }

  /// All spans of a row count or none: the log can only start behind what two of them hold.
  void cut_twice_held_spans() {
    Offset end{0};
    for (const Tile& span : spans_) {
      if (span.offsets.base < end) {
        const Offset twice = std::min(end, span.offsets.next);
        tiling_.gaps.push_back({.offsets = {span.offsets.base, twice}, .tile = span});
        tiling_.log_start = std::max(tiling_.log_start, twice);
      }
      end = std::max(end, span.offsets.next);
    }
  }

  /// Segments beside which a span holds the same are not needed.
  void link_all() {
    std::vector<Tile> tiles = spans_;
    auto span = spans_.begin();
    Offset spans_end{0};
    for (const Tile& segment : segments_) {
      for (; span != spans_.end() && span->offsets.base <= segment.offsets.base; ++span)
        spans_end = std::max(spans_end, span->offsets.next);
      const bool beside = spans_end > segment.offsets.base ||
                          (span != spans_.end() && span->offsets.base < segment.offsets.next);
      if (!beside) tiles.push_back(segment);
    }
    std::ranges::sort(tiles, comes_before);
    for (const Tile& tile : tiles) link(tile);
  }

  void link(const Tile& tile) {
    const Offset cut = tiling_.log_start;
    if (tile.offsets.next <= cut) return;
    const Offset base = std::max(tile.offsets.base, cut);
    const auto before = paths_.find(base);
    const Offset start = before == paths_.end() ? base : before->second.start;
    const auto [known, first] = paths_.try_emplace(tile.offsets.next, Path{start, tile});
    if (!first && start < known->second.start) known->second = {start, tile};
  }

  void take_segments(Offset end) {
    for (auto path = paths_.find(end); path != paths_.end();
         path = paths_.find(path->second.last.offsets.base)) {
      if (is_segment(path->second.last)) tiling_.segments.push_back(path->second.last);
    }
    std::ranges::reverse(tiling_.segments);
  }

  /// What lies between the log's start and whatever is held below it.
  void report_below(Offset start) {
    while (true) {
      const auto above = paths_.lower_bound(start);
      if (above == paths_.begin()) return;
      const auto& [end, path] = *std::prev(above);
      tiling_.gaps.push_back({.offsets = {end, start}});
      start = path.start;
    }
  }

  std::vector<Tile> spans_;
  std::vector<Tile> segments_;
  std::map<Offset, Path> paths_;  ///< By where they end.
  Tiling tiling_;
};

}  // namespace

Tiling plan_tiles(std::vector<Tile> tiles, Offset known_end) {
  return TilePlan(std::move(tiles)).run(known_end);
}

}  // namespace streamhouse::upkeep
