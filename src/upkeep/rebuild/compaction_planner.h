#pragma once
/// \file  CompactionPlanner: which compacted objects stand in for what they name as their inputs,
/// by what lies in the bucket alone. Pure. docs/design/0006-rebuild.md says why.

#include "upkeep/rebuild/bucket_facts.h"
#include "upkeep/rebuild/rebuild_findings.h"

namespace streamhouse::upkeep {

struct CompactionChoice {
  std::vector<const CompactedFacts*> taken = {};  ///< By key.
  /// Of each log: the last row that one of them has replaced.
  std::map<model::SessionId, model::Seq> replaced_to = {};
  std::set<segment::ObjectIdentity> inputs = {};  ///< Of all of them.
};

/// An input leaves the store only after the transaction that replaced it: an object one of whose
/// inputs is gone, or void, was committed. One whose inputs are all there may not have been, and is
/// not needed.
class CompactionPlanner {
 public:
  /// `facts` outlives the planner and what it plans.
  explicit CompactionPlanner(const BucketFacts& facts);

  CompactionChoice plan(std::vector<LeftOut>& left_out);

 private:
  using Input = segment::ObjectIdentity;

  bool any_is_gone(const CompactedFacts& object) const;
  bool is_gone(const Input& input) const;
  bool is_object(const Input& input) const;
  bool take_all();
  void take(const CompactedFacts& object);

  const BucketFacts& facts_;
  std::map<std::pair<model::SessionId, model::Seq>, const CompactedFacts*> outputs_;
  std::set<const CompactedFacts*> taken_;
  std::set<Input> inputs_;  ///< Of what was taken.
  std::map<model::SessionId, model::Seq> replaced_to_;
};

}  // namespace streamhouse::upkeep
