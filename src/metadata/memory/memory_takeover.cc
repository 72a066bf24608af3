// Sessions, and the take-over of dead ones (rules P4-P6).
#include "metadata/memory/memory_metadata.h"
#include "metadata/rules/session_rules.h"

namespace streamhouse::metadata {

using base::Errc;

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
  if (!record) return session_not_found(session);
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
  if (!record) return session_not_found(session);
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
  if (!record) return session_not_found(session);
  if (!record->has_seal()) return session_not_sealed(session);
  RecoveryView view{.session = record->session,
                    .seal = record->newest(),
                    .checkpoint = record->checkpoint,
                    .owned = owned_by(session),
                    .rows = {}};
  for (auto at = record->log.lower_bound(replay_start(view)); at != record->log.end(); ++at)
    if (at->first < view.seal) view.rows.push_back(at->second->row);
  return view;
}

Result<std::size_t> MemoryMetadata::recover_partitions(
    SessionId session, const segment::CheckpointTable& final_states) {
  const SessionRecord* record = find_session(session);
  if (!record) return session_not_found(session);
  if (!record->has_seal()) return session_not_sealed(session);
  SH_TRY_OK(check_table(final_states));
  std::size_t written = 0;
  for (const auto& entry : final_states) written += free_partition(session, entry) ? 1 : 0;
  return written;
}

Status MemoryMetadata::finish_recovery(SessionId session) {
  SessionRecord* record = find_session(session);
  if (!record) return session_not_found(session);
  if (!record->has_seal()) return session_not_sealed(session);
  for (const auto& [key, row] : tables_.partitions)
    if (row.owner == session)
      return make_error(Errc::kConflict, "session " + to_string(session) +
                                             " still owns partition " + to_string(key));
  record->session.state = SessionState::kRecovered;
  record->checkpoint.reset();
  return {};
}

}  // namespace streamhouse::metadata
