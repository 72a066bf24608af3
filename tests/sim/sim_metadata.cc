#include "sim_metadata.h"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace streamhouse::sim {

using metadata::Operation;

void Database::removing(const std::string& key) {
  faults.count(Fault::kObjectRemoved);
  const auto grace = std::chrono::duration_cast<std::chrono::milliseconds>(deletion_grace);
  truth.removing(tables.tables(), key, tables.database_now().value() - grace.count());
}

bool Database::changes_tables(Operation operation) {
  switch (operation) {
    case Operation::kGetTopic:
    case Operation::kListTopics:
    case Operation::kGetPartition:
    case Operation::kListPartitions:
    case Operation::kListFreePartitions:
    case Operation::kGetCheckpoint:
    case Operation::kTail:
    case Operation::kListDueSessions:
    case Operation::kGetSession:
    case Operation::kListSessions:
    case Operation::kLoadRecovery:
    case Operation::kHeartbeat:
    case Operation::kGetAgent:
    case Operation::kListAgents:
    case Operation::kGetLease:
    case Operation::kListLeases:
    case Operation::kLoadPartitions:
    case Operation::kListSegments:
    case Operation::kFindSegment:
    case Operation::kListObjects:
    case Operation::kListDead:
    case Operation::kNamedObjects:
    case Operation::kLoadGroup:
    case Operation::kFetchOffsets:
    case Operation::kListGroups:
      return false;
    default:
      return operation < Operation::kAllocateProducerIds;
  }
}

bool Database::may_come_late(Operation operation) {
  switch (operation) {
    case Operation::kAppend:
    case Operation::kCheckpoint:
    case Operation::kTrim:
    case Operation::kAdvanceLogStart:
    case Operation::kSealSession:
    case Operation::kRecoverPartitions:
    case Operation::kFinishRecovery:
    case Operation::kSelfSeal:
    case Operation::kAcquireLeases:
    case Operation::kSaveGroup:
    case Operation::kCommitOffsets:
    case Operation::kForgetObjects:
      return true;
    default:
      return false;
  }
}

/// Not topics: of one that is not there nobody has a position (G3).
bool Database::may_be_stale(Operation operation) {
  switch (operation) {
    case Operation::kGetLease:
    case Operation::kListLeases:
    case Operation::kGetAgent:
    case Operation::kListAgents:
    case Operation::kListGroups:
      return true;
    default:
      return false;
  }
}

metadata::MemoryMetadata& Database::replica() {
  if (!copy || carrier.now() - copied_at > rates.stale_max) {
    copy.emplace(tables);
    copied_at = carrier.now();
  }
  return *copy;
}

runtime::Task<base::Result<metadata::DatabaseMs>> SimMetadata::open_session(
    metadata::NewSession wanted) {
  tried_.insert(wanted.id);
  const auto open = [wanted, had_one = had_session_, own = tried_,
                     &violations = database_.violations](metadata::MemoryMetadata& to) {
    const auto opened = to.open_session(wanted);
    const auto is_rival = [&wanted, &own](const auto& session) {
      return session.second.session.agent_id == wanted.agent.agent_id &&
             session.second.session.state == metadata::SessionState::kLive &&
             !own.contains(session.first);
    };
    if (opened && had_one && std::ranges::any_of(to.tables().sessions, is_rival)) {
      violations.add("P7", wanted.agent.agent_id + " opens a session beside another process's");
    }
    return opened;
  };
  return perform(Operation::kOpenSession, open);
}

runtime::Task<base::Result<model::Seq>> SimMetadata::seal_session(model::SessionId session) {
  const auto& sessions = database_.tables.tables().sessions;
  const auto found = sessions.find(session);
  const bool own = found != sessions.end() && found->second.session.agent_id == agent_id_;
  if (!own && !heartbeats_.was_steady()) {
    database_.violations.add("P8", agent_id_ + " takes session " + to_string(session) +
                                       " over before its own heartbeats were steady");
  }
  return perform(Operation::kSealSession,
                 [session](metadata::MemoryMetadata& to) { return to.seal_session(session); });
}

runtime::Task<SimMetadata::Acquired> SimMetadata::acquire_leases(
    model::SessionId session, std::vector<metadata::AcquireRequest> requests) {
  const auto acquire = [session, requests = std::move(requests),
                        &violations = database_.violations](metadata::MemoryMetadata& to) {
    auto answers = to.acquire_leases(session, requests);
    for (std::size_t i = 0; answers && i < answers->size(); ++i) {
      const auto& led = (*answers)[i];
      const std::int32_t read = requests[i].expected_epoch.value();
      if (led && led->epoch.value() > read + 1) {
        violations.add("P11", "partition " + to_string(led->key) + " was read under epoch " +
                                  std::to_string(read) + " and is acquired under epoch " +
                                  std::to_string(led->epoch.value()));
      }
    }
    return answers;
  };
  return perform(Operation::kAcquireLeases, acquire);
}

runtime::Task<base::Status> SimMetadata::save_group(metadata::ShardGuard guard,
                                                    metadata::Group group) {
  const auto write = [guard, group, &violations = database_.violations](auto& to) {
    const auto save = [&guard, &group](auto& tables) { return tables.save_group(guard, group); };
    return GroupWrites(violations).apply(to, guard, group.group_id, group.commit_no, save);
  };
  return perform(Operation::kSaveGroup, write);
}

runtime::Task<base::Status> SimMetadata::commit_offsets(
    metadata::ShardGuard guard, std::string group_id, std::int64_t commit_no,
    std::vector<metadata::CommittedOffset> offsets) {
  const auto write = [guard, group_id = std::move(group_id), commit_no,
                      offsets = std::move(offsets), &violations = database_.violations](auto& to) {
    const auto commit = [&](auto& tables) {
      return tables.commit_offsets(guard, group_id, commit_no, offsets);
    };
    return GroupWrites(violations).apply(to, guard, group_id, commit_no, commit);
  };
  return perform(Operation::kCommitOffsets, write);
}

runtime::Task<void> SimMetadata::travel() {
  runtime::Random& random = database_.carrier.random();
  runtime::Duration delay(random.between(0, database_.rates.latency_max.count()));
  if (random.chance(database_.rates.stall)) {
    database_.faults.count(Fault::kDatabaseStall);
    delay = runtime::Duration(random.between(0, database_.rates.stall_max.count()));
  }
  co_await runtime_.sleep(delay);
  while (database_.held) co_await runtime_.sleep(std::chrono::milliseconds(20));
}

}  // namespace streamhouse::sim
