#include "fence_history.h"

#include <optional>
#include <string>

namespace streamhouse::sim {

void FenceHistory::observe(const metadata::MemoryTables& tables) {
  for (const auto& [key, row] : tables.partitions) observe_lease(row);
  for (const auto& [id, record] : tables.sessions) observe_session(record);
  if (sessions_.size() == tables.sessions.size()) return;  // each of these was just seen there
  for (const auto& [id, fence] : sessions_) {
    if (!tables.sessions.contains(id)) violations_.add("F5", to_string(id) + " is gone");
  }
}

void FenceHistory::observe_lease(const metadata::Partition& row) {
  Lease& known = leases_.try_emplace(row.key, row.owner, row.epoch).first->second;
  if (known.owner != row.owner && row.epoch <= known.epoch) {
    violations_.add("F4", "partition " + to_string(row.key) + " went from session " +
                              to_string(known.owner) + " to " + to_string(row.owner) +
                              " under epoch " + std::to_string(row.epoch.value()));
  }
  known = {row.owner, row.epoch};
}

void FenceHistory::observe_session(const metadata::SessionRecord& record) {
  const model::SessionId id = record.session.id;
  const auto first = record.log.begin();
  if (first == record.log.end()) {
    violations_.add("F5", to_string(id) + " has no row");
    return;
  }
  SessionFence& known = sessions_.try_emplace(id, first->second, std::nullopt).first->second;
  if (first->second != known.open_row) violations_.add("F4", to_string(id) + " was opened twice");
  if (known.seal && (!record.has_seal() || record.newest() != *known.seal)) {
    violations_.add("F5", to_string(id) + ": the seal at row " +
                              std::to_string(known.seal->value()) + " is gone");
  }
  if (record.has_seal()) known.seal = record.newest();
}

}  // namespace streamhouse::sim
