// Agents: their sessions and heartbeats (rules P7, P8).
#include <algorithm>

#include "metadata/dynamodb/driver/transaction.h"
#include "metadata/dynamodb/dynamodb_metadata_store.h"
#include "metadata/dynamodb/items/keys.h"
#include "metadata/dynamodb/tables/changes.h"
#include "metadata/dynamodb/tables/partition_rows.h"
#include "metadata/dynamodb/tables/sessions.h"
#include "metadata/rules/import_rules.h"
#include "metadata/rules/session_rules.h"

namespace streamhouse::metadata {

using base::Errc;
using base::make_error;
using namespace dynamodb;

namespace {

/// Openings of one agent id meet at its heartbeat row: the later one sees the session of the other.
struct OpenSession {
  NewSession wanted;

  Task<Result<DatabaseMs>> run(Transaction& transaction) const {
    const std::string& agent_id = wanted.agent.agent_id;
    const Key mark_key = setting_key(kImportMark);
    SH_CO_TRY_OK(
        co_await transaction.load({mark_key, session_key(wanted.id), agent_key(agent_id)}));
    if (transaction.find(mark_key) != nullptr) co_return import_unfinished();
    if (transaction.find(session_key(wanted.id)) != nullptr)
      co_return make_error(Errc::kExists, "session " + to_string(wanted.id) + " was used before");
    if (wanted.own_sessions) SH_CO_TRY_OK(co_await check_agent_id_is_free(transaction));
    const DatabaseMs now = transaction.now();
    StoredSession stored;
    stored.session = {.id = wanted.id, .agent_id = agent_id, .opened_ms = now};
    transaction.put(session_key(wanted.id), item_of(stored));
    transaction.put_new(unrecovered_key(wanted.id), {{"agent", agent_id}});
    StoredRow open;
    open.row = {.seq = Seq(0), .kind = RowKind::kOpen, .created_ms = now};
    transaction.put_new(row_key(wanted.id, Seq(0)), item_of(open));
    SH_CO_TRY(Item agent, item_of(Agent{.info = wanted.agent,
                                        .session = wanted.id,
                                        .last_heartbeat_ms = now,
                                        .started_ms = now,
                                        .expires_ms = now + wanted.timeout_ms}));
    transaction.put(agent_key(agent_id), std::move(agent));
    SH_CO_TRY_OK(co_await add_change(transaction, ChangeKind::kAgent, agent_id));
    co_return now + wanted.timeout_ms;
  }

 private:
  /// Rule P7: a live session of the agent id that the process did not open itself.
  Task<Status> check_agent_id_is_free(Transaction& transaction) const {
    Table& table = transaction.table();
    SH_CO_TRY(const auto marks, co_await table.query(Range::whole(kUnrecoveredKey)));
    const Item* const agent = transaction.find(agent_key(wanted.agent.agent_id));
    for (const Item& mark : marks) {
      const SessionId id = session_of(mark.text(kSortKey));
      const bool is_own = std::ranges::find(*wanted.own_sessions, id) != wanted.own_sessions->end();
      if (is_own || mark.text("agent") != wanted.agent.agent_id) continue;
      SH_CO_TRY(const auto item, co_await table.get(session_key(id)));
      if (!item || session_of(*item).session.state != SessionState::kLive) continue;
      const bool is_named = agent != nullptr && session_of(agent->text("session")) == id;
      co_return agent_id_in_use(wanted.agent.agent_id, id,
                                is_named ? std::optional(agent->text("address")) : std::nullopt);
    }
    co_return Status{};
  }
};

struct Heartbeat {
  SessionId session;
  std::int64_t timeout_ms;

  Task<Result<HeartbeatReply>> run(Transaction& transaction) const {
    SH_CO_TRY(const auto found, co_await find_session(transaction, session));
    if (!found || found->session.state != SessionState::kLive) co_return session_not_live(session);
    const Key key = agent_key(found->session.agent_id);
    SH_CO_TRY(const Item* const item, co_await transaction.get(key));
    if (item == nullptr || session_of(item->text("session")) != session)
      co_return make_error(Errc::kFenced, "session " + to_string(session) + " was replaced");
    const DatabaseMs now = transaction.now();
    Item next = *item;
    next.set("heartbeat", now);
    next.set("expires", now + timeout_ms);
    transaction.put(key, std::move(next));
    co_return HeartbeatReply{.now_ms = now, .expires_ms = now + timeout_ms, .owned = {}};
  }
};

struct DeregisterAgent {
  std::string agent_id;
  SessionId session;

  Task<Status> run(Transaction& transaction) const {
    SH_CO_TRY(const Item* const item, co_await transaction.get(agent_key(agent_id)));
    if (item == nullptr || session_of(item->text("session")) != session) co_return Status{};
    transaction.remove(agent_key(agent_id));
    co_return co_await add_change(transaction, ChangeKind::kAgent, agent_id);
  }
};

}  // namespace

Task<Result<DatabaseMs>> DynamodbMetadataStore::open_session(NewSession session) {
  SH_CO_TRY_OK(check_new_session(session));
  co_return co_await transact(table_, OpenSession{.wanted = std::move(session)});
}

Task<Result<HeartbeatReply>> DynamodbMetadataStore::heartbeat(SessionId session,
                                                              std::int64_t timeout_ms,
                                                              ListOwned list_owned) {
  SH_CO_TRY_OK(check_timeout(timeout_ms));
  Heartbeat beat{.session = session, .timeout_ms = timeout_ms};
  SH_CO_TRY(HeartbeatReply reply, co_await transact(table_, beat));
  if (list_owned == ListOwned::kNo) co_return reply;
  PartitionReader reader(table_);
  SH_CO_TRY(reply.owned, co_await reader.of_owner(session));
  co_return reply;
}

Task<Status> DynamodbMetadataStore::deregister_agent(std::string agent_id, SessionId session) {
  DeregisterAgent deregister{.agent_id = std::move(agent_id), .session = session};
  co_return co_await transact(table_, std::move(deregister));
}

Task<Result<Agent>> DynamodbMetadataStore::get_agent(std::string agent_id) {
  SH_CO_TRY(const auto item, co_await table_.get(agent_key(agent_id)));
  if (item) co_return agent_of(*item);
  co_return make_error(Errc::kNotFound, "there is no agent '" + agent_id + "'");
}

Task<Result<std::vector<Agent>>> DynamodbMetadataStore::list_agents(Liveness liveness) {
  SH_CO_TRY(const auto items, co_await table_.query(Range::whole(kAgentsKey)));
  const DatabaseMs now = table_.now();
  std::vector<Agent> agents;
  for (const Item& item : items) {
    SH_CO_TRY(Agent agent, agent_of(item));
    if (liveness == Liveness::kAll || agent.expires_ms > now) agents.push_back(std::move(agent));
  }
  co_return agents;
}

}  // namespace streamhouse::metadata
