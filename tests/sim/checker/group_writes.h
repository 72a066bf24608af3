#pragma once
/// \file  GroupWrites: whether a write to a consumer group was entitled to change it (G2).

#include <optional>
#include <string>

#include "metadata/memory/memory_metadata.h"
#include "violations.h"

namespace streamhouse::sim {

class GroupWrites {
 public:
  explicit GroupWrites(Violations& violations) : violations_(violations) {}

  /// Makes a write, whenever it arrives. One whose coordinator does not lead the shard any more, or
  /// whose number is not the next, is stale: whatever it is answered, the group stays as it is.
  template <class Write>
  base::Status apply(metadata::MemoryMetadata& database, const metadata::ShardGuard& guard,
                     const std::string& group_id, std::int64_t commit_no, Write write) {
    const auto before = group_in(database.tables(), group_id);
    const bool stale = is_stale(database.tables(), guard, before, commit_no);
    base::Status written = write(database);
    if (stale) expect_unchanged(before, group_in(database.tables(), group_id), group_id);
    return written;
  }

 private:
  using Record = std::optional<metadata::GroupRecord>;
  static Record group_in(const metadata::MemoryTables& tables, const std::string& group_id);
  static bool is_stale(const metadata::MemoryTables& tables, const metadata::ShardGuard& guard,
                       const Record& before, std::int64_t commit_no);
  void expect_unchanged(const Record& before, const Record& after, const std::string& group_id);

  Violations& violations_;
};

}  // namespace streamhouse::sim
