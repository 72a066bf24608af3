#pragma once
/// \file  DueGroups: at what time which group is to be looked at.

#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "runtime/time.h"

namespace streamhouse::groups {

/// Threading: none of its own.
class DueGroups {
 public:
  /// nullopt: never.
  void set(const std::string& group_id, std::optional<runtime::MonoTime> due);
  std::optional<runtime::MonoTime> next() const;
  /// Those due at or before `now`, the longest overdue first; they are due no more.
  std::vector<std::string> take(runtime::MonoTime now);

 private:
  std::map<std::string, runtime::MonoTime> due_;
  std::set<std::pair<runtime::MonoTime, std::string>> order_;
};

}  // namespace streamhouse::groups
