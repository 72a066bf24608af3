// Sessions, and the take-over of dead ones (rules P4-P6).
#include <algorithm>
#include <ranges>

#include "metadata/memory/memory_metadata.h"

namespace streamhouse::metadata {

namespace {

using base::Errc;

base::Error no_session(SessionId session) {
  return make_error(Errc::kNotFound, "there is no session " + to_string(session));
}

/// Rule P12: the checkpoint's entry counts only under the epoch of the partition's row.
bool covers(const std::optional<CheckpointRow>& checkpoint, const Partition& row) {
  if (!checkpoint) return false;
  return std::ranges::any_of(checkpoint->partitions, [&](const auto& entry) {
    return entry.partition == row.key && entry.epoch == row.epoch;
  });
}

/// First seq that the replay of any owned partition needs.
Seq replay_start(const RecoveryView& view) {
  Seq start = view.seal;
  for (const Partition& row : view.owned) {
    Seq first = row.since_seq;
    if (covers(view.checkpoint, row)) first = std::max(first, view.checkpoint->upto_seq + 1);
    start = std::min(start, first);
  }
  return start;
}

}  // namespace

SessionRecord* MemoryMetadata::find_session(SessionId session) {
  const auto found = tables_.sessions.find(session);
  return found == tables_.sessions.end() ? nullptr : &found->second;
}

const SessionRecord* MemoryMetadata::find_session(SessionId session) const {
  const auto found = tables_.sessions.find(session);
  return found == tables_.sessions.end() ? nullptr : &found->second;
}

bool MemoryMetadata::is_live(SessionId session) const {
  const SessionRecord* record = find_session(session);
  return record && record->session.state == SessionState::kLive;
}

Result<std::vector<Session>> MemoryMetadata::list_due_sessions(
    const std::optional<std::string>& agent_id) const {
  const DatabaseMs now = clock_();
  const auto is_due = [&](const Session& session) {
    if (session.state == SessionState::kRecovered) return false;
    if (agent_id) return session.agent_id == *agent_id;
    const auto agent = tables_.agents.find(session.agent_id);
    return agent == tables_.agents.end() || agent->second.session != session.id ||
           agent->second.expires_ms <= now;
  };
  std::vector<Session> due;
  for (const auto& [id, record] : tables_.sessions)
    if (is_due(record.session)) due.push_back(record.session);
  return due;
}

Result<Session> MemoryMetadata::get_session(SessionId session) const {
  const SessionRecord* record = find_session(session);
  if (!record) return no_session(session);
  return record->session;
}

Result<std::vector<Session>> MemoryMetadata::list_sessions(SessionId after,
                                                           std::size_t limit) const {
  std::vector<Session> page;
  auto at = tables_.sessions.upper_bound(after);
  for (; at != tables_.sessions.end() && page.size() < limit; ++at)
    page.push_back(at->second.session);
  return page;
}

Result<Seq> MemoryMetadata::seal_session(SessionId session) {
  SessionRecord* record = find_session(session);
  if (!record) return no_session(session);
  if (!record->has_seal()) seal(*record, record->newest() + 1);
  return record->newest();
}

std::vector<Partition> MemoryMetadata::owned_by(SessionId session) const {
  std::vector<Partition> rows;
  for (const auto& [key, row] : tables_.partitions)
    if (row.owner == session) rows.push_back(row);
  return rows;
}

Result<RecoveryView> MemoryMetadata::load_recovery(SessionId session) const {
  const SessionRecord* record = find_session(session);
  if (!record) return no_session(session);
  if (!record->has_seal())
    return make_error(Errc::kInvalid, "session " + to_string(session) + " is not sealed");
  RecoveryView view{.session = record->session,
                    .seal = record->newest(),
                    .checkpoint = record->checkpoint,
                    .owned = owned_by(session),
                    .rows = {}};
  const Seq start = std::max(replay_start(view), record->session.trimmed_to + 1);
  for (auto at = record->log.lower_bound(start); at != record->log.end(); ++at)
    if (at->first < view.seal) view.rows.push_back(at->second->row);
  return view;
}

Result<std::size_t> MemoryMetadata::recover_partitions(
    SessionId session, const segment::CheckpointTable& final_states) {
  const SessionRecord* record = find_session(session);
  if (!record) return no_session(session);
  if (!record->has_seal())
    return make_error(Errc::kInvalid, "session " + to_string(session) + " is not sealed");
  SH_TRY_OK(check_table(final_states));
  std::size_t written = 0;
  for (const auto& entry : final_states) written += free_partition(session, entry) ? 1 : 0;
  return written;
}

Status MemoryMetadata::finish_recovery(SessionId session) {
  SessionRecord* record = find_session(session);
  if (!record) return no_session(session);
  if (!record->has_seal())
    return make_error(Errc::kInvalid, "session " + to_string(session) + " is not sealed");
  for (const auto& [key, row] : tables_.partitions)
    if (row.owner == session)
      return make_error(Errc::kConflict, "session " + to_string(session) +
                                             " still owns partition " + to_string(key));
  record->session.state = SessionState::kRecovered;
  record->checkpoint.reset();
  return {};
}

}  // namespace streamhouse::metadata
