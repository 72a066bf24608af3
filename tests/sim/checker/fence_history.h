#pragma once
/// \file  FenceHistory: what the fences of the protocol were, and that none of them went away: F4
/// and F5.

#include <map>
#include <memory>
#include <optional>

#include "metadata/memory/memory_tables.h"
#include "violations.h"

namespace streamhouse::sim {

/// Looks at the database after every operation, so that no change comes between two looks unseen.
class FenceHistory {
 public:
  explicit FenceHistory(Violations& violations) : violations_(violations) {}

  void observe(const metadata::MemoryTables& tables);

 private:
  struct Lease {
    model::SessionId owner;
    model::LeaderEpoch epoch;
  };
  struct SessionFence {
    /// Kept, so that no later row can have its address.
    std::shared_ptr<const metadata::CheckedRow> open_row;
    std::optional<model::Seq> seal;
  };

  /// F4: every change of owner raises the epoch.
  void observe_lease(const metadata::Partition& row);
  /// F4: no session is opened twice. F5: neither it nor its seal goes away.
  void observe_session(const metadata::SessionRecord& record);

  Violations& violations_;
  std::map<model::TopicPartition, Lease> leases_;
  std::map<model::SessionId, SessionFence> sessions_;
};

}  // namespace streamhouse::sim
