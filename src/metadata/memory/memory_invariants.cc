#include "metadata/memory/memory_invariants.h"

#include <algorithm>
#include <set>

#include "segment/object_key.h"

namespace streamhouse::metadata {

namespace {

using Violations = std::vector<Violation>;

void expect(Violations& found, bool holds, std::string name, std::string detail) {
  if (!holds) found.push_back({std::move(name), std::move(detail)});
}

std::string name_of(const SessionRecord& record) {
  return "session " + to_string(record.session.id);
}

/// Rows: open row first, no gap above trimmed_to, at most one seal, and it comes last.
void check_log(Violations& found, const SessionRecord& record) {
  const std::string name = name_of(record);
  const auto& log = record.log;
  if (log.empty()) {
    expect(found, false, "P1", name + " has no row");
    return;
  }
  expect(found, log.begin()->first == Seq(0) && log.begin()->second->row.kind == RowKind::kOpen,
         "P1", name + " has no open row");
  Seq expected = record.session.trimmed_to;
  for (auto at = log.upper_bound(record.session.trimmed_to); at != log.end(); ++at)
    expect(found, at->first == (expected += 1), "P1", name + " has a gap in its log");
  for (const auto& [seq, row] : log)
    expect(found, row->row.kind != RowKind::kSeal || seq == record.newest(), "F1",
           name + " has a row after its seal");
  expect(found, record.newest() >= record.session.trimmed_to, "P3", name + " lost its newest row");
}

void check_session(Violations& found, const MemoryTables& tables, const SessionRecord& record) {
  const std::string name = name_of(record);
  const bool live = record.session.state == SessionState::kLive;
  expect(found, live != record.has_seal(), "P2",
         name + (live ? " is live and sealed" : " has no seal"));
  const Seq covered = record.checkpoint ? record.checkpoint->upto_seq : Seq(0);
  expect(found, covered <= (live ? record.newest() : record.newest() - 1), "P3",
         name + " has a checkpoint beyond its rows");
  if (live)
    expect(found, record.session.trimmed_to <= covered, "P3", name + " is trimmed uncovered");
  for (auto at = record.log.upper_bound(record.session.trimmed_to); at != record.log.end(); ++at)
    if (at->second->row.kind == RowKind::kCommit)
      expect(found, !tables.objects.contains(segment::object_key(record.session.id, at->first)),
             "S1", name + " names a dead object");
}

void check_partition(Violations& found, const MemoryTables& tables, const Partition& row) {
  const std::string name = "partition " + to_string(row.key);
  const auto topic = tables.topics.find(row.key.topic);
  expect(found,
         topic != tables.topics.end() && row.key.partition.value() < topic->second.partition_count,
         "orphan", name + " has no topic");
  expect(found, row.epoch.value() >= 0 && row.log_start >= Offset(0), "L4", name + " is negative");
  if (row.owner == model::kNoSession) return;
  const auto owner = tables.sessions.find(row.owner);
  expect(found, owner != tables.sessions.end(), "F4", name + " is led by nobody known");
  expect(found, row.epoch.value() >= 1, "F2", name + " is led under epoch 0");
  if (owner != tables.sessions.end())
    expect(found, owner->second.session.state != SessionState::kRecovered, "P6",
           name + " is led by a recovered session");
}

void check_topics(Violations& found, const MemoryTables& tables) {
  std::set<std::string> live;
  std::set<model::TopicId> ids;
  std::size_t partitions = 0;
  for (const auto& [no, topic] : tables.topics) {
    partitions += static_cast<std::size_t>(topic.partition_count);
    expect(found, no.value() <= tables.topic_no_latest, "topic-identity",
           "a topic number was reused");
    expect(found, ids.insert(topic.id).second, "topic-identity",
           "two topics have the id of " + topic.name);
    if (topic.state == TopicState::kLive)
      expect(found, live.insert(topic.name).second, "topic-identity",
             "two live topics " + topic.name);
  }
  expect(found, partitions == tables.partitions.size(), "orphan",
         "topics without their partitions");
}

void check_objects(Violations& found, const MemoryTables& tables) {
  std::map<std::string, std::size_t> named;
  for (const auto& [key, segment] : tables.segments) {
    ++named[segment.location.object_key];
    expect(found, tables.partitions.contains(key.first), "orphan",
           "a segment of a partition that is gone, " + to_string(key.first));
  }
  for (const auto& [key, object] : tables.objects) {
    const std::size_t count = named.contains(key) ? named.at(key) : 0;
    const bool live = object.row.state == ObjectState::kLive;
    expect(found, live == (count > 0), "S1", key + (live ? " leaks" : " is dead and named"));
    expect(found, count == object.segment_count, "S1", key + " has a wrong segment count");
    named.erase(key);
  }
  for (const auto& [key, count] : named) expect(found, false, "S1", key + " is named but unknown");
}

void check_groups(Violations& found, const MemoryTables& tables) {
  for (const auto& [id, record] : tables.groups) {
    expect(found, record.group.commit_no >= 1, "P18", "group " + id + " was never written");
    for (const auto& [key, offset] : record.offsets)
      expect(found, tables.partitions.contains(key), "orphan",
             "group " + id + " has an offset of gone partition " + to_string(key));
  }
  for (const auto& [shard, floor] : tables.group_floors) {
    const auto row = tables.partitions.find(shard);
    expect(found, row != tables.partitions.end(), "orphan",
           "a group floor of partition " + to_string(shard) + ", which is gone");
    expect(found, row == tables.partitions.end() || floor.epoch <= row->second.epoch, "P18",
           "the group floor of shard " + to_string(shard) + " is of an epoch to come");
  }
}

void check_changes(Violations& found, const MemoryTables& tables) {
  std::int64_t expected = tables.change_latest + 1;
  for (auto at = tables.changes.rbegin(); at != tables.changes.rend(); ++at) {
    --expected;
    expect(found, at->first == expected && at->second.version == expected, "change-feed",
           "the change feed has a gap at version " + std::to_string(expected));
  }
}

void check_session_progress(Violations& found, const SessionRecord& before,
                            const SessionRecord& after) {
  const std::string name = name_of(before);
  expect(found, before.session.agent_id == after.session.agent_id, "P2", name + " was overwritten");
  expect(found, before.session.state <= after.session.state, "P2", name + " went back in state");
  expect(found, before.session.trimmed_to <= after.session.trimmed_to, "P3",
         name + " went back in trimmed_to");
  expect(found, before.newest() <= after.newest(), "P1", name + " lost its newest row");
  if (before.has_seal())
    expect(found, after.has_seal() && before.newest() == after.newest(), "F5",
           name + " lost its seal, or has rows behind it");
}

void check_partition_progress(Violations& found, const Partition& before, const Partition& after) {
  const std::string name = "partition " + to_string(before.key);
  expect(found, before.epoch <= after.epoch, "L4", name + " went back in epoch");
  expect(found, before.log_start <= after.log_start, "L4", name + " went back in log start");
  expect(found, before.visible_high_watermark <= after.visible_high_watermark, "L4",
         name + " went back in visible high watermark");
  expect(found, before.owner == after.owner || before.epoch < after.epoch, "F4",
         name + " has another owner under one epoch");
}

using Spans = std::map<TopicPartition, std::vector<model::OffsetRange>>;

Spans collect_ranges(const MemoryTables& tables) {
  Spans ranges;
  for (const auto& [id, record] : tables.sessions)
    for (auto at = record.log.upper_bound(record.session.trimmed_to); at != record.log.end(); ++at)
      for (const segment::Span& span : at->second->spans)
        ranges[span.partition].push_back(span.offsets);
  for (const auto& [key, segment] : tables.segments)
    ranges[key.first].push_back(segment.location.offsets);
  for (auto& [key, list] : ranges) std::ranges::sort(list);
  return ranges;
}

void check_tiles(Violations& found, const Partition& row,
                 const std::vector<model::OffsetRange>& ranges) {
  const std::string name = "partition " + to_string(row.key);
  Offset end = row.log_start;
  for (std::size_t i = 0; i < ranges.size(); ++i) {
    const model::OffsetRange& range = ranges[i];
    expect(found, i == 0 || ranges[i - 1].next <= range.base, "L3",
           name + " overlaps at offset " + std::to_string(range.base.value()));
    expect(found, range.base <= end || range.next <= row.log_start, "L3",
           name + " has a hole at offset " + std::to_string(end.value()));
    end = std::max(end, range.next);
  }
  const bool free = row.owner == model::kNoSession;
  expect(found,
         free ? end == std::max(row.high_watermark, row.log_start) : end >= row.high_watermark,
         "L3",
         name + " ends at offset " + std::to_string(end.value()) + ", its high watermark is " +
             std::to_string(row.high_watermark.value()));
}

}  // namespace

std::vector<Violation> check_invariants(const MemoryTables& tables) {
  Violations found;
  for (const auto& [id, record] : tables.sessions) {
    check_log(found, record);
    if (!record.log.empty()) check_session(found, tables, record);
  }
  for (const auto& [id, agent] : tables.agents)
    expect(found,
           tables.sessions.contains(agent.session) &&
               tables.sessions.at(agent.session).session.agent_id == id,
           "P2", "agent " + id + " names a session that is not its own");
  for (const auto& [key, row] : tables.partitions) check_partition(found, tables, row);
  check_topics(found, tables);
  check_objects(found, tables);
  check_groups(found, tables);
  check_changes(found, tables);
  return found;
}

std::vector<Violation> check_progress(const MemoryTables& before, const MemoryTables& after) {
  Violations found;
  for (const auto& [id, record] : before.sessions) {
    const auto later = after.sessions.find(id);
    expect(found, later != after.sessions.end(), "F5", name_of(record) + " is gone");
    if (later != after.sessions.end()) check_session_progress(found, record, later->second);
  }
  for (const auto& [key, row] : before.partitions) {
    const auto later = after.partitions.find(key);
    if (later != after.partitions.end()) check_partition_progress(found, row, later->second);
  }
  expect(found, before.topic_no_latest <= after.topic_no_latest, "topic-identity",
         "topic numbers went back");
  expect(found, before.producer_id_next <= after.producer_id_next, "W5", "producer ids went back");
  expect(found, before.change_latest <= after.change_latest, "change-feed",
         "the change feed went back");
  return found;
}

std::vector<Violation> check_tiling(const MemoryTables& tables) {
  Violations found;
  const Spans ranges = collect_ranges(tables);
  for (const auto& [key, row] : tables.partitions) {
    const auto list = ranges.find(key);
    check_tiles(found, row,
                list == ranges.end() ? std::vector<model::OffsetRange>() : list->second);
  }
  return found;
}

std::string to_string(const std::vector<Violation>& violations) {
  std::string text;
  for (const Violation& violation : violations)
    text += violation.name + ": " + violation.detail + "\n";
  return text;
}

}  // namespace streamhouse::metadata
