#include "ingest/commit_loop.h"

#include "base/check.h"
#include "base/crc32c.h"
#include "runtime/retry/retry.h"

namespace streamhouse::ingest {
namespace {

using base::Errc;

/// A loop that is not told of a stop notices it this soon.
constexpr auto kLookAgain = std::chrono::milliseconds(200);

/// Whether the store can never take this object, however often it is tried.
bool refused_for_good(Errc code) {
  return base::retryability(code) == base::Retry::kNever && code != Errc::kInternal;
}

}  // namespace

CommitLoop::CommitLoop(Ports ports, Observer& observer, runtime::TaskGroup& group)
    : ports_(ports), observer_(observer), group_(group), progress_(ports.runtime) {}

void CommitLoop::enqueue(const std::shared_ptr<PendingRow>& row) {
  SH_CHECK(rows_.empty() || row->seq == rows_.back()->seq + 1, "W7 seqs have no gap");
  rows_.push_back(row);
  if (!row->is_release()) group_.spawn(upload(row));
  progress_.notify_all();
}

runtime::Task<void> CommitLoop::upload(std::shared_ptr<PendingRow> row) {
  runtime::Backoff backoff;
  while (!over()) {
    objectstore::Chunks content = row->content;  // shares the bytes
    const base::Status put = co_await ports_.objects.put(row->object_key, std::move(content));
    if (put) {
      store_failure_.reset();
      row->stored = true;
      row->content.clear();
      progress_.notify_all();
      co_return;
    }
    store_failure_ = put.error();
    if (refused_for_good(put.error().code)) {
      row->refused = put.error();
      progress_.notify_all();
      co_return;
    }
    co_await group_.sleep_until_stop(backoff.next(ports_.runtime.random()));
  }
}

runtime::Task<void> CommitLoop::run() {
  while (!over()) {
    if (!rows_.empty() && rows_.front()->ready()) {
      co_await commit_front(rows_.front());
    } else if (!rows_.empty() && rows_.front()->refused) {
      co_await give_up(rows_.front());
    } else {
      const runtime::MonoTime look_again = ports_.runtime.now() + kLookAgain;
      co_await progress_.wait_until(look_again);
    }
  }
  // No append of a remaining row is in flight, and none is ever sent: they have definitely failed,
  // unless a stop broke off before the first of them was known.
  fail_all(group_.stopping() ? base::make_error(Errc::kUnknownOutcome, "stopped during the commit")
                             : base::make_error(Errc::kNotLeader, "the session has ended"));
  ended_ = true;
  observer_.rows_changed();
}

runtime::Task<void> CommitLoop::commit_front(std::shared_ptr<PendingRow> row) {
  const auto appended = co_await append(row);
  if (appended) {
    acknowledge(*row);
    co_return;
  }
  if (appended.error().code == Errc::kFenced) {
    fail_all({Errc::kNotLeader, "the session was sealed: " + appended.error().text});
    ports_.session.set_lost();
  } else if (base::retryability(append_failure_->code) == base::Retry::kNever) {
    fail_all(appended.error());               // an earlier attempt may have been written
    ports_.session.freeze(*append_failure_);  // regressed: nothing more is written, no new session
  }
}

runtime::Task<base::Result<metadata::Appended>> CommitLoop::append(
    std::shared_ptr<PendingRow> row) {
  const metadata::LogEntry entry = entry_of(*row);  // built once: a repeat is identical (P10)
  const runtime::MonoTime began = ports_.runtime.now();
  int attempts = 0;
  const auto send = [this, &row, &entry, &attempts] {
    ++attempts;
    return append_once(row, entry);
  };
  const auto appended =  // P1: a seal at or before the seq is there instead of the row
      co_await runtime::retry_until_known(ports_.runtime, group_, send, Errc::kFenced);
  if (appended) {
    const bool before = *appended == metadata::Appended::kBefore;
    report(*row,
           before         ? RowResult::kDuplicate
           : attempts > 1 ? RowResult::kRetried
                          : RowResult::kOk,
           began);
  } else if (appended.error().code == Errc::kFenced) {
    report(*row, RowResult::kFenced, began);
  }
  co_return appended;
}

runtime::Task<base::Result<metadata::Appended>> CommitLoop::append_once(
    std::shared_ptr<PendingRow> row, metadata::LogEntry entry) {
  auto sent = co_await ports_.metadata.append(ports_.session.id(), row->seq, std::move(entry));
  append_failure_ = sent ? std::nullopt : std::optional(sent.error());
  co_return sent;
}

void CommitLoop::report(const PendingRow& row, RowResult result, runtime::MonoTime began) const {
  if (ports_.rows == nullptr) return;
  const runtime::MonoTime now = ports_.runtime.now();
  RowReport report{.result = result, .append = now - began};
  if (!row.is_release()) {
    report.flush = now - row.closed_at;
    report.object_bytes = row.commit.object_size;
    report.spans = row.spans.size();
  }
  ports_.rows->row_known(report);
}

metadata::LogEntry CommitLoop::entry_of(const PendingRow& row) const {
  if (!row.is_release()) return row.commit;
  metadata::ReleaseEntry release;
  for (const auto& log : row.released) release.partitions.push_back(log->checkpoint());
  return release;
}

/// The row is written: its batches are committed. Here, and nowhere else, a produce is
/// acknowledged.
void CommitLoop::acknowledge(PendingRow& row) {
  SH_CHECK(row.ready(), "W1 acknowledged means the object is readable and the commit durable");
  SH_CHECK(!rows_.empty() && rows_.front()->seq == row.seq, "W7 rows are acknowledged in order");
  committed_seq_ = row.seq;
  publish_spans(row);
  for (const auto& log : row.released) {
    // An earlier release of it may be known, and the partition be led again.
    if (ports_.partitions.find(log->key()) == log) ports_.partitions.remove(log->key());
  }
  ports_.budget.release(row.buffered_bytes);
  row.outcome.set(base::Status{});
  rows_.pop_front();
  observer_.rows_changed();
}

void CommitLoop::publish_spans(PendingRow& row) {
  if (row.is_release()) return;
  const partition::ObjectRef object =
      ports_.partitions.objects().add(row.object_key, row.commit.object_size);
  for (const OpenSpan& span : row.spans) {
    span.log->publish({.offsets = span.offsets,
                       .object = object,
                       .length = static_cast<std::uint32_t>(span.bytes),
                       .max_timestamp = span.max_timestamp});
    ports_.partitions.tail_committed(span.log, span.offsets.next, span.bytes);
  }
}

/// Rule P9, the one way to give up on a seq: seal myself there. Only if that seal wins has the row
/// definitely failed.
runtime::Task<void> CommitLoop::give_up(std::shared_ptr<PendingRow> row) {
  const auto seal = [this, &row] {
    return ports_.metadata.self_seal(ports_.session.id(), row->seq);
  };
  const auto sealed = co_await runtime::retry_until_known(ports_.runtime, group_, seal);
  if (!sealed) {
    if (base::retryability(sealed.error().code) != base::Retry::kNever) co_return;
    fail_all(sealed.error());
    ports_.session.freeze(sealed.error());  // regressed, as an append would find
    co_return;
  }
  if (*sealed == metadata::SelfSeal::kCommitted) {
    row->stored = true;
    acknowledge(*row);
    co_return;
  }
  fail_all({Errc::kUnavailable,
            "the object store refused " + row->object_key + ": " + row->refused->text});
  ports_.session.set_lost();
}

void CommitLoop::fail_all(const base::Error& why) {
  if (!failure_) failure_ = why;
  for (const auto& row : rows_) {
    ports_.budget.release(row->buffered_bytes);
    row->outcome.set(base::Status(why));
  }
  rows_.clear();
  progress_.notify_all();
  observer_.rows_changed();
}

std::optional<CommitLoop::Stall> CommitLoop::stalled(runtime::Duration overdue_after) const {
  if (store_failure_) return Stall{.why = *store_failure_};
  if (rows_.empty() || rows_.front()->is_release()) return std::nullopt;
  const PendingRow& oldest = *rows_.front();
  if (ports_.runtime.now() - oldest.closed_at < overdue_after) return std::nullopt;
  const auto overdue = [&oldest](const char* what) {
    return base::make_error(Errc::kUnavailable, "object " + oldest.object_key + what);
  };
  if (!oldest.stored) return Stall{.why = overdue(" has not been stored yet")};
  return Stall{.of = Stall::Of::kDatabase,
               .why = append_failure_.value_or(overdue(" has not been committed yet"))};
}

}  // namespace streamhouse::ingest
