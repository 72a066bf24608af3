#pragma once
/// \file  SweepPlanner: which of a session's stored objects nobody names and nobody can name any
/// more (rule P16). Pure.

#include <optional>
#include <vector>

#include "metadata/objects.h"

namespace streamhouse::upkeep {

/// Memory: 8 bytes a commit of the session, and the keys that are garbage.
class SweepPlanner {
 public:
  /// Objects that a session can have put and not committed: more of them behind its seal mean that
  /// the database has lost commits.
  static constexpr std::size_t kBehindSealMax = 64;

  /// `named` was read after the seal, in one snapshot. Requires: named.seal.
  SweepPlanner(model::SessionId session, metadata::NamedObjects named);

  /// Takes a key that lies in the store.
  void look_at(const std::string& key);
  /// Key of the nameless object that was put last, if it lies behind the seal: what it says its
  /// writer knew to be committed tells whether the seal stands where the log ended.
  const std::optional<std::string>& newest_behind_seal() const { return newest_behind_seal_; }
  /// Errors: kRegressed if a commit at or behind the seal was acknowledged.
  base::Status check_seal(model::Seq known_committed) const;
  /// What may be deleted. Errors: kRegressed if the database seems to have lost commits; then
  /// nothing may be.
  base::Result<std::vector<std::string>> garbage() const;

 private:
  bool is_named(const std::string& key, model::Seq seq) const;

  model::SessionId session_;
  metadata::NamedObjects named_;
  std::vector<std::string> garbage_;
  std::vector<std::string> trim_marks_;
  bool seal_is_stored_ = false;
  std::size_t behind_seal_ = 0;
  std::optional<std::string> newest_behind_seal_;
  model::Seq newest_{0};
};

}  // namespace streamhouse::upkeep
