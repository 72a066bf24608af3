#pragma once
/// \file  Whether a rebuild from the object store alone would find the groups (S8).

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "metadata/memory/memory_tables.h"

namespace streamhouse::sim {

/// Whether the newest snapshots of all shards hold the groups of `tables`, no more and no less, but
/// for offsets of topics that are gone. `keys`: of all stored objects, in byte order.
bool groups_are_stored(
    const metadata::MemoryTables& tables, const std::vector<std::string>& keys,
    const std::function<std::optional<base::Bytes>(const std::string& key)>& objects);

}  // namespace streamhouse::sim
