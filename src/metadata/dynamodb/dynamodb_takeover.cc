// Sessions, and the take-over of dead ones (rules P4-P6).
#include <algorithm>
#include <set>

#include "metadata/checked_row.h"
#include "metadata/dynamodb/driver/transaction.h"
#include "metadata/dynamodb/dynamodb_metadata_store.h"
#include "metadata/dynamodb/items/blobs.h"
#include "metadata/dynamodb/items/keys.h"
#include "metadata/dynamodb/tables/partition_rows.h"
#include "metadata/dynamodb/tables/sessions.h"
#include "metadata/rules/session_rules.h"

namespace streamhouse::metadata {

using base::Errc;
using base::make_error;
using namespace dynamodb;

namespace {

struct SealSession {
  SessionId session;

  Task<Result<Seq>> run(Transaction& transaction) const {
    SH_CO_TRY(StoredSession found, co_await require_session(transaction, session));
    if (found.seal) co_return *found.seal;
    SH_CO_TRY(const StoredRow end, co_await newest_row(transaction.table(), session));
    // One that was put since the session was read, or beside which the session is not visible yet.
    if (end.row.kind == RowKind::kSeal) co_return end.row.seq;
    put_seal(transaction, std::move(found), end);
    co_return end.row.seq + 1;
  }
};

/// No partition is acquired for a sealed session any more, so none stays none; one that was before,
/// and becomes visible later, is freed by list_free_partitions().
struct FinishRecovery {
  SessionId session;

