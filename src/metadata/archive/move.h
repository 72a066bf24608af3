#pragma once
/// \file  Moving metadata from one database to another by way of an archive, while no agent is at
/// work.

#include "metadata/archive/archive_reader.h"
#include "metadata/archive/archive_writer.h"
#include "metadata/metadata_store.h"

namespace streamhouse::metadata {

/// Whether heartbeats tell who is alive, or nobody can be since the database is held open for one.
enum class SourceUse : std::uint8_t { kShared, kExclusive };

/// Writes every row of `source`, and the end. Errors: kConflict naming an agent that is alive, also
/// if it came up meanwhile, or if the source is the target of an import that is not complete; the
/// store's and the output's.
Task<Result<ArchiveSummary>> export_metadata(MetadataStore& source, SourceUse use,
                                             std::shared_ptr<ArchiveOutput> output);

/// Checks the whole archive first, then inserts its rows, reads them back and compares, and only
/// then lets agents in. Repeatable: the same archive goes on where an earlier attempt ended.
/// Errors: of an archive that is refused nothing is inserted: ArchiveReader's; kConflict if the
/// target is not empty. After any other the target lets no agent in until the same archive is
/// imported again; kCorrupt if what was read back differs. The archive is read on the caller's
/// thread.
Task<Result<ArchiveSummary>> import_metadata(MetadataStore& target, ArchiveInput& archive);

}  // namespace streamhouse::metadata
