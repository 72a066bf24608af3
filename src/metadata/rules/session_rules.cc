#include "metadata/rules/session_rules.h"

#include <algorithm>

namespace streamhouse::metadata {

using base::Errc;
using base::make_error;

namespace {

/// Rule P12: the checkpoint's entry counts only under the epoch of the partition's row.
bool covers(const std::optional<CheckpointRow>& checkpoint, const Partition& row) {
  if (!checkpoint) return false;
  const auto& table = checkpoint->partitions;
  const auto entry =
      std::ranges::lower_bound(table, row.key, {}, &segment::PartitionCheckpoint::partition);
  return entry != table.end() && entry->partition == row.key && entry->epoch == row.epoch;
}

}  // namespace

Status check_new_session(const NewSession& session) {
  if (session.id == model::kNoSession) return make_error(Errc::kInvalid, "session id 0 names none");
  if (session.agent.agent_id.empty()) return make_error(Errc::kInvalid, "an agent needs an id");
  return check_timeout(session.timeout_ms);
}

Status check_timeout(std::int64_t timeout_ms) {
  if (timeout_ms >= 1) return {};
  return make_error(Errc::kInvalid, "a session timeout is at least 1 ms");
}

base::Error session_not_found(SessionId session) {
  return make_error(Errc::kNotFound, "there is no session " + to_string(session));
}

base::Error session_not_live(SessionId session) {
  return make_error(Errc::kFenced, "session " + to_string(session) + " is not live");
}

base::Error session_not_sealed(SessionId session) {
  return make_error(Errc::kInvalid, "session " + to_string(session) + " is not sealed");
}

base::Error agent_id_in_use(const std::string& agent_id, SessionId session,
                            const std::optional<std::string>& address) {
  return make_error(Errc::kConflict, "agent id '" + agent_id + "' is in use by session " +
                                         to_string(session) + " at " +
                                         address.value_or("an unknown address"));
}

Seq replay_start(const RecoveryView& view) {
  Seq start = view.seal;
  for (const Partition& row : view.owned) {
    Seq first = row.since_seq;
    if (covers(view.checkpoint, row)) first = std::max(first, view.checkpoint->upto_seq + 1);
    start = std::min(start, first);
  }
  return std::max(start, view.session.trimmed_to + 1);
}

std::string row_name(SessionId session, Seq seq) {
  return "row " + std::to_string(seq.value()) + " of session " + to_string(session);
}

}  // namespace streamhouse::metadata
