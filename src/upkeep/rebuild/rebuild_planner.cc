#include "upkeep/rebuild/rebuild_planner.h"

#include <algorithm>
#include <limits>

#include "base/check.h"

namespace streamhouse::upkeep {

using metadata::TopicState;
using model::LeaderEpoch;
using model::Offset;
using model::Seq;
using model::SessionId;
using model::TopicPartition;

namespace {

/// Dead since ever: no reader of the cluster that was is at work any more.
constexpr metadata::DatabaseMs kLongAgo = 1;

/// No log gets that far, and clients may commit any position.
constexpr Offset kBelievable{std::int64_t{1} << 48};

/// `number` and kEpochsAhead more, as far as there are any.
std::int32_t ahead(std::int32_t number) {
  constexpr std::int32_t kMax = std::numeric_limits<std::int32_t>::max() - 1;
  return number > kMax - kEpochsAhead ? kMax : number + kEpochsAhead;
}

segment::SpanTable decoded(base::BytesView spans) {
  auto table = segment::decode_span_table(spans);
  SH_CHECK(table.has_value(), "the facts of an object decode");
  return *std::move(table);
}

}  // namespace

RebuildPlan RebuildPlanner::plan() {
  plan_topics();
  const CompactionChoice choice = CompactionPlanner(facts_).plan(plan_.left_out);
  taken_ = choice.taken;
  for (const CompactedFacts* object : taken_) {
    tables_.push_back(decoded(object->spans));
    for (segment::Span& span : tables_.back()) span.producers = {};
  }
  held_to_ = choice.replaced_to;
  while (lower_held(choice)) {
  }
  plan_sessions(choice);
  gather_compacted();
  gather_groups();
  plan_partitions();
  plan_compacted_objects();
  plan_cluster();
  return std::move(plan_);
}

/// A topic is stored as deleting before its rows are purged: all of it may be gone. Of two that
/// live under one name the older was deleted, or the newer could not have been created.
void RebuildPlanner::plan_topics() {
  std::map<std::string, model::TopicNo> live;
  for (const auto& [no, topic] : facts_.topics) {
    topic_no_latest_ = std::max(topic_no_latest_, no);
    if (topic.state == TopicState::kDeleting) {
      deleted_[no] = "topic '" + topic.name + "' was deleted";
      continue;
    }
    const auto [named, first] = live.try_emplace(topic.name, no);
    if (!first) {
      deleted_[named->second] = "topic '" + topic.name + "' was deleted, a newer one has its name";
      plan_.topics.erase(std::exchange(named->second, no));
    }
    plan_.topics.emplace(no, topic);
  }
}

void RebuildPlanner::plan_sessions(const CompactionChoice& choice) {
  const SessionFacts nothing;
  std::map<SessionId, const SessionFacts*> all;
  for (const CompactedFacts& object : facts_.compacted) all[object.name.compactor] = &nothing;
  for (const auto& [session, to] : choice.replaced_to) all[session] = &nothing;
  for (const auto& [session, facts] : facts_.sessions) all[session] = &facts;
  for (const auto& [session, facts] : all) {
    SessionRunPlanner planner(session, *facts);
    const auto replaced = choice.replaced_to.find(session);
    if (replaced != choice.replaced_to.end())
      planner.set_replaced(replaced->second, held_to_.at(session));
    SessionRun run = planner.plan(plan_.findings, plan_.left_out);
    gather_session(session, *facts, run);
    plan_.sessions.emplace(session, std::move(run));
  }
}

/// A row that is there counts on unless all of it is held elsewhere: an agent that died while it
/// put its outputs may have left some of them. Beside a row that counts an output is not used, and
/// so holds nothing for other rows. Whether anything changed.
bool RebuildPlanner::lower_held(const CompactionChoice& choice) {
  if (taken_.empty()) return false;
  SegmentCoverage counting;
  for (const auto& [session, facts] : facts_.sessions) {
    const auto held = held_to_.find(session);
    const Seq to = held == held_to_.end() ? Seq(0) : held->second;
    for (auto at = facts.objects.upper_bound(std::max(to, facts.trimmed_to));
         at != facts.objects.end() && (!facts.seal || at->first < *facts.seal); ++at) {
      for (const segment::Span& span : decoded(at->second.spans)) counting.add(span);
    }
  }
  counting.finish();
  coverage_ = {};
  for (const segment::SpanTable& table : tables_)
    for (const segment::Span& span : table)
      if (!counting.touches(span)) coverage_.add(span);
  coverage_.finish();
  bool lowered = false;
  for (auto& [session, to] : held_to_) {
    const auto facts = facts_.sessions.find(session);
    const Seq now = facts == facts_.sessions.end() ? to : held_to(session, facts->second, choice);
    if (now < to) lowered = true;
    to = std::min(to, now);
  }
  return lowered;
}

/// A row that a compaction passed over was trimmed, or lay below the log starts.
Seq RebuildPlanner::held_to(SessionId session, const SessionFacts& facts,
                            const CompactionChoice& choice) const {
  const Seq replaced_to = held_to_.at(session);
  for (auto at = facts.objects.upper_bound(facts.trimmed_to);
       at != facts.objects.end() && at->first <= replaced_to; ++at) {
    const segment::ObjectIdentity row{segment::ObjectLevel::kFlushed, session, at->first};
    if (choice.inputs.contains(row) && !is_held(at->second.spans)) return at->first - 1;
  }
  return replaced_to;
}

bool RebuildPlanner::is_held(base::BytesView spans) const {
  return std::ranges::all_of(decoded(spans), [this](const segment::Span& span) {
    return !plan_.topics.contains(span.partition.topic) || coverage_.holds(span);
  });
}

void RebuildPlanner::gather_session(SessionId session, const SessionFacts& facts,
                                    const SessionRun& run) {
  for (const auto& [seq, object] : facts.objects) {
    const Counts counts = seq >= run.seal         ? Counts::kNo
                          : seq <= run.trimmed_to ? Counts::kBefore
                                                  : Counts::kNow;
    const auto at = static_cast<std::uint32_t>(flushed_.size());
    flushed_.emplace_back(session, seq);
    gather(object.spans, counts, {.kind = Tile::Kind::kSpan, .object = at});
    if (counts != Counts::kBefore) continue;
    const std::string key = segment::object_key(session, seq);
    plan_.objects[key] = {.row = {.key = key,
                                  .level = 0,
                                  .size = object.size,
                                  .state = metadata::ObjectState::kDead,
                                  .dead_ms = kLongAgo},
                          .session = session};
    plan_.left_out.push_back({key, "replaced or trimmed before"});
  }
}

void RebuildPlanner::gather_compacted() {
  for (std::size_t at = 0; at < taken_.size(); ++at) {
    gather(taken_[at]->spans, Counts::kNow,
           {.kind = Tile::Kind::kSegment, .object = static_cast<std::uint32_t>(at)});
  }
}

void RebuildPlanner::gather(base::BytesView spans, Counts counts, const Tile& from) {
  Tile tile = from;
  for (const segment::Span& span : decoded(spans)) {
    topic_no_latest_ = std::max(topic_no_latest_, span.partition.topic);
    Known& known = known_[span.partition];
    known.epoch = std::max(known.epoch, span.epoch);
    if (counts != Counts::kNo) {
      known.end = std::max(known.end, span.offsets.next);
      producers_.add(span);
    }
    tile.offsets = span.offsets;
    if (counts == Counts::kNow && check_place(span, tile)) known.tiles.push_back(tile);
    ++tile.position;
  }
}

/// Whether there is a place for the span; a partition that is not in the catalogue yet is added.
bool RebuildPlanner::check_place(const segment::Span& span, const Tile& from) {
  const auto topic = plan_.topics.find(span.partition.topic);
  if (topic == plan_.topics.end()) {
    if (unplaced_.insert(span.partition.topic).second) report_topic(span, from);
    return false;
  }
  std::int32_t& count = topic->second.partition_count;
  if (span.partition.partition.value() < count) return true;
  plan_.findings.push_back({.fault = RebuildFault::kNoPartition,
                            .object = object_key(from),
                            .partition = span.partition,
                            .offsets = span.offsets,
                            .detail = "the catalogue knows " + std::to_string(count) +
                                      " partitions of topic '" + topic->second.name + "'"});
  count = span.partition.partition.value() + 1;
  return true;
}

void RebuildPlanner::report_topic(const segment::Span& span, const Tile& from) {
  const auto deleted = deleted_.find(span.partition.topic);
  if (deleted != deleted_.end()) {
    plan_.left_out.push_back({"", deleted->second});
    return;
  }
  plan_.findings.push_back({.fault = RebuildFault::kNoTopic,
                            .object = object_key(from),
                            .partition = span.partition,
                            .offsets = span.offsets,
                            .detail = "the catalogue does not have this topic"});
}

/// Positions are as of the last snapshot; members have to join again, under generations that
/// nobody has seen.
void RebuildPlanner::gather_groups() {
  for (const auto& [id, group] : facts_.groups) {
    metadata::Group& written = plan_.groups[id] = group;
    written.state = "Empty";
    written.members = {};
    written.generation = ahead(written.generation);
  }
  std::size_t without_topic = 0;
  for (const auto& [key, offset] : facts_.offsets) {
    const auto topic = plan_.topics.find(offset.key.topic);
    const bool known =
        topic != plan_.topics.end() && offset.key.partition.value() < topic->second.partition_count;
    if (!known || !plan_.groups.contains(key.first)) {
      ++without_topic;
      continue;
    }
    Offset& committed = known_[offset.key].committed;
    if (offset.offset <= kBelievable) committed = std::max(committed, offset.offset);
    plan_.offsets.push_back({.group_id = key.first, .offset = offset});
  }
  if (without_topic == 0) return;
  plan_.left_out.push_back(
      {"", std::to_string(without_topic) + " committed offsets of partitions that are gone"});
}

void RebuildPlanner::plan_partitions() {
  for (const auto& [no, topic] : plan_.topics) {
    for (std::int32_t at = 0; at < topic.partition_count; ++at) {
      const TopicPartition key{no, model::PartitionIndex(at)};
      plan_.partitions.push_back(plan_partition(topic, key));
    }
  }
}

metadata::Partition RebuildPlanner::plan_partition(const metadata::Topic& topic,
                                                   TopicPartition key) {
  Known& known = known_[key];
  if (topic.kind == metadata::TopicKind::kInternal) {
    const auto shard = facts_.shard_epochs.find(key.partition);
    if (shard != facts_.shard_epochs.end()) known.epoch = std::max(known.epoch, shard->second);
  }
  if (known.tiles.empty()) known.end = std::max(known.end, known.committed);
  const Tiling tiling = plan_tiles(std::exchange(known.tiles, {}), known.end);
  report_gaps(key, tiling);
  plan_segments(key, tiling.segments);
  plan_.record_count += tiling.next_offset - tiling.log_start;
  const auto producers = producers_.snapshot(key);
  return {.key = key,
          .epoch = LeaderEpoch(ahead(known.epoch.value())),
          .log_start = tiling.log_start,
          .high_watermark = tiling.next_offset,
          .visible_high_watermark = tiling.next_offset,
          .producers = base::Bytes(segment::encode_producer_snapshot(producers)),
          .created_ms = topic.created_ms,
          .updated_ms = topic.updated_ms};
}

void RebuildPlanner::report_gaps(TopicPartition key, const Tiling& tiling) {
  for (const Tiling::Gap& gap : tiling.gaps) {
    const bool twice = gap.tile.has_value();
    plan_.findings.push_back(
        {.fault = twice ? RebuildFault::kOverlap : RebuildFault::kHole,
         .object = twice ? object_key(*gap.tile) : "",
         .partition = key,
         .offsets = gap.offsets,
         .detail = twice ? "another object holds them, too"
                         : "no object holds them: they are lost, or a retention removed them"});
  }
}

void RebuildPlanner::plan_segments(TopicPartition key, const std::vector<Tile>& tiles) {
  for (const Tile& tile : tiles) {
    const CompactedFacts& object = *taken_[tile.object];
    const segment::Span& span = tables_[tile.object][tile.position];
    const std::string name = segment::to_key(object.name);
    plan_.segments.push_back(
        {.key = key,
         .location = {.offsets = span.offsets,
                      .object_key = name,
                      .position = span.position,
                      .length = span.length,
                      .object_size = object.size,
                      .max_timestamp = span.max_timestamp,
                      .epoch = span.epoch,
                      .created_ms = std::max<std::int64_t>(span.max_timestamp, 0)},
         .record_count = span.offsets.size()});
    metadata::StoredObject& stored = plan_.objects[name];
    stored.row = {.key = name, .level = 1, .size = object.size};
    stored.session = object.name.compactor;
    ++stored.segment_count;
  }
}

void RebuildPlanner::plan_compacted_objects() {
  for (const CompactedFacts* object : taken_) {
    std::string key = segment::to_key(object->name);
    if (plan_.objects.contains(key)) continue;
    plan_.left_out.push_back({std::move(key), "nothing of it is needed"});
  }
}

void RebuildPlanner::plan_cluster() {
  for (const auto& [key, offset] : facts_.offsets) {
    topic_no_latest_ = std::max(topic_no_latest_, offset.key.topic);
  }
  const auto next = std::max(facts_.producer_id_next, producers_.next_id());
  plan_.cluster = {.cluster = facts_.cluster,
                   .topic_no_latest = std::max(topic_no_latest_, facts_.topic_no_latest),
                   .producer_id_next = model::ProducerId(next.value() + kProducerIdsAhead)};
}

std::string RebuildPlanner::object_key(const Tile& tile) const {
  if (tile.kind == Tile::Kind::kSegment) return segment::to_key(taken_[tile.object]->name);
  const auto& [session, seq] = flushed_[tile.object];
  return segment::object_key(session, seq);
}

}  // namespace streamhouse::upkeep
