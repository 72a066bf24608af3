#pragma once
/// \file  CommitLoop: makes the rows of one session's log real, strictly in seq order, and tells
/// everyone who waits.

#include <deque>
#include <functional>
#include <memory>

#include "cluster/agent_session.h"
#include "ingest/buffer_budget.h"
#include "ingest/pending_row.h"
#include "ingest/row_observer.h"
#include "partition/partition_table.h"

namespace streamhouse::ingest {

/// Uploads of several objects overlap; at most one append is in flight (W7). An append of unknown
/// outcome is sent again until it is known, and nothing later is sent meanwhile (rule P1).
/// Lifetime:  one session.
/// Threading: the core's executor.
class CommitLoop {
 public:
  struct Ports {
    runtime::Runtime& runtime;
    metadata::MetadataStore& metadata;
    objectstore::ObjectStore& objects;
    cluster::AgentSession& session;
    partition::PartitionTable& partitions;
    BufferBudget& budget;
    RowObserver* rows = nullptr;  ///< May be none.
  };
  /// What keeps new batches from being taken for now.
  struct Stall {
    enum class Of : std::uint8_t { kObjectStore, kDatabase };
    Of of = Of::kObjectStore;
    base::Error why;
  };
  struct Observer {
    virtual ~Observer() = default;
    /// A row is known to be written, or the session ended and its rows failed.
    virtual void rows_changed() = 0;
  };

  CommitLoop(Ports ports, Observer& observer, runtime::TaskGroup& group);

  /// Takes over a row; its seq is one above the last.
  void enqueue(const std::shared_ptr<PendingRow>& row);
  /// Runs until the group stops or the session ends.
  runtime::Task<void> run();
  /// The session or the group has ended: run() notices at once.
  void wake() { progress_.notify_all(); }
  /// Whether run() has returned; then nothing of this session is sent any more.
  bool ended() const { return ended_; }

  std::size_t rows_in_flight() const { return rows_.size(); }
  /// Newest seq whose row is known to be written; 0 = the open row.
  model::Seq committed_seq() const { return committed_seq_; }
  /// Why new batches should be refused for now: the object store has failed, or the oldest object
  /// is overdue.
  std::optional<Stall> stalled(runtime::Duration overdue_after) const;
  /// Why the rows that were pending at the end failed; kUnknownOutcome if they may be written.
  const std::optional<base::Error>& failure() const { return failure_; }

 private:
  /// The session is over: whatever is pending fails for this reason.
  void fail_all(const base::Error& why);
  runtime::Task<void> upload(std::shared_ptr<PendingRow> row);
  runtime::Task<base::Result<metadata::Appended>> append(std::shared_ptr<PendingRow> row);
  runtime::Task<base::Result<metadata::Appended>> append_once(std::shared_ptr<PendingRow> row,
                                                              metadata::LogEntry entry);
  void report(const PendingRow& row, RowResult result, runtime::MonoTime began) const;
  runtime::Task<void> commit_front(std::shared_ptr<PendingRow> row);
  runtime::Task<void> give_up(std::shared_ptr<PendingRow> row);
  metadata::LogEntry entry_of(const PendingRow& row) const;
  void acknowledge(PendingRow& row);
  void publish_spans(PendingRow& row);
  bool over() const { return group_.stopping() || ports_.session.lost(); }

  Ports ports_;
  Observer& observer_;
  runtime::TaskGroup& group_;
  std::deque<std::shared_ptr<PendingRow>> rows_;  ///< In seq order.
  model::Seq committed_seq_{0};
  std::optional<base::Error>
      store_failure_;  ///< Of the newest upload attempt that ended, if it failed.
  std::optional<base::Error> append_failure_;  ///< Of the newest append, if it failed.
  std::optional<base::Error> failure_;
  bool ended_ = false;
  runtime::Signal progress_;  ///< A row came, was stored or refused, or the session ended.
};

}  // namespace streamhouse::ingest
