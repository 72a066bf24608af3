#include "metadata/rules/import_rules.h"

namespace streamhouse::metadata {

using base::Errc;
using base::make_error;

base::Error import_unfinished() {
  return make_error(Errc::kConflict,
                    "the database holds a part of an import that is not complete: import the same"
                    " archive again, or begin with an empty database");
}

base::Error import_not_begun() {
  return make_error(Errc::kConflict, "no import into this database is under way");
}

base::Error target_not_empty() {
  return make_error(Errc::kConflict,
                    "the database is not empty: an import needs one that no agent has used");
}

Status check_import_mark(base::BytesView mark, std::string_view archive) {
  if (base::as_text(mark) == archive) return {};
  return make_error(Errc::kConflict,
                    "the database holds a part of another import: begin with an empty one");
}

}  // namespace streamhouse::metadata
