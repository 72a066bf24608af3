// Agents: their sessions and heartbeats (rules P7, P8).
#include <algorithm>

#include "metadata/postgres/postgres_metadata.h"
#include "metadata/postgres/tables/changes.h"
#include "metadata/postgres/tables/partition_rows.h"
#include "metadata/postgres/tables/sessions.h"
#include "metadata/rules/import_rules.h"
#include "metadata/rules/session_rules.h"
#include "metadata/sql/rows.h"

namespace streamhouse::metadata {

using base::Errc;
using base::make_error;
using namespace postgres;

namespace {

constexpr std::string_view kLiveOfAgent =
    "SELECT s.session, a.address FROM sh_sessions s"
    " LEFT JOIN sh_agents a ON a.agent_id = s.agent_id AND a.session = s.session"
    " WHERE s.agent_id = $1 AND s.state = 0 ORDER BY s.session < 0, s.session";
constexpr std::string_view kInsertSession =
    "INSERT INTO sh_sessions (session, agent_id, state, trimmed_to, opened_at)"
    " VALUES ($1, $2, 0, 0, $3)";
constexpr std::string_view kInsertOpenRow =
    "INSERT INTO sh_commits (session, seq, kind, crc, object_size, created_at, payload)"
    " VALUES ($1, 0, 'O', 0, 0, $2, ''::bytea)";
constexpr std::string_view kReplaceAgent =
    "INSERT INTO sh_agents (agent_id, session, address, zone, agent_group, metadata,"
    " last_heartbeat, started_at, expires_at)"
    " VALUES ($1, $2, $3, $4, $5, CAST($6 AS jsonb), $7, $7, $8)"
    " ON CONFLICT (agent_id) DO UPDATE SET session = excluded.session, address = excluded.address,"
    " zone = excluded.zone, agent_group = excluded.agent_group, metadata = excluded.metadata,"
    " last_heartbeat = excluded.last_heartbeat, started_at = excluded.started_at,"
    " expires_at = excluded.expires_at";
constexpr auto kHeartbeat =
    sql_text("UPDATE sh_agents SET last_heartbeat = coalesce($3, ", kClock,
             "), expires_at = $2 + coalesce($3, ", kClock,
             ") WHERE session = $1"
             " AND agent_id = (SELECT agent_id FROM sh_sessions WHERE session = $1 AND state = 0)"
             " RETURNING last_heartbeat, expires_at");
constexpr std::string_view kDelete = "DELETE FROM sh_agents WHERE agent_id = $1 AND session = $2";
constexpr auto kByAgentId =
    sql_text("SELECT ", kAgentColumns, " FROM sh_agents WHERE agent_id = $1");
constexpr auto kAll = sql_text("SELECT ", kAgentColumns, " FROM sh_agents ORDER BY agent_id");
constexpr auto kAlive =
    sql_text("SELECT ", kAgentColumns, " FROM sh_agents WHERE expires_at > coalesce($1, ", kClock,
             ") ORDER BY agent_id");

constexpr std::string_view kImporting = "SELECT 1 FROM sh_settings WHERE key = $1";

/// Rule P7: a live session of the agent id that the process did not open itself.
Status check_agent_id_is_free(Connection& db, const std::string& agent_id,
                              const std::vector<SessionId>& own_sessions) {
  SH_TRY(const auto live, db.all(kLiveOfAgent, read_live_session<Row>, agent_id));
  for (const LiveSession& session : live)
    if (std::ranges::find(own_sessions, session.id) == own_sessions.end())
      return agent_id_in_use(agent_id, session.id, session.address);
  return {};
}

Result<HeartbeatReply> beat(Connection& db, SessionId session, std::int64_t timeout_ms) {
  const auto read = [](Row row) {
    return HeartbeatReply{
        .now_ms = row.get<DatabaseMs>(0), .expires_ms = row.get<DatabaseMs>(1), .owned = {}};
  };
  SH_TRY(auto reply, db.first(kHeartbeat, read, session, timeout_ms, db.fixed_time()));
  if (reply) return *std::move(reply);
  return make_error(Errc::kFenced, "session " + to_string(session) +
                                       " is not live, or its agent's heartbeat row names another");
}

}  // namespace

/// The feed's counter comes first here: it makes openings come one after the other, so that of two
/// processes of one agent id the later one sees the session of the other, and every one sees the
/// mark of an import that has begun.
Result<DatabaseMs> PostgresMetadata::open_session(const NewSession& wanted) {
  SH_TRY_OK(check_new_session(wanted));
  const AgentInfo& agent = wanted.agent;
  SH_TRY(const std::string metadata, to_json(agent.metadata));
  return db().transaction([&]() -> Result<DatabaseMs> {
    SH_TRY_OK(add_change(db(), ChangeKind::kAgent, agent.agent_id));
    SH_TRY(const auto importing, db().value<int>(kImporting, kImportMark));
    if (importing) return import_unfinished();
    SH_TRY(const auto used, find_session(db(), wanted.id));
    if (used)
      return make_error(Errc::kExists, "session " + to_string(wanted.id) + " was used before");
    if (wanted.own_sessions)
      SH_TRY_OK(check_agent_id_is_free(db(), agent.agent_id, *wanted.own_sessions));
    const DatabaseMs now = db().now();
    const DatabaseMs expires = now + wanted.timeout_ms;
    SH_TRY_OK(db().execute(kInsertSession, wanted.id, agent.agent_id, now));
    SH_TRY_OK(db().execute(kInsertOpenRow, wanted.id, now));
    SH_TRY_OK(db().execute(kReplaceAgent, agent.agent_id, wanted.id, agent.address, agent.zone,
                           agent.group, metadata, now, expires));
    return expires;
  });
}

Result<HeartbeatReply> PostgresMetadata::heartbeat(SessionId session, std::int64_t timeout_ms,
                                                   ListOwned list_owned) {
  SH_TRY_OK(check_timeout(timeout_ms));
  if (list_owned == ListOwned::kNo) return beat(db(), session, timeout_ms);
  return db().write_snapshot([&]() -> Result<HeartbeatReply> {
    SH_TRY(HeartbeatReply reply, beat(db(), session, timeout_ms));
    SH_TRY(reply.owned, partitions_of_owner(db(), session));
    return reply;
  });
}

/// As open_session: the feed comes before the agent's row.
Status PostgresMetadata::deregister_agent(const std::string& agent_id, SessionId session) {
  SH_TRY(const auto agent, db().first(kByAgentId, read_agent<Row>, agent_id));
  if (!agent || agent->session != session) return {};
  return db().transaction([&]() -> Status {
    SH_TRY_OK(add_change(db(), ChangeKind::kAgent, agent_id));
    SH_TRY(const auto removed, db().execute(kDelete, agent_id, session));
    if (removed > 0) return {};
    return make_error(Errc::kUnavailable, "agent '" + agent_id + "' has changed: try again");
  });
}

Result<Agent> PostgresMetadata::get_agent(const std::string& agent_id) {
  SH_TRY(auto agent, db().first(kByAgentId, read_agent<Row>, agent_id));
  if (agent) return *std::move(agent);
  return make_error(Errc::kNotFound, "there is no agent '" + agent_id + "'");
}

Result<std::vector<Agent>> PostgresMetadata::list_agents(Liveness liveness) {
  if (liveness == Liveness::kAll) return db().all(kAll, read_agent<Row>);
  return db().all(kAlive, read_agent<Row>, db().fixed_time());
}

}  // namespace streamhouse::metadata
