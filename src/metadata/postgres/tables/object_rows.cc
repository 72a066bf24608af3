#include "metadata/postgres/tables/object_rows.h"

namespace streamhouse::metadata::postgres {
namespace {

constexpr std::string_view kCount =
    "UPDATE sh_object_counts SET objects = objects + $3, bytes = bytes + $4"
    " WHERE level = $1 AND state = $2";
constexpr std::string_view kLock =
    "SELECT count(*) FROM (SELECT 1 FROM sh_objects o JOIN unnest($1) AS k (object_key)"
    " ON k.object_key = o.object_key ORDER BY o.object_key FOR UPDATE OF o) locked";
constexpr std::string_view kForgetSegments =
    "UPDATE sh_objects o SET segment_count = o.segment_count - k.segments,"
    " state = CASE WHEN o.segment_count = k.segments THEN 1 ELSE 0 END,"
    " dead_at = CASE WHEN o.segment_count = k.segments THEN $3 ELSE 0 END"
    " FROM unnest($1, $2) AS k (object_key, segments)"
    " WHERE o.object_key = k.object_key RETURNING o.level, o.state, o.size";

}  // namespace

Status ObjectCounts::store(Connection& db) const {
  for (const auto& [kind, delta] : deltas_)
    if (delta.objects != 0 || delta.bytes != 0)
      SH_TRY_OK(db.execute(kCount, kind.first, kind.second, delta.objects, delta.bytes));
  return {};
}

Status forget_segments_of(Connection& db, const std::vector<std::string>& object_keys,
                          ObjectCounts& counts) {
  std::map<std::string, std::int64_t> segments;
  for (const std::string& key : object_keys) ++segments[key];
  if (segments.empty()) return {};
  std::vector<std::string> keys;
  std::vector<std::int64_t> numbers;
  for (const auto& [key, number] : segments) {
    keys.push_back(key);
    numbers.push_back(number);
  }
  SH_TRY_OK(db.execute(kLock, keys));
  const auto count = [&](Row row) {
    const auto size = row.get<std::uint64_t>(2);
    if (row.get<ObjectState>(1) == ObjectState::kLive) return true;
    counts.remove(row.get<int>(0), ObjectState::kLive, size);
    counts.add(row.get<int>(0), ObjectState::kDead, size);
    return true;
  };
  SH_TRY_OK(db.all(kForgetSegments, count, keys, numbers, db.now()));
  return {};
}

}  // namespace streamhouse::metadata::postgres
