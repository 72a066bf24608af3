#pragma once
/// \file  A column that mostly repeats itself, packed as (how many, value) pairs until every item
/// has one: three bytes for a column of equal values.

#include "base/varint.h"
#include "segment/packed/packed_reader.h"

namespace streamhouse::segment {

/// `column(item)` gives the item's unsigned value.
template <class Items, class Column>
void append_runs(base::ByteVector& out, const Items& items, Column column) {
  for (auto item = items.begin(); item != items.end();) {
    const std::uint64_t value = column(*item);
    std::uint64_t run = 0;
    for (; item != items.end() && column(*item) == value; ++item) ++run;
    base::append_varint(out, run);
    base::append_varint(out, value);
  }
}

/// Calls `assign(item, value)` for every item, in order, unless the reader fails.
template <class Items, class Assign>
void read_runs(PackedReader& reader, std::string_view field, std::uint64_t value_max, Items& items,
               Assign assign) {
  for (std::size_t done = 0; done < items.size() && reader.ok();) {
    const std::uint64_t run = reader.varint(field, items.size() - done);
    const std::uint64_t value = reader.varint(field, value_max);
    if (run == 0) reader.fail(field, "has an empty run");
    if (!reader.ok()) return;
    for (const std::size_t end = done + static_cast<std::size_t>(run); done < end; ++done)
      assign(items[done], value);
  }
}

}  // namespace streamhouse::segment
