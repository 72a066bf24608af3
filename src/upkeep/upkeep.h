#pragma once
/// \file  Upkeep: an agent's background deletion. Logs are trimmed, dead objects removed, sealed
/// sessions swept.

#include "cluster/agent_session.h"
#include "upkeep/deletion/object_remover.h"
#include "upkeep/deletion/sweep_schedule.h"

namespace streamhouse::upkeep {

/// Longest time between looking up where records lie and having read them: the tries of one read.
constexpr runtime::Duration kReadPlanMax = std::chrono::seconds(30);
/// A dead object must outlive every read that was planned while it lived.
constexpr runtime::Duration kGraceMin = 2 * kReadPlanMax;

struct UpkeepConfig {
  runtime::Duration grace = std::chrono::minutes(10);  ///< Between dead and removed.
  runtime::Duration interval =
      std::chrono::seconds(15);  ///< Between rounds; 0 = an agent does none.
  runtime::Duration sweep_again_first = std::chrono::minutes(10);
  runtime::Duration sweep_again_longest = std::chrono::hours(24);
};

/// Every agent does all of it; several at once do no harm.
/// Threading: the core's executor.
class Upkeep {
 public:
  struct Ports {
    runtime::Runtime& runtime;
    metadata::MetadataStore& metadata;
    objectstore::ObjectStore& objects;
    cluster::AgentSession& session;
  };
  Upkeep(Ports ports, const UpkeepConfig& config, runtime::TaskGroup& group);

  /// Rounds until the group stops, or the session froze: a database that lost rows proves nothing.
  runtime::Task<void> run();
  /// One round. Errors: the first that made a step fail; the others were tried all the same.
  runtime::Task<base::Status> round();

  /// Why the last round of run() was not complete, or that there will be no more.
  const std::optional<base::Error>& trouble() const { return trouble_; }
  std::uint64_t objects_removed() const { return remover_.removed(); }

 private:
  bool over() const { return group_.stopping() || ports_.session.frozen(); }
  runtime::Task<base::Status> visit_sessions();
  runtime::Task<base::Status> visit(metadata::Session session);
  runtime::Task<base::Status> trim(metadata::Session session);
  runtime::Task<base::Status> sweep_compacted();

  Ports ports_;
  UpkeepConfig config_;
  runtime::TaskGroup& group_;
  ObjectRemover remover_;
  SweepSchedule sweeps_;
  std::set<model::SessionId> sealed_;  ///< What they have compacted is still to be swept.
  std::optional<base::Error> trouble_;
};

}  // namespace streamhouse::upkeep
