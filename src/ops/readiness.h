#pragma once
/// \file  Readiness: why an agent should not be sent work yet, or any more.

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/mutex.h"

namespace streamhouse::ops {

/// Threading: any thread.
class Readiness {
 public:
  /// Adds a reason, or replaces the one under that name: `metadata`, `connection refused`.
  void hold(std::string name, std::string reason);
  /// Removes the reason under `name`, if there is one.
  void release(std::string_view name);

  bool ready() const;
  /// `name: reason` of each, by name; none if ready.
  std::vector<std::string> reasons() const;

 private:
  mutable runtime::Mutex mutex_;
  std::map<std::string, std::string, std::less<>> reasons_ __attribute__((guarded_by(mutex_)));
};

}  // namespace streamhouse::ops
