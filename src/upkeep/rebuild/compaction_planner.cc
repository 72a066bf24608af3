#include "upkeep/rebuild/compaction_planner.h"

#include <algorithm>

namespace streamhouse::upkeep {

using model::Seq;

namespace {

/// Calls `visit(input)` for each.
template <class Visit>
void each_input(const CompactedFacts& object, Visit visit) {
  for (const segment::ObjectInputs& run : object.inputs) {
    segment::ObjectIdentity input = run.first;
    for (std::int64_t i = 0; i < run.count; ++i, ++input.seq) {
      visit(input);
    }
  }
}

}  // namespace

CompactionPlanner::CompactionPlanner(const BucketFacts& facts) : facts_(facts) {
  for (const CompactedFacts& object : facts_.compacted) {
    outputs_.emplace(std::pair(object.name.compactor, Seq(object.name.number)), &object);
  }
}

CompactionChoice CompactionPlanner::plan(std::vector<LeftOut>& left_out) {
  while (take_all()) {
  }
  CompactionChoice choice{.replaced_to = replaced_to_, .inputs = inputs_};
  for (const CompactedFacts& object : facts_.compacted) {
    const Input output{segment::ObjectLevel::kCompacted, object.name.compactor,
                       Seq(object.name.number)};
    if (!taken_.contains(&object)) {
      left_out.push_back({segment::to_key(object.name), "all of its inputs are there and count"});
    } else if (inputs_.contains(output)) {
      left_out.push_back({segment::to_key(object.name), "replaced by another compacted object"});
    } else {
      choice.taken.push_back(&object);
    }
  }
  return choice;
}

/// Whether any was taken.
bool CompactionPlanner::take_all() {
  bool any = false;
  for (const CompactedFacts& object : facts_.compacted) {
    if (taken_.contains(&object) || !any_is_gone(object)) continue;
    take(object);
    any = true;
  }
  return any;
}

void CompactionPlanner::take(const CompactedFacts& object) {
  taken_.insert(&object);
  each_input(object, [&](const Input& input) {
    inputs_.insert(input);
    if (input.level == segment::ObjectLevel::kFlushed) {
      Seq& to = replaced_to_[input.session];
      to = std::max(to, input.seq);
    }
  });
}

bool CompactionPlanner::any_is_gone(const CompactedFacts& object) const {
  bool any = false;
  each_input(object,
             [&](const Input& input) { any = any || (is_object(input) && is_gone(input)); });
  return any;
}

/// False for a row that is known to have held no object.
bool CompactionPlanner::is_object(const Input& input) const {
  if (input.level != segment::ObjectLevel::kFlushed) return true;
  const auto session = facts_.sessions.find(input.session);
  if (session == facts_.sessions.end() || session->second.is_stored(input.seq)) return true;
  const auto next = session->second.objects.upper_bound(input.seq);
  return next == session->second.objects.end() || next->second.previous >= input.seq;
}

bool CompactionPlanner::is_gone(const Input& input) const {
  if (input.level == segment::ObjectLevel::kCompacted) {
    return !outputs_.contains({input.session, input.seq}) || inputs_.contains(input);
  }
  const auto session = facts_.sessions.find(input.session);
  if (session == facts_.sessions.end() || !session->second.is_stored(input.seq)) return true;
  if (input.seq <= session->second.trimmed_to) return true;
  const auto replaced = replaced_to_.find(input.session);
  return replaced != replaced_to_.end() && input.seq <= replaced->second;
}

}  // namespace streamhouse::upkeep
