#include "groups/group_state.h"

#include "base/check.h"

namespace streamhouse::groups {

runtime::Task<void> GroupState::take_turn() {
  while (busy_) co_await turn_free_.wait();
  busy_ = true;
}

void GroupState::give_turn() {
  SH_CHECK(busy_, "the turn was taken");
  busy_ = false;
  turn_free_.notify_all();
}

void GroupState::load(std::optional<metadata::LoadedGroup> stored) {
  loaded_ = true;
  group_ = stored ? std::move(stored->group) : metadata::Group{.group_id = group_id_};
  offsets_.clear();
  if (!stored) return;
  for (auto& offset : stored->offsets) offsets_.emplace(offset.key, std::move(offset));
}

void GroupState::committed(std::int64_t commit_no,
                           const std::vector<metadata::CommittedOffset>& offsets) {
  if (!exists()) group_.state = "Empty";
  group_.group_id = group_id_;
  group_.commit_no = commit_no;
  for (const auto& offset : offsets) offsets_.insert_or_assign(offset.key, offset);
}

void GroupState::deleted(std::int64_t commit_no) {
  deleted_no_ = commit_no;
  group_ = metadata::Group{.group_id = group_id_};
  offsets_.clear();
}

}  // namespace streamhouse::groups
