#pragma once
/// \file  Which of the spans and segments of one partition tile its offsets, and from where on.
/// Pure.

#include <cstdint>
#include <optional>
#include <vector>

#include "model/ids.h"

namespace streamhouse::upkeep {

/// A run of offsets that some object holds.
struct Tile {
  enum class Kind : std::uint8_t {
    kSpan,     ///< Of a flushed object: all of its spans count, or none.
    kSegment,  ///< Of a compacted one: counts by itself.
  };
  model::OffsetRange offsets = {};
  Kind kind = Kind::kSpan;
  std::uint32_t object = 0;    ///< Which one, among those of its kind.
  std::uint32_t position = 0;  ///< Which of its spans.
};

struct Tiling {
  model::Offset log_start = {};
  model::Offset next_offset = {};
  std::vector<Tile> segments = {};  ///< Those that count, in order.
  /// What no tile, or more than one, holds. The log starts behind all of it.
  struct Gap {
    model::OffsetRange offsets = {};
    std::optional<Tile> tile = {};  ///< That is held twice.
  };
  std::vector<Gap> gaps = {};
};

/// `known_end`: offsets below it were given out, whether anything holds them or not. Without a tile
/// the log is empty and starts there; that is no gap.
Tiling plan_tiles(std::vector<Tile> tiles, model::Offset known_end);

}  // namespace streamhouse::upkeep
