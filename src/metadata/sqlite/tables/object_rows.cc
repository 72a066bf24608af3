#include "metadata/sqlite/tables/object_rows.h"

namespace streamhouse::metadata::sqlite {
namespace {

constexpr std::string_view kForgetSegment =
    "UPDATE sh_objects SET segment_count = segment_count - 1, state = (segment_count = 1),"
    " dead_at = CASE WHEN segment_count = 1 THEN ?2 ELSE 0 END WHERE object_key = ?1";

}  // namespace

Status forget_segment_of(Connection& db, std::string_view object_key, DatabaseMs now) {
  SH_TRY_OK(db.execute(kForgetSegment, object_key, now));
  return {};
}

}  // namespace streamhouse::metadata::sqlite
