#pragma once
/// \file  `streamctl metadata rebuild`: metadata out of the objects alone, in this process, on the
/// stores themselves.

#include <functional>

#include "base/error.h"
#include "cli/commands.h"
#include "cli/direct/store_urls.h"
#include "upkeep/rebuild/rebuild.h"

namespace streamhouse::cli {

/// `progress` gets the number of objects that were read so far. A dry run opens no database.
/// Errors: kInvalid for a URL; kNotFound for objects that are not there; kConflict for a database
/// that is not empty, for two clusters in one store, and while an agent may be at work; those of
/// the stores.
base::Result<upkeep::RebuildReport> rebuild_directly(
    const StoreUrls& urls, const MetadataRebuild& command,
    std::function<void(std::uint64_t)> progress = nullptr);

}  // namespace streamhouse::cli
