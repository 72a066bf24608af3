#pragma once
/// \file  SessionRunPlanner: which of a session's flushed objects count, and where its log ended,
/// by what lies in the bucket alone. Pure. docs/design/0006-rebuild.md says why.

#include <algorithm>

#include "upkeep/rebuild/bucket_facts.h"
#include "upkeep/rebuild/rebuild_findings.h"

namespace streamhouse::upkeep {

/// The log as a rebuild writes it. Rows that are in neither list and lie between `trimmed_to` and
/// `seal` held no object, or one that is lost.
struct SessionRun {
  model::Seq trimmed_to = {};             ///< Everything up to there is void.
  model::Seq seal = {};                   ///< Of the seal's row: greater than trimmed_to.
  std::vector<model::Seq> commits = {};   ///< In order; their objects are there and whole.
  std::vector<model::Seq> replaced = {};  ///< Void, and their objects still there.
};

class SessionRunPlanner {
 public:
  /// `facts` outlives the planner.
  SessionRunPlanner(model::SessionId session, const SessionFacts& facts)
      : session_(session), facts_(facts) {}

  /// Compaction has replaced rows up to `committed`; up to `held` its outputs hold what is there.
  void set_replaced(model::Seq committed, model::Seq held) {
    committed_to_ = std::max(committed_to_, committed);
    void_to_ = std::max(void_to_, held);
  }

  SessionRun plan(RebuildFindings& findings, std::vector<LeftOut>& left_out) const;

 private:
  model::Seq committed_to() const;
  model::Seq end_of_run() const;
  model::Seq first_above(model::Seq void_to, model::Seq seal) const;
  void report_seal(model::Seq seal, RebuildFindings& findings) const;
  void report_damaged(const SessionRun& run, RebuildFindings& findings) const;
  void report_missing(const SessionRun& run, RebuildFindings& findings) const;

  model::SessionId session_;
  const SessionFacts& facts_;
  model::Seq committed_to_ = {};
  model::Seq void_to_ = {};
};

}  // namespace streamhouse::upkeep
