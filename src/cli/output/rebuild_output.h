#pragma once
/// \file  What a rebuild of the metadata has found, for people and for programs.

#include <string>

#include "metadata/archive/archive_format.h"
#include "upkeep/rebuild/rebuild.h"

namespace streamhouse::cli {

/// Rows by kind, all kinds but the first, the cluster, which there is one of.
std::string counts_json(const metadata::ArchiveCounts& counts);
std::string counts_text(const metadata::ArchiveCounts& counts);

/// The counts, and "cluster_id", "objects_read", "records", "written", "findings", "left_out".
std::string rebuild_json(const upkeep::RebuildReport& report);
std::string rebuild_text(const upkeep::RebuildReport& report);

}  // namespace streamhouse::cli
