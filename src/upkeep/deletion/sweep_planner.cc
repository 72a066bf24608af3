#include "upkeep/deletion/sweep_planner.h"

#include <algorithm>

#include "base/check.h"
#include "segment/object_key.h"

namespace streamhouse::upkeep {

SweepPlanner::SweepPlanner(model::SessionId session, metadata::NamedObjects named)
    : session_(session), named_(std::move(named)) {
  SH_CHECK(named_.seal.has_value(), "a session that is not sealed can still name objects");
  std::ranges::sort(named_.commits);
  std::ranges::sort(named_.live);
  std::ranges::sort(named_.dead);
}

/// The seal's marker stays: a rebuild needs it. So does what is not of this session.
void SweepPlanner::look_at(const std::string& key) {
  const auto name = segment::parse_key(key);
  if (name == segment::ObjectName(segment::SealKey{session_})) seal_is_stored_ = true;
  const auto* mark = name ? std::get_if<segment::TrimKey>(&*name) : nullptr;
  if (mark != nullptr && mark->session == session_) trim_marks_.push_back(key);
  const auto* flush = name ? std::get_if<segment::FlushKey>(&*name) : nullptr;
  if (flush == nullptr || flush->session != session_ || is_named(key, flush->seq)) return;
  garbage_.push_back(key);
  if (flush->seq < *named_.seal) return;
  ++behind_seal_;
  if (newest_behind_seal_ && flush->seq < newest_) return;
  newest_ = flush->seq;
  newest_behind_seal_ = key;
}

base::Status SweepPlanner::check_seal(model::Seq known_committed) const {
  if (known_committed < *named_.seal) return {};
  return {base::Errc::kRegressed, "session " + to_string(session_) + " is sealed at row " +
                                      std::to_string(named_.seal->value()) + ", but row " +
                                      std::to_string(known_committed.value()) +
                                      " was committed: the database has lost commits"};
}

bool SweepPlanner::is_named(const std::string& key, model::Seq seq) const {
  return std::ranges::binary_search(named_.commits, seq) ||
         std::ranges::binary_search(named_.live, key) ||
         std::ranges::binary_search(named_.dead, key);
}

/// With its seal's marker in the store a session needs no trim mark, once all its objects are gone:
/// until then there may be holes between. One that rows still name counts as there: it may have
/// died, and been marked, since they were read.
base::Result<std::vector<std::string>> SweepPlanner::garbage() const {
  if (behind_seal_ <= kBehindSealMax) {
    std::vector<std::string> all = garbage_;
    if (seal_is_stored_ && named_.dead.empty() && named_.commits.empty())
      all.insert(all.end(), trim_marks_.begin(), trim_marks_.end());
    return all;
  }
  return {base::Errc::kRegressed,
          "session " + to_string(session_) + " has " + std::to_string(behind_seal_) +
              " objects behind its seal: the database seems to have lost commits, nothing of this "
              "session is deleted"};
}

}  // namespace streamhouse::upkeep
