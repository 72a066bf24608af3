// Agents: their sessions and heartbeats (rules P7, P8).
#include <algorithm>

#include "metadata/rules/import_rules.h"
#include "metadata/rules/session_rules.h"
#include "metadata/sql/rows.h"
#include "metadata/sql/texts_json.h"
#include "metadata/sqlite/sqlite_metadata.h"
#include "metadata/sqlite/tables/changes.h"
#include "metadata/sqlite/tables/partition_rows.h"
#include "metadata/sqlite/tables/sessions.h"

namespace streamhouse::metadata {

using base::Errc;
using base::make_error;
using namespace sqlite;

namespace {

constexpr std::string_view kLiveOfAgent =
    "SELECT s.session, a.address FROM sh_sessions s"
    " LEFT JOIN sh_agents a ON a.agent_id = s.agent_id AND a.session = s.session"
    " WHERE s.agent_id = ?1 AND s.state = 0 ORDER BY s.session < 0, s.session";
constexpr std::string_view kInsertSession =
    "INSERT INTO sh_sessions (session, agent_id, state, trimmed_to, opened_at)"
    " VALUES (?1, ?2, 0, 0, ?3)";
constexpr std::string_view kInsertOpenRow =
    "INSERT INTO sh_commits (session, seq, kind, crc, object_size, created_at, payload)"
    " VALUES (?1, 0, 'O', 0, 0, ?2, x'')";
constexpr std::string_view kReplaceAgent =
    "INSERT OR REPLACE INTO sh_agents (agent_id, session, address, zone, agent_group, metadata,"
    " last_heartbeat, started_at, expires_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?7, ?8)";
constexpr std::string_view kHeartbeat =
    "UPDATE sh_agents SET last_heartbeat = ?2, expires_at = ?3 WHERE session = ?1"
    " AND agent_id = (SELECT agent_id FROM sh_sessions WHERE session = ?1 AND state = 0)";
constexpr std::string_view kDelete = "DELETE FROM sh_agents WHERE agent_id = ?1 AND session = ?2";
constexpr auto kByAgentId =
    sql_text("SELECT ", kAgentColumns, " FROM sh_agents WHERE agent_id = ?1");
constexpr auto kList =
    sql_text("SELECT ", kAgentColumns,
             " FROM sh_agents WHERE ?1 IS NULL OR expires_at > ?1 ORDER BY agent_id");

constexpr std::string_view kImporting = "SELECT 1 FROM sh_settings WHERE key = ?1";

/// Rule P7: a live session of the agent id that the process did not open itself.
Status check_agent_id_is_free(Connection& db, const std::string& agent_id,
                              const std::vector<SessionId>& own_sessions) {
  SH_TRY(const auto live, db.all(kLiveOfAgent, read_live_session<Row>, agent_id));
  for (const LiveSession& session : live) {
    if (std::ranges::find(own_sessions, session.id) != own_sessions.end()) continue;
    return agent_id_in_use(agent_id, session.id, session.address);
  }
  return {};
}

}  // namespace

Result<DatabaseMs> SqliteMetadata::open_session(const NewSession& wanted) {
  SH_TRY_OK(check_new_session(wanted));
  const AgentInfo& agent = wanted.agent;
  SH_TRY(const std::string metadata, to_json(agent.metadata));
  const DatabaseMs expires = now_ + wanted.timeout_ms;
  return db().transaction([&]() -> Result<DatabaseMs> {
    SH_TRY(const auto importing, db().value<int>(kImporting, kImportMark));
    if (importing) return import_unfinished();
    SH_TRY(const auto used, find_session(db(), wanted.id));
    if (used)
      return make_error(Errc::kExists, "session " + to_string(wanted.id) + " was used before");
    if (wanted.own_sessions)
      SH_TRY_OK(check_agent_id_is_free(db(), agent.agent_id, *wanted.own_sessions));
    SH_TRY_OK(db().execute(kInsertSession, wanted.id, agent.agent_id, now_));
    SH_TRY_OK(db().execute(kInsertOpenRow, wanted.id, now_));
    SH_TRY_OK(db().execute(kReplaceAgent, agent.agent_id, wanted.id, agent.address, agent.zone,
                           agent.group, metadata, now_, expires));
    SH_TRY_OK(add_change(db(), ChangeKind::kAgent, agent.agent_id, now_));
    return expires;
  });
}

Result<HeartbeatReply> SqliteMetadata::heartbeat(SessionId session, std::int64_t timeout_ms,
                                                 ListOwned list_owned) {
  SH_TRY_OK(check_timeout(timeout_ms));
  return db().transaction([&]() -> Result<HeartbeatReply> {
    HeartbeatReply reply{.now_ms = now_, .expires_ms = now_ + timeout_ms, .owned = {}};
    SH_TRY(const auto beaten, db().execute(kHeartbeat, session, now_, reply.expires_ms));
    if (beaten == 0)
      return make_error(Errc::kFenced, "session " + to_string(session) +
                                           " is not live, or its agent's heartbeat row names"
                                           " another");
    if (list_owned == ListOwned::kYes) {
      SH_TRY(reply.owned, partitions_of_owner(db(), session));
    }
    return reply;
  });
}

Status SqliteMetadata::deregister_agent(const std::string& agent_id, SessionId session) {
  return db().transaction([&]() -> Status {
    SH_TRY(const auto removed, db().execute(kDelete, agent_id, session));
    if (removed == 0) return {};
    return add_change(db(), ChangeKind::kAgent, agent_id, now_);
  });
}

Result<Agent> SqliteMetadata::get_agent(const std::string& agent_id) {
  SH_TRY(auto agent, db().first(kByAgentId, read_agent<Row>, agent_id));
  if (agent) return *std::move(agent);
  return make_error(Errc::kNotFound, "there is no agent '" + agent_id + "'");
}

Result<std::vector<Agent>> SqliteMetadata::list_agents(Liveness liveness) {
  const auto after = liveness == Liveness::kAlive ? std::optional(now_) : std::nullopt;
  return db().all(kList, read_agent<Row>, after);
}

}  // namespace streamhouse::metadata
