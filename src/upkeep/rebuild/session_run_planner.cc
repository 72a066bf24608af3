#include "upkeep/rebuild/session_run_planner.h"

#include <algorithm>

namespace streamhouse::upkeep {

using model::Seq;

namespace {

constexpr Seq kOpenRow{0};

}  // namespace

SessionRun SessionRunPlanner::plan(RebuildFindings& findings,
                                   std::vector<LeftOut>& left_out) const {
  SessionRun run{.seal = facts_.seal ? *facts_.seal : end_of_run() + 1};
  const Seq void_to = std::min(std::max(void_to_, facts_.trimmed_to), run.seal - 1);
  run.trimmed_to = first_above(void_to, run.seal) - 1;
  for (const auto& [seq, object] : facts_.objects) {
    if (seq >= run.seal) {
      left_out.push_back({segment::object_key(session_, seq),
                          facts_.seal ? "behind the seal of its session, at row " +
                                            std::to_string(run.seal.value())
                                      : "an object before it never came: not committed"});
    } else {
      (seq <= run.trimmed_to ? run.replaced : run.commits).push_back(seq);
    }
  }
  report_seal(run.seal, findings);
  report_damaged(run, findings);
  report_missing(run, findings);
  return run;
}

/// The newest row that is known to have been committed, whatever lies between.
Seq SessionRunPlanner::committed_to() const {
  Seq newest = std::max(committed_to_, facts_.trimmed_to);
  for (const auto& [seq, object] : facts_.objects)
    newest = std::max(newest, object.known_committed);
  return newest;
}

/// Of a session that nobody sealed: the last row that counts. An object counts if every one before
/// it came; a damaged one did come.
Seq SessionRunPlanner::end_of_run() const {
  Seq end = committed_to();
  auto damaged = facts_.damaged.upper_bound(end);
  for (auto at = facts_.objects.upper_bound(end); at != facts_.objects.end(); ++at) {
    for (; damaged != facts_.damaged.end() && *damaged < at->first; ++damaged) end = *damaged;
    if (at->second.previous != kOpenRow && at->second.previous > end) return end;
    end = at->first;
  }
  return damaged == facts_.damaged.end() ? end : *facts_.damaged.rbegin();
}

/// The first stored object that is not void, or the seal: what lies before was trimmed.
Seq SessionRunPlanner::first_above(Seq void_to, Seq seal) const {
  Seq first = seal;
  const auto whole = facts_.objects.upper_bound(void_to);
  if (whole != facts_.objects.end()) first = std::min(first, whole->first);
  const auto damaged = facts_.damaged.upper_bound(void_to);
  if (damaged != facts_.damaged.end()) first = std::min(first, *damaged);
  return first;
}

void SessionRunPlanner::report_seal(Seq seal, RebuildFindings& findings) const {
  if (!facts_.seal) return;
  for (const auto& [seq, object] : facts_.objects) {
    if (object.known_committed < seal) continue;
    findings.push_back({.fault = RebuildFault::kCommittedBehindSeal,
                        .object = segment::object_key(session_, seq),
                        .detail = "it knows row " + std::to_string(object.known_committed.value()) +
                                  " committed, and the session was sealed at row " +
                                  std::to_string(seal.value())});
  }
}

void SessionRunPlanner::report_damaged(const SessionRun& run, RebuildFindings& findings) const {
  for (const Seq seq : facts_.damaged) {
    if (seq <= run.trimmed_to || seq >= run.seal) continue;
    findings.push_back({.fault = RebuildFault::kDamagedObject,
                        .object = segment::object_key(session_, seq),
                        .detail = "it was committed, and what it holds cannot be read"});
  }
}

/// Objects that others name as the one before them. Of a session that was sealed the first ones
/// may be gone, since a trim takes a log from its beginning.
void SessionRunPlanner::report_missing(const SessionRun& run, RebuildFindings& findings) const {
  const Seq gone_to = facts_.seal ? run.trimmed_to : std::max(void_to_, facts_.trimmed_to);
  for (const auto& [seq, object] : facts_.objects) {
    const Seq before = object.previous;
    if (before <= gone_to || seq >= run.seal || facts_.is_stored(before)) continue;
    findings.push_back({.fault = RebuildFault::kMissingObject,
                        .object = segment::object_key(session_, before),
                        .detail = "it was committed, the session's next object, of row " +
                                  std::to_string(seq.value()) + ", is there"});
  }
}

}  // namespace streamhouse::upkeep
