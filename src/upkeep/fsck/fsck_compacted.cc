// What compaction wrote: objects of level 1, and the segments that stand for their spans.
#include <algorithm>

#include "metadata/rules/session_rules.h"
#include "segment/object_key.h"
#include "upkeep/fsck/fsck.h"

namespace streamhouse::upkeep {

using base::Errc;
using base::Status;
using metadata::row_name;
using runtime::Task;

namespace {

constexpr std::size_t kRowsPerPage = 500;

Finding of_segment(model::TopicPartition key, const metadata::SpanLocation& segment) {
  return {.object = segment.object_key, .partition = key, .offset = segment.offsets.base};
}

}  // namespace

Task<Status> Fsck::check_compacted() {
  std::string after;
  while (true) {
    SH_CO_TRY(const auto rows, co_await ports_.metadata.list_objects(after, kRowsPerPage));
    for (const metadata::ObjectRow& row : rows) {
      after = row.key;
      if (row.state != metadata::ObjectState::kLive) continue;
      SH_CO_TRY_OK(co_await check_compacted_object(row));
      SH_CO_TRY_OK(co_await report_if_due());
    }
    if (rows.size() < kRowsPerPage) co_return Status{};
  }
}

Task<Status> Fsck::check_compacted_object(metadata::ObjectRow row) {
  ObjectCheck check(ports_.objects, {.key = row.key, .size = row.size, .cluster = cluster_});
  SH_CO_TRY_OK(co_await check.run());
  count(check, row.size);
  if (!check.finding()) {
    for (const segment::Span& span : check.spans()) compacted_.add(row.key, span);
    co_return co_await check_inputs(row.key, check.inputs());
  }
  compacted_.set_damaged(row.key);
  SH_CO_TRY(const bool live, co_await still_live(row.key));
  if (live) add({*check.finding()});
  co_return Status{};
}

/// Rows whose objects were replaced count no more.
Task<Status> Fsck::check_inputs(std::string key, std::vector<segment::ObjectInputs> inputs) {
  for (const segment::ObjectInputs& run : inputs) {
    if (run.first.level != segment::ObjectLevel::kFlushed) continue;
    const auto session = co_await ports_.metadata.get_session(run.first.session);
    if (!session && session.error().code == Errc::kNotFound) continue;
    if (!session) co_return session.error();
    const model::Seq last = run.first.seq + (run.count - 1);
    if (session->trimmed_to >= last) continue;
    add({{.invariant = "W4",
          .object = key,
          .detail =
              row_name(session->id, last) + " still counts, its object was replaced by this"}});
  }
  co_return Status{};
}

Task<Status> Fsck::check_segments(const std::vector<metadata::LoadedPartition>* loaded) {
  for (const metadata::LoadedPartition& one : *loaded) {
    for (const metadata::SpanLocation& span : one.spans) {
      if (span.session != model::kNoSession || compacted_.agree_with(one.row.key, span)) continue;
      SH_CO_TRY_OK(co_await check_segment(one.row.key, span));
    }
  }
  co_return Status{};
}

/// A segment that no object seen so far holds: of one that is new, or wrong.
Task<Status> Fsck::check_segment(model::TopicPartition key, metadata::SpanLocation segment) {
  Finding finding = of_segment(key, segment);
  SH_CO_TRY(const bool live, co_await still_live(segment.object_key));
  if (!live) {
    SH_CO_TRY(const bool there, co_await still_there(key, segment));
    if (!there) co_return Status{};
    finding.invariant = "S1";
    finding.detail = "a segment lies in an object that is not listed as live";
    add({std::move(finding)});
    co_return Status{};
  }
  ObjectCheck check(ports_.objects,
                    {.key = segment.object_key, .size = segment.object_size, .cluster = cluster_});
  SH_CO_TRY_OK(co_await check.run());
  if (check.finding()) {
    compacted_.set_damaged(segment.object_key);
    add({*check.finding()});
    co_return Status{};
  }
  for (const segment::Span& span : check.spans()) {
    if (CompactedSpans::is_same(span, key, segment)) co_return Status{};
  }
  finding.invariant = "R5";
  finding.detail = "the object holds no span as its segment says";
  add({std::move(finding)});
  co_return Status{};
}

Task<base::Result<bool>> Fsck::still_live(std::string object_key) {
  const auto name = segment::parse_key(object_key);
  const auto* run = name ? std::get_if<segment::SegmentKey>(&*name) : nullptr;
  if (run == nullptr) co_return true;  // nobody can say otherwise
  const auto named = co_await ports_.metadata.named_objects(run->compactor);
  if (!named && named.error().code == Errc::kNotFound) co_return false;
  if (!named) co_return named.error();
  co_return std::ranges::find(named->live, object_key) != named->live.end();
}

Task<base::Result<bool>> Fsck::still_there(model::TopicPartition key,
                                           metadata::SpanLocation segment) {
  const auto found = co_await ports_.metadata.find_segment(key, segment.offsets.next - 1);
  if (found) co_return found->object_key == segment.object_key;
  const Errc code = found.error().code;
  if (code == Errc::kNotFound || code == Errc::kPartitionNotFound) co_return false;
  co_return found.error();
}

}  // namespace streamhouse::upkeep
