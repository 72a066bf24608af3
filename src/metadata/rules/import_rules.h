#pragma once
/// \file  What every store asks of an import, and what it answers while one is not complete, in the
/// same words.

#include "metadata/archive.h"

namespace streamhouse::metadata {

/// open_session while the mark is there.
base::Error import_unfinished();
/// insert_rows while it is not.
base::Error import_not_begun();
base::Error target_not_empty();
/// begin_import where the mark stands: success if it has the value `archive`. Errors: kConflict.
Status check_import_mark(base::BytesView mark, std::string_view archive);

}  // namespace streamhouse::metadata
