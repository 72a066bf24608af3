#pragma once
/// \file  LeaseKeeper: acquires partitions that nobody leads (rule P11). Balancing them over agents
/// comes on top of this.

#include "cluster/agent_session.h"

namespace streamhouse::cluster {

/// Who leads what is acquired: the write path of this session.
class LeaseHolder {
 public:
  virtual ~LeaseHolder() = default;
  /// The next seq that no row of the session's log has yet (for since_seq).
  virtual model::Seq next_seq() const = 0;
  /// Whether the partition is led, or a release of it is not yet known to be written: it is not
  /// acquired then.
  virtual bool holds(model::TopicPartition key) const = 0;
  virtual void lead(std::vector<metadata::Partition> acquired) = 0;
};

/// Threading: the core's executor.
class LeaseKeeper {
 public:
  LeaseKeeper(runtime::Runtime& runtime, metadata::MetadataStore& metadata, AgentSession& session,
              runtime::TaskGroup& group)
      : runtime_(runtime), metadata_(metadata), session_(session), group_(group), wake_(runtime) {}

  /// Acquires free partitions for the present session until it is lost or the group stops; looks
  /// again every `interval` and after wake().
  runtime::Task<void> run(LeaseHolder& holder, runtime::Duration interval);
  /// Whether every partition that was free when it last looked has been asked for.
  bool caught_up() const { return caught_up_; }
  /// A topic was created or a partition was freed: look now.
  void wake();

 private:
  /// What was found when it looked once.
  struct Look {
    std::size_t acquired = 0;
    bool more = false;  ///< There may be free partitions behind those that were listed.
  };
  runtime::Task<base::Result<Look>> acquire_free(LeaseHolder& holder);

  runtime::Runtime& runtime_;
  metadata::MetadataStore& metadata_;
  AgentSession& session_;
  runtime::TaskGroup& group_;
  runtime::Signal wake_;
  bool woken_ = false;
  bool caught_up_ = false;
};

}  // namespace streamhouse::cluster
