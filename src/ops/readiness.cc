#include "ops/readiness.h"

#include <utility>

namespace streamhouse::ops {

using runtime::MutexLock;

void Readiness::hold(std::string name, std::string reason) {
  const MutexLock lock(mutex_);
  reasons_.insert_or_assign(std::move(name), std::move(reason));
}

void Readiness::release(std::string_view name) {
  const MutexLock lock(mutex_);
  if (const auto found = reasons_.find(name); found != reasons_.end()) reasons_.erase(found);
}

bool Readiness::ready() const {
  const MutexLock lock(mutex_);
  return reasons_.empty();
}

std::vector<std::string> Readiness::reasons() const {
  const MutexLock lock(mutex_);
  std::vector<std::string> all;
  all.reserve(reasons_.size());
  for (const auto& [name, reason] : reasons_) all.emplace_back(name).append(": ").append(reason);
  return all;
}

}  // namespace streamhouse::ops
