#include "sim_metadata.h"

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
