// Random operations on sessions, leases and take-over.
#include <algorithm>

#include "tests/contract/metadata/random_operations.h"

namespace streamhouse::metadata::contract {

void RandomOperations::open_session() {
  NewSession wanted{.id = SessionId(random_.next() << 1 >> below(2)),
                    .agent = {.agent_id = agent_id(), .address = "h:" + std::to_string(below(9))},
                    .timeout_ms = 1 + below(300)};
  if (one_in(10)) wanted.id = session();
  if (one_in(3)) wanted.own_sessions = std::vector<SessionId>{session(), session()};
  compare(describe("open_session", wanted), [wanted](auto& to) { return to.open_session(wanted); });
}

void RandomOperations::heartbeat() {
  const SessionId id = session();
  const std::int64_t timeout = below(300);
  const auto owned = one_in(2) ? ListOwned::kYes : ListOwned::kNo;
  compare(describe("heartbeat", id, timeout, owned),
          [=](auto& to) { return to.heartbeat(id, timeout, owned); });
}

void RandomOperations::deregister() {
  const SessionId id = session();
  const auto found = model_.tables().sessions.find(id);
  const std::string agent =
      found == model_.tables().sessions.end() ? agent_id() : found->second.session.agent_id;
  compare(describe("deregister_agent", agent, id),
          [=](auto& to) { return to.deregister_agent(agent, id); });
}

void RandomOperations::acquire() {
  const SessionId id = session();
  std::vector<AcquireRequest> requests;
  for (std::int64_t i = below(4); i >= 0; --i) {
    const TopicPartition key = partition();
    requests.push_back(
        {.key = key, .expected_epoch = epoch(key), .since_seq = newest(id) + 1 + below(2)});
  }
  compare(describe("acquire_leases", id, requests),
          [=](auto& to) { return to.acquire_leases(id, requests); });
}

void RandomOperations::seal() {
  const SessionId id = session();
  compare(describe("seal_session", id), [=](auto& to) { return to.seal_session(id); });
}

void RandomOperations::self_seal() {
  const SessionId id = session();
  const Seq seq = newest(id) + (one_in(3) ? below(4) - 2 : 1);
  compare(describe("self_seal", id, seq), [=](auto& to) { return to.self_seal(id, seq); });
}

segment::CheckpointTable RandomOperations::table_of(SessionId owner) {
  segment::CheckpointTable table;
  for (const auto& [key, row] : model_.tables().partitions) {
    if (row.owner != owner ? !one_in(10) : one_in(4)) continue;
    table.push_back(
        entry(key, epoch(key).value(), below(next_offset_[key] + 1), below(next_offset_[key] + 1)));
  }
  return table;
}

void RandomOperations::recover() {
  const SessionId id = session(SessionState::kFencing);
  read(describe("load_recovery", id), [=](auto& to) { return to.load_recovery(id); });
  const segment::CheckpointTable table = table_of(id);
  compare(describe("recover_partitions", id, table),
          [=](auto& to) { return to.recover_partitions(id, table); });
}

void RandomOperations::finish_recovery() {
  const SessionId id = session(SessionState::kFencing);
  compare(describe("finish_recovery", id), [=](auto& to) { return to.finish_recovery(id); });
}

void RandomOperations::read_sessions() {
  const SessionId id = session();
  const std::string agent = agent_id();
  const TopicPartition key = partition();
  const std::size_t most = limit();
  read("list_due_sessions", [](auto& to) { return to.list_due_sessions(std::nullopt); });
  read(describe("list_due_sessions", agent), [=](auto& to) { return to.list_due_sessions(agent); });
  read(describe("get_session", id), [=](auto& to) { return to.get_session(id); });
  read(describe("list_sessions", id, most), [=](auto& to) { return to.list_sessions(id, most); });
  read(describe("get_agent", agent), [=](auto& to) { return to.get_agent(agent); });
  read("list_agents", [](auto& to) { return to.list_agents(Liveness::kAlive); });
  read(describe("get_lease", key), [=](auto& to) { return to.get_lease(key); });
  read(describe("list_leases", key.topic), [=](auto& to) { return to.list_leases(key.topic); });
  read("database_now", [](auto& to) { return to.database_now(); });
}

void RandomOperations::pass_time() { test_.pass_time(one_in(10) ? -below(50) : below(200)); }

}  // namespace streamhouse::metadata::contract
