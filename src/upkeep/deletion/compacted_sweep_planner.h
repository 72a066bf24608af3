#pragma once
/// \file  CompactedSweepPlanner: which of the stored objects that compaction wrote nobody names and
/// nobody can name any more (rules P15, P16). Pure.

#include <map>
#include <set>

#include "metadata/objects.h"

namespace streamhouse::upkeep {

/// A compacted object's key tells its compactor, and not where that one's others are: one pass over
/// all of them serves any number of sealed sessions.
/// Memory: the rows given last, and the keys that are garbage.
class CompactedSweepPlanner {
 public:
  /// Objects that a compactor can have put and not named: more of them mean that the database has
  /// lost what named them.
  static constexpr std::size_t kUnnamedMax = 64;

  explicit CompactedSweepPlanner(std::set<model::SessionId> sealed) : sealed_(std::move(sealed)) {}

  /// Takes the rows, live and dead, of all keys that are looked at until the next call. Requires:
  /// they were read after the seals.
  void set_rows(const std::vector<metadata::ObjectRow>& rows);
  /// Takes a key that lies in the store.
  void look_at(const std::string& key);
  /// What may be deleted. Errors: kRegressed if the database seems to have lost rows; then nothing
  /// may be.
  base::Result<std::vector<std::string>> garbage() const;

 private:
  std::set<model::SessionId> sealed_;
  std::set<std::string> named_;
  std::vector<std::string> garbage_;
  std::map<model::SessionId, std::size_t> unnamed_;  ///< How many of each.
};

}  // namespace streamhouse::upkeep
