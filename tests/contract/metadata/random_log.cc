// Random operations on session logs and objects.
#include <algorithm>

#include "segment/object_key.h"
#include "tests/contract/metadata/random_operations.h"

namespace streamhouse::metadata::contract {

/// Spans of one partition never overlap, so that their order is unique.
segment::Span RandomOperations::next_span(TopicPartition key) {
  std::int64_t& next = next_offset_[key];
  const std::int64_t base = next;
  next += 1 + below(5);
  return span(key, base, next, epoch(key).value());
}

void RandomOperations::append_commit() {
  const SessionId id = session();
  std::vector<segment::Span> spans;
  for (std::int64_t i = below(3); i >= 0; --i) {
    const segment::Span next = next_span(partition_of(id));
    if (spans.empty() || next.partition > spans.back().partition) spans.push_back(next);
  }
  const CommitEntry commit_entry = commit(spans);
  const Seq seq = newest(id) + (one_in(10) ? below(5) - 3 : 1);
  compare(describe("append", id, seq, spans),
          [=](auto& to) { return to.append(id, seq, commit_entry); });
}

void RandomOperations::append_release() {
  const SessionId id = session();
  const ReleaseEntry entry{table_of(id)};
  if (entry.partitions.empty() && !one_in(8)) return;
  const Seq seq = newest(id) + (one_in(10) ? below(5) - 3 : 1);
  compare(describe("append", id, seq, entry), [=](auto& to) { return to.append(id, seq, entry); });
}

void RandomOperations::checkpoint() {
  const SessionId id = session();
  const Seq upto = newest(id) - (one_in(3) ? below(4) - 1 : 0);
  const segment::CheckpointTable table = table_of(id);
  compare(describe("checkpoint", id, upto, table),
          [=](auto& to) { return to.checkpoint(id, upto, table); });
}

void RandomOperations::trim() {
  const SessionId id = session(one_in(2) ? SessionState::kRecovered : SessionState::kLive);
  const Seq upto = newest(id) - (one_in(2) ? below(5) : 0);
  compare(describe("trim", id, upto), [=](auto& to) { return to.trim(id, upto); });
}

/// Each span of the prefix becomes a segment of its own.
void RandomOperations::replace() {
  const SessionId log = session(one_in(2) ? SessionState::kRecovered : SessionState::kLive);
  const auto found = model_.tables().sessions.find(log);
  if (found == model_.tables().sessions.end()) return;
  const SessionRecord& record = found->second;
  const bool covered = record.session.state == SessionState::kLive && record.checkpoint;
  const Seq end = covered ? record.checkpoint->upto_seq : newest(log);
  Replacement wanted{.compactor = session(), .log = log, .upto_seq = end - below(3)};
  const std::string key = segment::to_key(segment::SegmentKey{
      .topic = topic_id(1), .compactor = wanted.compactor, .number = next_object_++});
  for (const std::string& name : {key, key + "0"})
    wanted.objects.push_back({.key = name, .level = 1, .size = 900});
  for (auto at = record.log.upper_bound(record.session.trimmed_to);
       at != record.log.end() && at->first <= wanted.upto_seq; ++at) {
    if (at->second->row.kind == RowKind::kCommit && !one_in(40)) wanted.inputs.push_back(at->first);
    for (const segment::Span& span : at->second->spans)
      wanted.segments.push_back({.key = span.partition,
                                 .location = {.offsets = span.offsets,
                                              .object_key = one_in(2) ? key : key + "0",
                                              .length = span.length,
                                              .object_size = 900,
                                              .max_timestamp = span.max_timestamp,
                                              .epoch = span.epoch},
                                 .record_count = span.offsets.size()});
  }
  compare(describe("replace_objects", wanted),
          [=](auto& to) { return to.replace_objects(wanted); });
}

void RandomOperations::delete_segments() {
  const TopicPartition key = partition();
  const Offset before(below(next_offset_[key] + 2));
  const std::size_t most = limit();
  compare(describe("delete_segments_before", key, before, most),
          [=](auto& to) { return to.delete_segments_before(key, before, most); });
}

void RandomOperations::forget_objects() {
  std::vector<std::string> keys{"never/seen"};
  for (const auto& [key, object] : model_.tables().objects)
    if (one_in(5)) keys.push_back(key);
  compare(describe("forget_objects", keys), [=](auto& to) { return to.forget_objects(keys); });
}

void RandomOperations::read_log() {
  const SessionId id = session();
  const Seq after = newest(id) - below(6);
  const std::string from = segment::object_key(id, std::max(after, Seq(0)));
  const std::size_t most = limit();
  const DatabaseMs before = test_.now() - below(300);
  const std::vector<TopicPartition> keys{partition(), partition(), partition_of(id)};
  read(describe("get_checkpoint", id), [=](auto& to) { return to.get_checkpoint(id); });
  read(describe("tail", id, after, most), [=](auto& to) { return to.tail(id, after, most); });
  read(describe("load_partitions", keys), [=](auto& to) { return to.load_partitions(keys); });
  read(describe("list_objects", from, most), [=](auto& to) { return to.list_objects(from, most); });
  read(describe("list_dead", before, most), [=](auto& to) { return to.list_dead(before, most); });
  read("count_objects", [](auto& to) { return to.count_objects(); });
  read(describe("named_objects", id), [=](auto& to) { return to.named_objects(id); });
}

}  // namespace streamhouse::metadata::contract
