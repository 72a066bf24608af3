#pragma once
/// \file  `streamctl metadata export` and `import`: metadata into a file and out of it, in this
/// process, on the database itself.

#include <string>

#include "base/error.h"
#include "metadata/archive/archive_format.h"
#include "metadata/opened_metadata_store.h"

namespace streamhouse::cli {

/// `file`: a path, or `-` for the standard streams. Errors: kInvalid and kNotFound for a URL;
/// kConflict naming an agent that is at work, a database that is not empty or holds a part of an
/// import; those of the store, the archive and the file.
base::Result<metadata::ArchiveSummary> export_directly(const std::string& database_url,
                                                       const std::string& file);
base::Result<metadata::ArchiveSummary> import_directly(const std::string& database_url,
                                                       const std::string& file);

/// A database that is to be filled. Standbys matter to who leads; of SQLite the lock is held, so
/// that no agent is at work on it.
metadata::OpenMetadata options_of_move(runtime::Runtime& runtime, const std::string& url,
                                       std::string holder);
/// The URL is served; whether there is a database shows when it is opened. Errors: kInvalid.
base::Status check_database_url(const std::string& url);

}  // namespace streamhouse::cli
