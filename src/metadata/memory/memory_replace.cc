// Compaction's one transaction (rule P15).
#include <algorithm>
#include <set>

#include "metadata/memory/memory_metadata.h"
#include "metadata/rules/setting_rules.h"

namespace streamhouse::metadata {

using base::Errc;

/// Every commit of the prefix is an input or needed by nobody, and every input is there.
Status MemoryMetadata::check_inputs(const SessionRecord& log,
                                    const Replacement& replacement) const {
  std::set<Seq> inputs(replacement.inputs.begin(), replacement.inputs.end());
  for (auto at = log.log.upper_bound(log.session.trimmed_to);
       at != log.log.end() && at->first <= replacement.upto_seq; ++at) {
    const bool is_input = inputs.erase(at->first) > 0;
    if (is_input && at->second->row.kind == RowKind::kCommit) continue;
    if (!is_input && trim_allows(log, *at->second)) continue;
    return make_error(Errc::kConflict, "row " + std::to_string(at->first.value()) + " of session " +
                                           to_string(log.session.id) +
                                           (is_input ? " is no commit" : " would be lost"));
  }
  if (!inputs.empty())
    return make_error(Errc::kConflict, "input " + std::to_string(inputs.begin()->value()) +
                                           " of session " + to_string(log.session.id) +
                                           " is missing or void");
  return {};
}

Status MemoryMetadata::check_replacement(const Replacement& replacement) const {
  const SessionRecord* log = find_session(replacement.log);
  if (!is_live(replacement.compactor))
    return make_error(Errc::kFenced,
                      "compactor " + to_string(replacement.compactor) + " is not live");
  if (!log) return make_error(Errc::kConflict, "there is no session " + to_string(replacement.log));
  if (log->session.state == SessionState::kFencing)
    return make_error(Errc::kFenced,
                      "session " + to_string(replacement.log) + " is being taken over");
  const bool covered = log->session.state == SessionState::kRecovered ||
                       (log->checkpoint && log->checkpoint->upto_seq >= replacement.upto_seq);
  if (!covered || replacement.upto_seq >= log->newest())
    return make_error(Errc::kConflict,
                      "the end of the replaced prefix is not covered, or the newest");
  SH_TRY_OK(check_inputs(*log, replacement));
  for (const ObjectRow& object : replacement.objects)
    if (tables_.objects.contains(object.key))
      return make_error(Errc::kConflict, "object " + object.key + " is there already");
  for (const Segment& segment : replacement.segments)
    if (tables_.segments.contains({segment.key, segment.location.offsets.next}))
      return make_error(Errc::kConflict, "a segment of partition " + to_string(segment.key) +
                                             " with that end is there already");
  return {};
}

void MemoryMetadata::insert_segments(const Replacement& replacement) {
  const DatabaseMs now = clock_();
  for (const ObjectRow& object : replacement.objects)
    tables_.objects[object.key] =
        ObjectRecord{.row = {.key = object.key, .level = 1, .size = object.size, .dead_ms = 0},
                     .session = replacement.compactor};
  for (Segment segment : replacement.segments) {
    if (!tables_.partitions.contains(segment.key)) continue;
    ObjectRecord& object = tables_.objects.at(segment.location.object_key);
    ++object.segment_count;
    segment.location.object_size = object.row.size;
    segment.location.session = model::kNoSession;
    segment.location.seq = Seq(0);
    segment.location.created_ms = now;
    tables_.segments[{segment.key, segment.location.offsets.next}] = std::move(segment);
  }
  for (const ObjectRow& object : replacement.objects) {
    ObjectRecord& record = tables_.objects.at(object.key);
    if (record.segment_count > 0) continue;
    record.row.state = ObjectState::kDead;
    record.row.dead_ms = now;
  }
}

Status MemoryMetadata::replace_objects(const Replacement& replacement) {
  SH_TRY_OK(check_replacement_form(replacement));
  const bool repeated = std::ranges::all_of(replacement.objects, [&](const ObjectRow& object) {
    const auto found = tables_.objects.find(object.key);
    return found != tables_.objects.end() && found->second.session == replacement.compactor;
  });
  if (repeated) return {};
  SH_TRY_OK(check_replacement(replacement));
  insert_segments(replacement);
  drop_prefix(*find_session(replacement.log), replacement.upto_seq);
  return {};
}

}  // namespace streamhouse::metadata
