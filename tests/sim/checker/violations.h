#pragma once
/// \file  What a simulated run did wrong, by the name of the invariant.

#include <string>
#include <utility>
#include <vector>

namespace streamhouse::sim {

struct Violation {
  std::string invariant;
  std::string detail;
};

/// Threading: one thread.
class Violations {
 public:
  void add(std::string invariant, std::string detail) {
    if (list_.size() < kListed) list_.push_back({std::move(invariant), std::move(detail)});
  }
  bool empty() const { return list_.empty(); }
  const std::vector<Violation>& list() const { return list_; }

 private:
  static constexpr std::size_t kListed = 20;
  std::vector<Violation> list_;
};

}  // namespace streamhouse::sim
