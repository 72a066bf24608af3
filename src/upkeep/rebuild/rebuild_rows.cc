#include "upkeep/rebuild/rebuild_rows.h"

#include <algorithm>

#include "base/crc32c.h"

namespace streamhouse::upkeep {

using base::Status;
using metadata::LogRow;
using metadata::RowKind;
using metadata::SessionLogRow;
using model::Seq;
using model::SessionId;

namespace {

/// The bucket does not say which agent a session was of.
constexpr std::string_view kAgentId = "rebuilt";
/// Rows without an object between two that have one: releases, of which there are few.
constexpr std::int64_t kRowsWithoutObjectMax = 1'000'000;

/// When a log's row was written the bucket does not say; its newest record is about as old.
metadata::DatabaseMs time_of(base::BytesView spans) {
  metadata::DatabaseMs newest = 0;
  const auto table = segment::decode_span_table(spans);
  if (!table) return newest;
  for (const segment::Span& span : *table) newest = std::max(newest, span.max_timestamp);
  return newest;
}

LogRow commit_row(Seq seq, const FlushedFacts& object) {
  return {.seq = seq,
          .kind = RowKind::kCommit,
          .crc = object.crc,
          .object_size = object.size,
          .payload = object.spans,
          .created_ms = time_of(object.spans)};
}

/// What it released is in the partitions' rows already.
LogRow empty_release(Seq seq) {
  const base::Bytes payload(segment::encode_checkpoint({}));
  return {.seq = seq, .kind = RowKind::kRelease, .crc = base::crc32c(payload), .payload = payload};
}

Status pass_log(SessionId session, const SessionFacts* facts, const SessionRun& run,
                metadata::RowSink& sink) {
  SH_TRY_OK(sink.take(SessionLogRow{session, {.seq = Seq(0), .kind = RowKind::kOpen}}));
  Seq next = run.trimmed_to + 1;
  const auto fill_to = [&](Seq end) -> Status {
    if (end - next > kRowsWithoutObjectMax) {
      return {base::Errc::kCorrupt, "object " + segment::object_key(session, end) + ": " +
                                        std::to_string(end - next) +
                                        " rows before it have no object"};
    }
    for (; next < end; ++next) SH_TRY_OK(sink.take(SessionLogRow{session, empty_release(next)}));
    return {};
  };
  for (const Seq seq : run.commits) {
    SH_TRY_OK(fill_to(seq));
    SH_TRY_OK(sink.take(SessionLogRow{session, commit_row(seq, facts->objects.at(seq))}));
    next = seq + 1;
  }
  SH_TRY_OK(fill_to(run.seal));
  return sink.take(SessionLogRow{session, {.seq = run.seal, .kind = RowKind::kSeal}});
}

Status pass_sessions(const BucketFacts& facts, const RebuildPlan& plan, metadata::RowSink& sink) {
  for (const auto& [id, run] : plan.sessions) {
    SH_TRY_OK(sink.take(metadata::Session{.id = id,
                                          .agent_id = std::string(kAgentId),
                                          .state = metadata::SessionState::kRecovered,
                                          .trimmed_to = run.trimmed_to}));
  }
  for (const auto& [id, run] : plan.sessions) {
    const auto found = facts.sessions.find(id);
    const SessionFacts* known = found == facts.sessions.end() ? nullptr : &found->second;
    SH_TRY_OK(pass_log(id, known, run, sink));
  }
  return {};
}

}  // namespace

Status pass_rows(const BucketFacts& facts, const RebuildPlan& plan, metadata::RowSink& sink) {
  SH_TRY_OK(sink.begin());
  SH_TRY_OK(sink.take(plan.cluster));
  for (const auto& [no, topic] : plan.topics) SH_TRY_OK(sink.take(topic));
  for (const metadata::Partition& row : plan.partitions) SH_TRY_OK(sink.take(row));
  SH_TRY_OK(pass_sessions(facts, plan, sink));
  for (const auto& [key, object] : plan.objects) SH_TRY_OK(sink.take(object));
  for (const metadata::Segment& row : plan.segments) SH_TRY_OK(sink.take(row));
  for (const auto& [id, group] : plan.groups) SH_TRY_OK(sink.take(group));
  for (const metadata::StoredOffset& row : plan.offsets) SH_TRY_OK(sink.take(row));
  return {};
}

}  // namespace streamhouse::upkeep
