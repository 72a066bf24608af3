// What lies where: spans of commits, segments, objects and their deletion (rules P13, P16).
#include <algorithm>
#include <tuple>

#include "metadata/memory/memory_metadata.h"
#include "segment/object_key.h"

namespace streamhouse::metadata {

namespace {

using base::Errc;

SpanLocation location_of(const SessionRecord& log, const CheckedRow& stored,
                         const segment::Span& span) {
  return {.offsets = span.offsets,
          .object_key = segment::object_key(log.session.id, stored.row.seq),
          .position = span.position,
          .length = span.length,
          .object_size = stored.row.object_size,
          .max_timestamp = span.max_timestamp,
          .epoch = span.epoch,
          .session = log.session.id,
          .seq = stored.row.seq,
          .created_ms = stored.row.created_ms};
}

/// Spans and segments of `wanted` partitions above their bounds, in one pass over all rows; each
/// partition's by base offset.
using Bounds = std::map<TopicPartition, Offset>;
using Locations = std::map<TopicPartition, std::vector<SpanLocation>>;

void collect_spans(const MemoryTables& tables, const Bounds& wanted, Locations& found) {
  for (const auto& [id, log] : tables.sessions) {
    for (auto at = log.log.upper_bound(log.session.trimmed_to); at != log.log.end(); ++at) {
      for (const segment::Span& span : at->second->spans) {
        const auto bound = wanted.find(span.partition);
        if (bound != wanted.end() && span.offsets.next > bound->second)
          found[span.partition].push_back(location_of(log, *at->second, span));
      }
    }
  }
}

Locations collect(const MemoryTables& tables, const Bounds& wanted) {
  Locations found;
  collect_spans(tables, wanted, found);
  for (const auto& [key, bound] : wanted) {
    auto at = tables.segments.upper_bound({key, bound});
    for (; at != tables.segments.end() && at->first.first == key; ++at)
      found[key].push_back(at->second.location);
  }
  for (auto& [key, spans] : found) std::ranges::sort(spans, {}, &SpanLocation::offsets);
  return found;
}

}  // namespace

Result<std::vector<LoadedPartition>> MemoryMetadata::load_partitions(
    const std::vector<TopicPartition>& keys) const {
  Bounds wanted;
  for (const TopicPartition& key : keys) {
    const auto row = tables_.partitions.find(key);
    if (row != tables_.partitions.end()) wanted[key] = row->second.log_start;
  }
  Locations found = collect(tables_, wanted);
  std::vector<LoadedPartition> loaded;
  loaded.reserve(wanted.size());
  for (const auto& [key, bound] : wanted)
    loaded.push_back({.row = tables_.partitions.at(key), .spans = std::move(found[key])});
  return loaded;
}

Result<std::vector<SpanLocation>> MemoryMetadata::list_segments(TopicPartition key, Offset from,
                                                                std::size_t limit) const {
  SH_TRY(const Partition row, get_partition(key));
  std::vector<SpanLocation> spans =
      std::move(collect(tables_, {{key, std::max(from, row.log_start)}})[key]);
  if (spans.size() > limit) spans.resize(limit);
  return spans;
}

Result<SpanLocation> MemoryMetadata::find_segment(TopicPartition key, Offset offset) const {
  SH_TRY(const std::vector<SpanLocation> spans, list_segments(key, offset, 1));
  if (spans.empty() || !spans.front().offsets.contains(offset))
    return make_error(Errc::kNotFound, "no segment of partition " + to_string(key) +
                                           " holds offset " + std::to_string(offset.value()));
  return spans.front();
}

std::map<MemoryTables::SegmentKey, Segment>::iterator MemoryMetadata::forget_segment(
    std::map<MemoryTables::SegmentKey, Segment>::iterator segment) {
  ObjectRecord& object = tables_.objects.at(segment->second.location.object_key);
  if (--object.segment_count == 0) {
    object.row.state = ObjectState::kDead;
    object.row.dead_ms = clock_();
  }
  return tables_.segments.erase(segment);
}

Result<std::size_t> MemoryMetadata::delete_segments_before(TopicPartition key, Offset before,
                                                           std::size_t limit) {
  SH_TRY(const Partition row, get_partition(key));
  const Offset end = std::min(before, row.log_start);
  std::size_t forgotten = 0;
  auto at = tables_.segments.lower_bound({key, Offset(0)});
  while (forgotten < limit && at != tables_.segments.end() && at->first.first == key &&
         at->first.second <= end) {
    at = forget_segment(at);
    ++forgotten;
  }
  return forgotten;
}

Result<std::vector<ObjectRow>> MemoryMetadata::list_objects(const std::string& after,
                                                            std::size_t limit) const {
  std::vector<ObjectRow> page;
  auto at = tables_.objects.upper_bound(after);
  for (; at != tables_.objects.end() && page.size() < limit; ++at) page.push_back(at->second.row);
  return page;
}

Result<std::vector<ObjectCount>> MemoryMetadata::count_objects() const {
  std::map<std::pair<int, ObjectState>, ObjectCount> counts;
  const auto count = [&counts](int level, ObjectState state, std::uint64_t size) {
    ObjectCount& one = counts.try_emplace({level, state}, level, state).first->second;
    ++one.objects;
    one.bytes += size;
  };
  for (const auto& [id, record] : tables_.sessions)
    for (auto at = record.log.upper_bound(record.session.trimmed_to); at != record.log.end(); ++at)
      if (at->second->row.kind == RowKind::kCommit)
        count(0, ObjectState::kLive, at->second->row.object_size);
  for (const auto& [key, object] : tables_.objects)
    count(object.row.level, object.row.state, object.row.size);
  std::vector<ObjectCount> list;
  for (const auto& [kind, one] : counts) list.push_back(one);
  return list;
}

Result<std::vector<ObjectRow>> MemoryMetadata::list_dead(DatabaseMs dead_before_ms,
                                                         std::size_t limit) const {
  std::vector<ObjectRow> dead;
  for (const auto& [key, object] : tables_.objects)
    if (object.row.state == ObjectState::kDead && object.row.dead_ms < dead_before_ms)
      dead.push_back(object.row);
  std::ranges::sort(dead, {}, [](const auto& row) { return std::tie(row.dead_ms, row.key); });
  if (dead.size() > limit) dead.resize(limit);
  return dead;
}

Status MemoryMetadata::forget_objects(const std::vector<std::string>& keys) {
  for (const std::string& key : keys) {
    const auto found = tables_.objects.find(key);
    if (found != tables_.objects.end() && found->second.row.state == ObjectState::kDead)
      tables_.objects.erase(found);
  }
  return {};
}

Result<NamedObjects> MemoryMetadata::named_objects(SessionId session) const {
  const SessionRecord* record = find_session(session);
  if (!record) return make_error(Errc::kNotFound, "there is no session " + to_string(session));
  NamedObjects named;
  if (record->has_seal()) named.seal = record->newest();
  auto at = record->log.upper_bound(record->session.trimmed_to);
  for (; at != record->log.end(); ++at)
    if (at->second->row.kind == RowKind::kCommit) named.commits.push_back(at->first);
  for (const auto& [key, object] : tables_.objects) {
    if (object.session != session) continue;
    auto& list = object.row.state == ObjectState::kLive ? named.live : named.dead;
    list.push_back(key);
  }
  return named;
}

}  // namespace streamhouse::metadata
