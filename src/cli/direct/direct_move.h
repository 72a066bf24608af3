#pragma once
/// \file  `streamctl metadata export` and `import`: metadata into a file and out of it, in this
/// process, on the database itself.

#include <string>

#include "base/error.h"
#include "metadata/archive/archive_format.h"

namespace streamhouse::cli {

/// `file`: a path, or `-` for the standard streams. Errors: kInvalid and kNotFound for a URL;
/// kConflict naming an agent that is at work, a database that is not empty or holds a part of an
/// import; those of the store, the archive and the file.
base::Result<metadata::ArchiveSummary> export_directly(const std::string& database_url,
                                                       const std::string& file);
base::Result<metadata::ArchiveSummary> import_directly(const std::string& database_url,
                                                       const std::string& file);

}  // namespace streamhouse::cli