  Task<Status> run(Transaction& transaction) const {
    SH_CO_TRY(StoredSession found, co_await require_session(transaction, session));
    if (!found.seal) co_return session_not_sealed(session);
    PartitionReader reader(transaction.table());
    SH_CO_TRY(const auto owned, co_await reader.of_owner(session));
    if (!owned.empty())
      co_return make_error(Errc::kConflict, "session " + to_string(session) +
                                                " still owns partition " +
                                                to_string(owned.front().key));
    if (found.session.state == SessionState::kRecovered) co_return Status{};
    found.session.state = SessionState::kRecovered;
    transaction.put(session_key(session), item_of(found));
    transaction.remove(unrecovered_key(session));
    transaction.remove(checkpoint_key(session));
    co_return Status{};
  }
};

Task<Result<std::vector<LogRow>>> rows_between(Table& table, SessionId session, Seq first, Seq end,
                                               Damage damage) {
  std::vector<LogRow> rows;
  if (first >= end) co_return rows;
  Range range = Range::between(log_key(session), padded(first.value()), padded(end.value() - 1));
  SH_CO_TRY(auto items, co_await table.query(std::move(range)));
  for (Item& item : items) {
    SH_CO_TRY(rows.emplace_back(), co_await whole_row(table, session, std::move(item), damage));
  }
  co_return rows;
}

/// Behind the seal nothing changes but by other recoverers, who free partitions under epochs, and
/// by what follows once they have finished.
Task<Result<RecoveryView>> read_recovery(Table& table, DynamodbMetadataStore& store,
                                         SessionId session, Damage damage) {
  RecoveryView view;
  SH_CO_TRY(StoredSession stored, co_await read_session(table, session));
  if (!stored.seal) co_return session_not_sealed(session);
  view.session = std::move(stored.session);
  view.seal = *stored.seal;
  SH_CO_TRY(view.checkpoint, co_await store.get_checkpoint(session));
  PartitionReader reader(table);
  SH_CO_TRY(view.owned, co_await reader.of_owner(session));
  const Seq first = replay_start(view);
  SH_CO_TRY(view.rows, co_await rows_between(table, session, first, view.seal, damage));
  co_return view;
}

using Agents = std::map<std::string, Agent>;

/// Adds the heartbeat rows, or newer ones of the same agents.
Status take(Agents& agents, const std::vector<Item>& items) {
  for (const Item& item : items) {
    SH_TRY(Agent agent, agent_of(item));
    agents[agent.info.agent_id] = std::move(agent);
  }
  return {};
}

/// Sessions that are not recovered, by id.
Task<Result<std::vector<StoredSession>>> unrecovered_sessions(Table& table) {
  SH_CO_TRY(const auto marks, co_await table.query(Range::whole(kUnrecoveredKey)));
  std::vector<Key> keys;
  for (const Item& mark : marks) keys.push_back({kSessionsKey, mark.text(kSortKey)});
  SH_CO_TRY(const auto items, co_await table.get_all(std::move(keys)));
  std::vector<StoredSession> sessions;
  for (const Item& item : items) sessions.push_back(session_of(item));
  std::erase_if(sessions, [](const StoredSession& one) {
    return one.session.state == SessionState::kRecovered;
  });
  std::ranges::sort(sessions, {}, [](const StoredSession& one) { return one.session.id; });
  co_return sessions;
}

}  // namespace

/// Sessions come first: one that opens after that is not seen. The heartbeat row of one that was
/// seen may become visible a moment later than it, so that of one that seems due is read again.
Task<Result<std::vector<Session>>> DynamodbMetadataStore::list_due_sessions(
    std::optional<std::string> agent_id) {
  SH_CO_TRY(const auto sessions, co_await unrecovered_sessions(table_));
  SH_CO_TRY(const auto items, co_await table_.query(Range::whole(kAgentsKey)));
  Agents agents;
  SH_CO_TRY_OK(take(agents, items));
  const DatabaseMs now = table_.now();
  const auto is_due = [&](const Session& session) {
    if (agent_id) return session.agent_id == *agent_id;
    const auto agent = agents.find(session.agent_id);
    return agent == agents.end() || agent->second.session != session.id ||
           agent->second.expires_ms <= now;
  };
  std::vector<Session> due;
  std::set<Key> keys;
  for (const StoredSession& one : sessions) {
    if (!is_due(one.session)) continue;
    due.push_back(one.session);
    keys.insert(agent_key(one.session.agent_id));
  }
  if (agent_id || due.empty()) co_return due;
  SH_CO_TRY(const auto again, co_await table_.get_all({keys.begin(), keys.end()}));
  SH_CO_TRY_OK(take(agents, again));
  std::erase_if(due, [&](const Session& session) { return !is_due(session); });
  co_return due;
}

Task<Result<Session>> DynamodbMetadataStore::get_session(SessionId session) {
  SH_CO_TRY(StoredSession stored, co_await read_session(table_, session));
  co_return std::move(stored.session);
}

Task<Result<std::vector<Session>>> DynamodbMetadataStore::list_sessions(SessionId after,
                                                                        std::size_t limit) {
  SH_CO_TRY(auto stored, co_await list_stored_sessions(table_, after, limit));
  std::vector<Session> page;
  for (StoredSession& one : stored) page.push_back(std::move(one.session));
  co_return page;
}

Task<Result<Seq>> DynamodbMetadataStore::seal_session(SessionId session) {
  co_return co_await transact(table_, SealSession{.session = session});
}

Task<Result<RecoveryView>> DynamodbMetadataStore::load_recovery(SessionId session) {
  while (true) {
    const auto read = [&](Damage damage) { return read_recovery(table_, *this, session, damage); };
    auto view = co_await read_despite_damage(read);
    if (!view) co_return view;
    SH_CO_TRY(const Session now, co_await get_session(session));
    if (view->session == now) co_return view;  // nobody has finished in the middle of it
  }
}

Task<Result<std::size_t>> DynamodbMetadataStore::recover_partitions(
    SessionId session, segment::CheckpointTable final_states) {
  SH_CO_TRY(const StoredSession stored, co_await read_session(table_, session));
  if (!stored.seal) co_return session_not_sealed(session);
  SH_CO_TRY_OK(check_table(final_states));
  co_return co_await free_all(table_, session, std::move(final_states));
}

Task<Status> DynamodbMetadataStore::finish_recovery(SessionId session) {
  SH_CO_TRY_OK(co_await transact(table_, FinishRecovery{.session = session}));
  const std::string pk = session_blobs_key(session);
  for (const char* kind : {"C", "V"}) co_await remove_leftovers(table_, Range::prefix(pk, kind));
  co_await remove_leftovers(table_, Range::whole(led_key(session)));
  co_return Status{};
}

}  // namespace streamhouse::metadata
