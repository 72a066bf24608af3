// The session log: append, checkpoint, trim, tail, self-seal (rules P1, P3, P9, P10).
#include <algorithm>

#include "base/check.h"
#include "metadata/memory/memory_metadata.h"
#include "metadata/rules/session_rules.h"
#include "segment/object_key.h"

namespace streamhouse::metadata {

using base::Errc;

void MemoryMetadata::insert_row(SessionRecord& record, CheckedRow row) {
  row.row.created_ms = clock_();
  const Seq seq = row.row.seq;
  record.log[seq] = std::make_shared<const CheckedRow>(std::move(row));
}

void MemoryMetadata::seal(SessionRecord& record, Seq seq) {
  insert_row(record, CheckedRow{.row = {.seq = seq, .kind = RowKind::kSeal}});
  record.session.state = SessionState::kFencing;
}

/// Rule P1: why an append of `wanted` inserted nothing.
Result<Appended> MemoryMetadata::look_at(const SessionRecord* record, const LogRow& wanted) const {
  if (!record) return make_error(Errc::kRegressed, "the session of an append is unknown");
  const std::string name = row_name(record->session.id, wanted.seq);
  const auto found = record->log.find(wanted.seq);
  if (found != record->log.end()) {
    const LogRow& row = found->second->row;
    if (row.kind == wanted.kind && row.crc == wanted.crc) return Appended::kBefore;
  }
  if (record->is_void(wanted.seq)) return Appended::kBefore;
  if (record->has_seal() && record->newest() <= wanted.seq)
    return make_error(Errc::kFenced, name + " lies behind the seal");
  return make_error(Errc::kRegressed,
                    name + " has no predecessor, or other content: rows are lost");
}

Result<Appended> MemoryMetadata::append(SessionId session, Seq seq, const LogEntry& entry) {
  SH_TRY(CheckedRow row, check_row(seq, entry));
  SessionRecord* record = find_session(session);
  if (!record || record->log.contains(seq)) return look_at(record, row.row);
  const auto before = record->log.find(seq - 1);
  if (before == record->log.end() || before->second->row.kind == RowKind::kSeal)
    return look_at(record, row.row);
  insert_row(*record, std::move(row));
  if (const auto* release = std::get_if<ReleaseEntry>(&entry))
    for (const auto& partition : release->partitions) free_partition(session, partition);
  return Appended::kNow;
}

bool MemoryMetadata::free_partition(SessionId owner, const segment::PartitionCheckpoint& entry) {
  const auto found = tables_.partitions.find(entry.partition);
  if (found == tables_.partitions.end()) return false;
  Partition& row = found->second;
  if (row.owner != owner || row.epoch != entry.epoch) return false;
  row.owner = model::kNoSession;
  row.epoch = LeaderEpoch(row.epoch.value() + 1);
  row.high_watermark = entry.high_watermark;
  row.visible_high_watermark = std::max(row.visible_high_watermark, entry.high_watermark);
  row.log_start = std::max(row.log_start, entry.log_start);
  row.producers = entry.producers;
  row.updated_ms = clock_();
  add_lease_change(row.key);
  return true;
}

Status MemoryMetadata::checkpoint(SessionId session, Seq upto_seq,
                                  segment::CheckpointTable partitions) {
  SH_TRY_OK(check_table(partitions));
  SessionRecord* record = find_session(session);
  if (!record || record->session.state != SessionState::kLive)
    return make_error(Errc::kFenced, "session " + to_string(session) + " is not live");
  auto& newest = record->checkpoint;
  if (newest && newest->upto_seq == upto_seq && newest->partitions == partitions) return {};
  if (newest && newest->upto_seq >= upto_seq)
    return make_error(Errc::kConflict, "a checkpoint up to " + row_name(session, newest->upto_seq) +
                                           " is there already");
  if (!record->log.contains(upto_seq))
    return make_error(Errc::kInvalid, row_name(session, upto_seq) + " is not there");
  for (const auto& entry : partitions) {
    const auto found = tables_.partitions.find(entry.partition);
    if (found == tables_.partitions.end()) continue;
    Partition& row = found->second;
    if (row.owner == session && row.epoch == entry.epoch)
      row.visible_high_watermark = std::max(row.visible_high_watermark, entry.high_watermark);
  }
  newest = CheckpointRow{upto_seq, std::move(partitions)};
  return {};
}

Result<std::optional<CheckpointRow>> MemoryMetadata::get_checkpoint(SessionId session) const {
  const SessionRecord* record = find_session(session);
  if (!record) return make_error(Errc::kNotFound, "there is no session " + to_string(session));
  return record->checkpoint;
}

/// Rule P3, for one row of the prefix: covered, its object needed by nobody, not newest, no seal.
bool MemoryMetadata::trim_allows(const SessionRecord& record, const CheckedRow& row) const {
  const Seq seq = row.row.seq;
  if (seq == record.newest() || row.row.kind == RowKind::kSeal) return false;
  if (record.session.state == SessionState::kLive &&
      (!record.checkpoint || record.checkpoint->upto_seq < seq))
    return false;
  return std::ranges::all_of(row.spans, [this](const segment::Span& span) {
    const auto found = tables_.partitions.find(span.partition);
    return found == tables_.partitions.end() || span.offsets.next <= found->second.log_start;
  });
}

/// Removes the rows up to `upto_seq`, and leaves dead rows for the objects they named.
void MemoryMetadata::drop_prefix(SessionRecord& record, Seq upto_seq) {
  SH_CHECK(upto_seq < record.newest(), "P3: the newest row of a log stays");
  for (auto at = record.log.upper_bound(Seq(0)); at->first <= upto_seq;) {
    const LogRow& row = at->second->row;
    if (row.kind == RowKind::kCommit && !record.is_void(row.seq)) {
      const std::string key = segment::object_key(record.session.id, row.seq);
      tables_.objects[key] = ObjectRecord{.row = {.key = key,
                                                  .level = 0,
                                                  .size = row.object_size,
                                                  .state = ObjectState::kDead,
                                                  .dead_ms = clock_()},
                                          .session = record.session.id};
    }
    at = record.log.erase(at);
  }
  record.session.trimmed_to = upto_seq;
}

Result<Seq> MemoryMetadata::trim(SessionId session, Seq upto_seq) {
  SessionRecord* record = find_session(session);
  if (!record) return make_error(Errc::kNotFound, "there is no session " + to_string(session));
  if (record->session.state == SessionState::kFencing)
    return make_error(Errc::kFenced, "session " + to_string(session) + " is being taken over");
  Seq end = record->session.trimmed_to;
  for (auto at = record->log.upper_bound(end); at != record->log.end(); ++at) {
    if (at->first > upto_seq || !trim_allows(*record, *at->second)) break;
    end = at->first;
  }
  if (end > record->session.trimmed_to) drop_prefix(*record, end);
  return end;
}

Result<std::vector<LogRow>> MemoryMetadata::tail(SessionId session, Seq after,
                                                 std::size_t limit) const {
  const SessionRecord* record = find_session(session);
  if (!record) return make_error(Errc::kNotFound, "there is no session " + to_string(session));
  std::vector<LogRow> rows;
  auto at = record->log.upper_bound(std::max(after, record->session.trimmed_to));
  for (; at != record->log.end() && rows.size() < limit; ++at) rows.push_back(at->second->row);
  return rows;
}

Result<SelfSeal> MemoryMetadata::self_seal(SessionId session, Seq seq) {
  if (seq < Seq(1)) return make_error(Errc::kInvalid, row_name(session, seq) + " cannot be a seal");
  SessionRecord* record = find_session(session);
  if (record) {
    const auto found = record->log.find(seq);
    const bool there = found != record->log.end() && found->second->row.kind != RowKind::kSeal;
    if (there || record->is_void(seq)) return SelfSeal::kCommitted;
    if (record->has_seal() && record->newest() <= seq) return SelfSeal::kSealed;
    if (record->session.state == SessionState::kLive && record->log.contains(seq - 1)) {
      seal(*record, seq);
      return SelfSeal::kSealed;
    }
  }
  return make_error(Errc::kRegressed,
                    row_name(session, seq) + " has no predecessor: rows are lost");
}

}  // namespace streamhouse::metadata
