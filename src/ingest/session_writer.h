#pragma once
/// \file  SessionWriter: the write path of one session, from a validated batch to its
/// acknowledgement.

#include <memory>

#include "cluster/lease_keeper.h"
#include "ingest/commit_loop.h"
#include "ingest/flush_policy.h"

namespace streamhouse::ingest {

struct WriterConfig {
  FlushLimits flush;
  std::size_t uploads_max = 8;  ///< Objects in flight at once.
  runtime::Duration overdue_after =
      std::chrono::seconds(10);  ///< An upload this old stalls produce.
  model::TopicId cluster_id;
};

/// One batch that has passed validate_produced(), alone in its buffer: its first bytes are about to
/// be changed.
struct ProducedBatch {
  std::shared_ptr<void> owner;  ///< Keeps `bytes` alive.
  base::MutableBytesView bytes;
};

/// Offsets that a batch has got; real once `outcome` says so.
struct Appended {
  model::OffsetRange offsets;
  model::Offset log_start;
  std::shared_ptr<partition::PartitionLog> log;
  /// Unset if the batch repeats an earlier one, then wait for the log's high watermark.
  std::optional<ObjectOutcome> outcome;
};

/// Lifetime:  one session.
/// Threading: the core's executor.
class SessionWriter final : public cluster::LeaseHolder, private CommitLoop::Observer {
 public:
  SessionWriter(CommitLoop::Ports ports, WriterConfig config, runtime::TaskGroup& group);

  /// Starts the flush and commit loops in the group.
  void start();
  /// The session or the group has ended: the loops notice at once.
  void wake();

  /// Gives the batch its offsets and puts it into the open object. The caller has reserved its
  /// bytes in the budget; on success they are this writer's to release. Errors: kNotLeader,
  /// kUnavailable (store stalled), kOutOfOrderSequence, kProducerFenced; all definite.
  base::Result<Appended> append(model::TopicPartition key, ProducedBatch batch);
  /// Returns when the batch is durable and committed (W1), with its offsets.
  /// Errors: those of the object, definite; kUnknownOutcome at `deadline`, or if a stop broke off.
  runtime::Task<base::Result<model::OffsetRange>> committed(Appended appended,
                                                            runtime::MonoTime deadline);

  /// Lets partitions go by a row of the log (rule P10); those not led, or on their way out already,
  /// are ignored. Returns when that row is written.
  runtime::Task<base::Status> release(std::vector<model::TopicPartition> keys);
  /// Releases everything that is led: the next session need not take it over.
  runtime::Task<base::Status> release_all(runtime::MonoTime deadline);
  /// From now on batches are refused (kStopped). Closes the open object now and returns when every
  /// row is written, or at `deadline` (kUnknownOutcome).
  runtime::Task<base::Status> drain(runtime::MonoTime deadline);

  /// Returns when the lost session's last append is known and everything pending has failed, or at
  /// `deadline`.
  runtime::Task<void> finished(runtime::MonoTime deadline);

  CommitLoop& commits() { return commits_; }

  // LeaseHolder
  model::Seq next_seq() const override { return next_seq_; }
  bool holds(model::TopicPartition key) const override;
  void lead(std::vector<metadata::Partition> acquired) override;
  /// Notified when partitions were acquired or released.
  runtime::Signal& leadership_changed() { return leadership_changed_; }

 private:
  runtime::Task<void> flush_loop();
  runtime::Task<base::Result<model::OffsetRange>> original_committed(Appended appended,
                                                                     runtime::MonoTime deadline);
  void close_object();
  void build(PendingRow& row) const;
  void enqueue_release(const std::shared_ptr<PendingRow>& row);
  void rows_changed() override;
  base::Status not_stalled() const;
  bool over() const { return group_.stopping() || ports_.session.lost(); }

  CommitLoop::Ports ports_;
  WriterConfig config_;
  FlushPolicy policy_;
  runtime::TaskGroup& group_;
  CommitLoop commits_;
  OpenObject open_;
  model::Seq next_seq_{1};        ///< Row 0 is the open row.
  model::Seq previous_object_{};  ///< Of the object closed last; 0 = none.
  runtime::MonoTime last_close_at_ = runtime::MonoTime::min();
  runtime::Signal flush_wake_;
  runtime::Signal leadership_changed_;
  bool drain_requested_ = false;
};

}  // namespace streamhouse::ingest
