#pragma once
/// \file  ObjectRemover: the one place from which objects leave the store: those that are dead long
/// enough, and those that nobody can name any more.

#include <set>

#include "cluster/agent_session.h"
#include "metadata/metadata_store.h"
#include "objectstore/object_store.h"
#include "runtime/task_group.h"
#include "upkeep/deletion/compacted_sweep_planner.h"
#include "upkeep/deletion/sweep_planner.h"
#include "upkeep/deletion/trim_marks.h"

namespace streamhouse::upkeep {

/// Every step may be cut short, repeated, or done by several agents at once.
/// Threading: the core's executor.
class ObjectRemover {
 public:
  struct Ports {
    metadata::MetadataStore& metadata;
    objectstore::ObjectStore& objects;
    cluster::AgentSession& session;  ///< Nothing is removed once a loss is declared.
  };
  ObjectRemover(Ports ports, runtime::Duration grace, const runtime::TaskGroup& group)
      : ports_(ports), grace_(grace), group_(group), marks_(ports.metadata, ports.objects) {}

  /// Removes objects that have been dead for longer than the grace, by the database's clock, each
  /// once it is covered by a trim mark (TrimMarks), and then forgets them. Errors: kUnavailable,
  /// with the store's reason, if some are left for the next time.
  runtime::Task<base::Status> remove_dead();
  /// Rule P16. False if the session is not sealed: nothing of it may be swept. Errors: kNotFound;
  /// kRegressed as SweepPlanner, and nothing of this session is removed.
  runtime::Task<base::Result<bool>> sweep(model::SessionId session);
  /// Rule P16 for what sealed sessions have compacted, in one pass over all compacted objects.
  /// Requires: `sealed` are. Errors: kRegressed as CompactedSweepPlanner.
  runtime::Task<base::Status> sweep_compacted(std::set<model::SessionId> sealed);

  std::uint64_t removed() const { return removed_; }

 private:
  struct Removal {
    std::vector<std::string> gone = {};
    std::optional<base::Error> refusal = {};  ///< The first.
  };
  runtime::Task<Removal> remove(std::vector<std::string> keys);
  runtime::Task<base::Result<std::vector<base::Status>>> remove_some(std::vector<std::string> keys);
  runtime::Task<base::Status> remove_all(std::vector<std::string> keys);
  runtime::Task<base::Status> check_seal(const SweepPlanner* planner);
  runtime::Task<base::Status> look_at_compacted(std::string after, std::string upto,
                                                CompactedSweepPlanner* planner);
  bool over() const { return group_.stopping() || ports_.session.frozen(); }

  Ports ports_;
  runtime::Duration grace_;
  const runtime::TaskGroup& group_;
  TrimMarks marks_;
  std::uint64_t removed_ = 0;
};

}  // namespace streamhouse::upkeep
