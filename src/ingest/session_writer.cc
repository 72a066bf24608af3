#include "ingest/session_writer.h"

#include <algorithm>

#include "base/check.h"
#include "segment/object_key.h"
#include "segment/object_writer.h"

namespace streamhouse::ingest {

using base::Errc;

SessionWriter::SessionWriter(CommitLoop::Ports ports, WriterConfig config,
                             runtime::TaskGroup& group)
    : ports_(ports),
      config_(config),
      policy_(config.flush),
      group_(group),
      commits_(ports, *this, group),
      open_(ports.runtime),
      flush_wake_(ports.runtime),
      leadership_changed_(ports.runtime) {}

void SessionWriter::start() {
  group_.spawn(flush_loop());
  group_.spawn(commits_.run());
}

void SessionWriter::wake() {
  flush_wake_.notify_all();
  commits_.wake();
  leadership_changed_.notify_all();
}

base::Status SessionWriter::not_stalled() const {
  const auto stalled = commits_.stalled(config_.overdue_after);
  if (!stalled) return {};
  const bool database = stalled->of == CommitLoop::Stall::Of::kDatabase;
  const char* const what =
      database ? "the database takes no commits: " : "the object store takes no data: ";
  return {Errc::kUnavailable, what + stalled->why.text};
}

base::Result<Appended> SessionWriter::append(model::TopicPartition key, ProducedBatch batch) {
  const auto log = ports_.partitions.find(key);
  if (!log || over()) return {Errc::kNotLeader, "not led here"};
  if (drain_requested_) return {Errc::kStopped, "the agent is shutting down"};
  SH_TRY_OK(not_stalled());
  SH_TRY(const auto arrived, model::RecordBatchView::front_of(batch.bytes));
  SH_TRY(const partition::Assigned assigned, log->assign(arrived));
  if (assigned.repeated) {
    ports_.budget.release(batch.bytes.size());
    return Appended{assigned.offsets, log->log_start(), log, std::nullopt};
  }
  model::place_batch(batch.bytes, assigned.offsets.base, log->epoch());
  base::Bytes placed(std::move(batch.owner), batch.bytes);
  log->add_tail(assigned.offsets, placed);
  const bool first = open_.empty();
  open_.add(log, arrived, std::move(placed), ports_.runtime.now());
  if (first || open_.bytes() >= config_.flush.object_bytes_max) flush_wake_.notify_all();
  return Appended{assigned.offsets, log->log_start(), log, open_.outcome()};
}

runtime::Task<base::Result<model::OffsetRange>> SessionWriter::committed(
    Appended appended, runtime::MonoTime deadline) {
  if (!appended.outcome) co_return co_await original_committed(std::move(appended), deadline);
  const auto outcome = co_await appended.outcome->wait_until(deadline);
  if (!outcome) {
    co_return base::make_error(
        Errc::kUnknownOutcome,
        "not committed in time; it may still be: partition " + to_string(appended.log->key()));
  }
  if (!*outcome) co_return outcome->error();
  co_return appended.offsets;
}

/// A repeat of a batch that may still be pending waits for the original (P17).
runtime::Task<base::Result<model::OffsetRange>> SessionWriter::original_committed(
    Appended appended, runtime::MonoTime deadline) {
  partition::PartitionLog& log = *appended.log;
  while (log.high_watermark() < appended.offsets.next) {
    if (log.state() == partition::LogState::kClosed) {
      co_return commits_.failure().value_or(
          base::make_error(Errc::kNotLeader, "leadership of the partition ended"));
    }
    const runtime::Woken woken = co_await log.changed().wait_until(deadline);
    if (woken == runtime::Woken::kDeadline) {
      co_return base::make_error(Errc::kUnknownOutcome, "the original is not committed yet");
    }
  }
  co_return appended.offsets;
}

runtime::Task<void> SessionWriter::flush_loop() {
  while (!over()) {
    const runtime::MonoTime now = ports_.runtime.now();
    runtime::MonoTime due = now + std::chrono::milliseconds(200);  // to notice a stop
    const bool room = commits_.rows_in_flight() < config_.uploads_max;
    if (!open_.empty() && room) {
      due = policy_.close_at(open_.age(), {last_close_at_, commits_.rows_in_flight()});
      if (due <= now || drain_requested_) {
        co_await ports_.runtime.yield();  // what is ready right now goes into the same object
        if (!over()) close_object();
        continue;
      }
    }
    co_await flush_wake_.wait_until(due);
  }
  if (!open_.empty()) {  // never sent: definitely failed
    ports_.budget.release(open_.bytes());
    open_.outcome().set(base::Status(Errc::kNotLeader, "the session has ended"));
    open_ = OpenObject(ports_.runtime);
    leadership_changed_.notify_all();
  }
}

void SessionWriter::close_object() {
  if (open_.empty()) return;
  OpenObject closed = std::exchange(open_, OpenObject(ports_.runtime));
  const model::Seq seq = next_seq_;
  ++next_seq_;
  last_close_at_ = ports_.runtime.now();
  auto row = std::make_shared<PendingRow>(seq, closed.outcome());
  row->closed_at = last_close_at_;
  row->buffered_bytes = closed.bytes();
  row->spans = std::move(closed).take_spans();
  build(*row);
  previous_object_ = seq;
  commits_.enqueue(row);
}

void SessionWriter::build(PendingRow& row) const {
  const segment::ObjectHeader header{.identity = {.session = ports_.session.id(), .seq = row.seq},
                                     .cluster = config_.cluster_id.bytes,
                                     .known_committed = commits_.committed_seq(),
                                     .previous = previous_object_};
  std::vector<segment::SpanContent> contents;
  contents.reserve(row.spans.size());
  for (OpenSpan& span : row.spans) {
    contents.push_back({.partition = span.log->key(),
                        .epoch = span.log->epoch(),
                        .batches = std::move(span.batches)});
  }
  segment::BuiltObject object = segment::build_object(header, std::move(contents));
  row.object_key = segment::object_key(ports_.session.id(), row.seq);
  row.content = std::move(object.chunks);
  row.commit = {
      .object_size = object.size, .object_crc = object.crc, .spans = std::move(object.span_table)};
}

runtime::Task<base::Status> SessionWriter::release(std::vector<model::TopicPartition> keys) {
  auto row = std::make_shared<PendingRow>(model::Seq{}, ObjectOutcome(ports_.runtime));
  for (const auto& key : keys) {
    const auto log = ports_.partitions.find(key);
    if (!log || log->state() != partition::LogState::kLeading) continue;
    log->begin_release();
    row->released.push_back(log);
  }
  if (row->released.empty() || over()) co_return base::Status{};
  enqueue_release(row);
  co_return co_await row->outcome.wait();
}

void SessionWriter::enqueue_release(const std::shared_ptr<PendingRow>& row) {
  close_object();  // P10: no object after this row holds these partitions
  row->seq = next_seq_;
  ++next_seq_;
  commits_.enqueue(row);
}

runtime::Task<base::Status> SessionWriter::release_all(runtime::MonoTime deadline) {
  auto row = std::make_shared<PendingRow>(model::Seq{}, ObjectOutcome(ports_.runtime));
  row->released = ports_.partitions.list();
  for (const auto& log : row->released) log->begin_release();
  if (row->released.empty() || over()) co_return base::Status{};
  enqueue_release(row);
  const auto outcome = co_await row->outcome.wait_until(deadline);
  if (outcome) co_return *outcome;
  co_return base::Status(Errc::kUnknownOutcome, "the release is still being written");
}

runtime::Task<base::Status> SessionWriter::drain(runtime::MonoTime deadline) {
  drain_requested_ = true;
  flush_wake_.notify_all();
  while (!open_.empty() || commits_.rows_in_flight() > 0) {
    const runtime::Woken woken = co_await leadership_changed_.wait_until(
        std::min(deadline, ports_.runtime.now() + std::chrono::milliseconds(20)));
    if (woken == runtime::Woken::kDeadline && ports_.runtime.now() >= deadline) {
      co_return base::Status(Errc::kUnknownOutcome, "rows are still being written");
    }
  }
  co_return base::Status{};
}

runtime::Task<void> SessionWriter::finished(runtime::MonoTime deadline) {
  while (!commits_.ended() || !open_.empty()) {
    const runtime::Woken woken = co_await leadership_changed_.wait_until(deadline);
    if (woken == runtime::Woken::kDeadline) co_return;
  }
}

bool SessionWriter::holds(model::TopicPartition key) const {
  return ports_.partitions.find(key) != nullptr;
}

void SessionWriter::lead(std::vector<metadata::Partition> acquired) {
  for (const metadata::Partition& row : acquired) {
    auto log = partition::PartitionLog::open(ports_.runtime, row);
    if (log) {
      ports_.partitions.add(*std::move(log));
    } else {
      ports_.session.leave_unled(row.key, log.error());
    }
  }
  leadership_changed_.notify_all();
}

void SessionWriter::rows_changed() {
  flush_wake_.notify_all();
  leadership_changed_.notify_all();
}

}  // namespace streamhouse::ingest
