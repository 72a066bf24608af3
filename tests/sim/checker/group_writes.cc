#include "group_writes.h"

#include <cstdint>
#include <optional>
#include <string>

namespace streamhouse::sim {

GroupWrites::Record GroupWrites::group_in(const metadata::MemoryTables& tables,
                                          const std::string& group_id) {
  const auto found = tables.groups.find(group_id);
  return found == tables.groups.end() ? std::nullopt : Record(found->second);
}

bool GroupWrites::is_stale(const metadata::MemoryTables& tables, const metadata::ShardGuard& guard,
                           const Record& before, std::int64_t commit_no) {
  const auto shard = tables.partitions.find(guard.shard);
  if (shard == tables.partitions.end() || shard->second.owner != guard.owner ||
      shard->second.epoch != guard.epoch) {
    return true;
  }
  return commit_no != (before ? before->group.commit_no : 0) + 1;  // no simulated group is deleted
}

void GroupWrites::expect_unchanged(const Record& before, const Record& after,
                                   const std::string& group_id) {
  const bool same =
      before.has_value() == after.has_value() &&
      (!before || (before->group == after->group && before->offsets == after->offsets));
  if (!same) violations_.add("G2", "a stale write changed " + group_id);
}

}  // namespace streamhouse::sim
