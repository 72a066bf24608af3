#pragma once
/// \file  Segments and the objects they lie in: an object lives as long as a segment names it.

#include "metadata/metadata_store.h"
#include "metadata/sqlite/driver/connection.h"

namespace streamhouse::metadata::sqlite {

/// Takes one segment off the object's count; without one left it is dead.
Status forget_segment_of(Connection& db, std::string_view object_key, DatabaseMs now);

}  // namespace streamhouse::metadata::sqlite
