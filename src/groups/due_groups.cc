#include "groups/due_groups.h"

namespace streamhouse::groups {

void DueGroups::set(const std::string& group_id, std::optional<runtime::MonoTime> due) {
  if (const auto old = due_.find(group_id); old != due_.end()) {
    if (old->second == due) return;
    order_.erase({old->second, group_id});
    due_.erase(old);
  }
  if (!due) return;
  due_.emplace(group_id, *due);
  order_.emplace(*due, group_id);
}

std::optional<runtime::MonoTime> DueGroups::next() const {
  if (order_.empty()) return std::nullopt;
  return order_.begin()->first;
}

std::vector<std::string> DueGroups::take(runtime::MonoTime now) {
  std::vector<std::string> taken;
  while (!order_.empty() && order_.begin()->first <= now) {
    taken.push_back(order_.begin()->second);
    due_.erase(taken.back());
    order_.erase(order_.begin());
  }
  return taken;
}

}  // namespace streamhouse::groups
