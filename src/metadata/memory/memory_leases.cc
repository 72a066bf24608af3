// Agents, heartbeats, leases (rules P7, P8, P11).
#include <algorithm>

#include "metadata/memory/memory_metadata.h"
#include "metadata/rules/import_rules.h"
#include "metadata/rules/session_rules.h"
#include "metadata/rules/topic_rules.h"

namespace streamhouse::metadata {

using base::Errc;

Result<DatabaseMs> MemoryMetadata::open_session(NewSession wanted) {
  SH_TRY_OK(check_new_session(wanted));
  if (tables_.settings.contains(kImportMark)) return import_unfinished();
  if (find_session(wanted.id))
    return make_error(Errc::kExists, "session " + to_string(wanted.id) + " was used before");
  const std::string& agent_id = wanted.agent.agent_id;
  const auto agent = tables_.agents.find(agent_id);
  for (const auto& [id, record] : tables_.sessions) {
    if (!wanted.own_sessions || record.session.agent_id != agent_id || !is_live(id)) continue;
    if (std::ranges::find(*wanted.own_sessions, id) != wanted.own_sessions->end()) continue;
    const bool named = agent != tables_.agents.end() && agent->second.session == id;
    return agent_id_in_use(agent_id, id,
                           named ? std::optional(agent->second.info.address) : std::nullopt);
  }
  const DatabaseMs now = clock_();
  SessionRecord record;
  record.session = Session{.id = wanted.id, .agent_id = agent_id, .opened_ms = now};
  insert_row(record, CheckedRow{.row = {.seq = Seq(0), .kind = RowKind::kOpen}});
  tables_.sessions[wanted.id] = std::move(record);
  tables_.agents[agent_id] = Agent{.info = wanted.agent,
                                   .session = wanted.id,
                                   .last_heartbeat_ms = now,
                                   .started_ms = now,
                                   .expires_ms = now + wanted.timeout_ms};
  add_change(ChangeKind::kAgent, agent_id);
  return now + wanted.timeout_ms;
}

Result<HeartbeatReply> MemoryMetadata::heartbeat(SessionId session, std::int64_t timeout_ms,
                                                 ListOwned list_owned) {
  SH_TRY_OK(check_timeout(timeout_ms));
  if (!is_live(session)) return session_not_live(session);
  const auto found = tables_.agents.find(find_session(session)->session.agent_id);
  if (found == tables_.agents.end() || found->second.session != session)
    return make_error(Errc::kFenced, "session " + to_string(session) + " was replaced");
  const DatabaseMs now = clock_();
  found->second.last_heartbeat_ms = now;
  found->second.expires_ms = now + timeout_ms;
  HeartbeatReply reply{.now_ms = now, .expires_ms = now + timeout_ms, .owned = {}};
  if (list_owned == ListOwned::kYes) reply.owned = owned_by(session);
  return reply;
}

Status MemoryMetadata::deregister_agent(const std::string& agent_id, SessionId session) {
  const auto found = tables_.agents.find(agent_id);
  if (found == tables_.agents.end() || found->second.session != session) return {};
  tables_.agents.erase(found);
  add_change(ChangeKind::kAgent, agent_id);
  return {};
}

Result<Agent> MemoryMetadata::get_agent(const std::string& agent_id) const {
  const auto found = tables_.agents.find(agent_id);
  if (found == tables_.agents.end())
    return make_error(Errc::kNotFound, "there is no agent '" + agent_id + "'");
  return found->second;
}

Result<std::vector<Agent>> MemoryMetadata::list_agents(Liveness liveness) const {
  const DatabaseMs now = clock_();
  std::vector<Agent> agents;
  for (const auto& [id, agent] : tables_.agents)
    if (liveness == Liveness::kAll || agent.expires_ms > now) agents.push_back(agent);
  return agents;
}

Result<Partition> MemoryMetadata::acquire_one(SessionId session, const AcquireRequest& request) {
  const auto found = tables_.partitions.find(request.key);
  const bool there = found != tables_.partitions.end();
  if (there && found->second.owner == session &&
      found->second.epoch.value() - 1 == request.expected_epoch.value())
    return found->second;
  const auto topic = tables_.topics.find(request.key.topic);
  if (topic == tables_.topics.end() || topic->second.state != TopicState::kLive)
    return make_error(Errc::kTopicNotFound, "the topic of " + to_string(request.key) + " is gone");
  if (!there) return partition_not_found(request.key);
  Partition& row = found->second;
  if (row.owner != model::kNoSession || row.epoch != request.expected_epoch)
    return make_error(Errc::kConflict, "partition " + to_string(request.key) +
                                           " is led by another session, or its epoch moved");
  row.owner = session;
  row.epoch = LeaderEpoch(row.epoch.value() + 1);
  row.since_seq = request.since_seq;
  row.acquired_ms = row.updated_ms = clock_();
  add_lease_change(row.key);
  return row;
}

Result<std::vector<Result<Partition>>> MemoryMetadata::acquire_leases(
    SessionId session, const std::vector<AcquireRequest>& requests) {
  if (!is_live(session)) return session_not_live(session);
  std::vector<Result<Partition>> answers;
  answers.reserve(requests.size());
  for (const AcquireRequest& request : requests) answers.push_back(acquire_one(session, request));
  return answers;
}

Lease MemoryMetadata::lease_of(const Partition& row) const {
  Lease lease{.key = row.key,
              .session = row.owner,
              .agent_id = find_session(row.owner)->session.agent_id,
              .address = {},
              .epoch = row.epoch,
              .acquired_ms = row.acquired_ms};
  const auto agent = tables_.agents.find(lease.agent_id);
  if (agent != tables_.agents.end() && agent->second.session == row.owner) {
    lease.address = agent->second.info.address;
    lease.expires_ms = agent->second.expires_ms;
  }
  return lease;
}

Result<Lease> MemoryMetadata::get_lease(TopicPartition key) const {
  const auto found = tables_.partitions.find(key);
  if (found == tables_.partitions.end()) return partition_not_found(key);
  if (found->second.owner == model::kNoSession)
    return make_error(Errc::kNotFound, "partition " + to_string(key) + " has no leader");
  return lease_of(found->second);
}

Result<std::vector<Lease>> MemoryMetadata::list_leases(std::optional<model::TopicNo> topic) const {
  std::vector<Lease> leases;
  for (const auto& [key, row] : tables_.partitions)
    if (row.owner != model::kNoSession && (!topic || key.topic == *topic))
      leases.push_back(lease_of(row));
  return leases;
}

}  // namespace streamhouse::metadata
