#pragma once
/// \file  Rows in parts that one statement may take.

#include <algorithm>
#include <cstddef>
#include <span>

#include "base/error.h"

namespace streamhouse::metadata::postgres {

/// Rows that one statement names at most. Servers that hold a statement's writes in memory, or send
/// them to other machines as one, want it bounded; for the others the loop costs nothing.
constexpr std::size_t kStatementRowsMax = 5'000;

/// Calls `run(part)`, a Status, for one part of `rows` after the other; ends at the first error.
template <class T, class Run>
base::Status in_chunks(std::span<const T> rows, Run run) {
  while (!rows.empty()) {
    const auto part = rows.first(std::min(rows.size(), kStatementRowsMax));
    SH_TRY_OK(run(part));
    rows = rows.subspan(part.size());
  }
  return {};
}

}  // namespace streamhouse::metadata::postgres
