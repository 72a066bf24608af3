#include "cluster/catalog/topic_table.h"

#include <algorithm>

namespace streamhouse::cluster {
namespace {

using metadata::TopicState;

/// Far more than can be removed while one read is under way.
constexpr std::size_t kRemovedMax = 10'000;

bool is_newer(const metadata::Topic& one, const metadata::Topic& other) {
  return std::pair(one.state == TopicState::kDeleting, one.version) >
         std::pair(other.state == TopicState::kDeleting, other.version);
}

}  // namespace

void TopicTable::learn(TopicPtr topic, Moment begun) {
  const auto known = topics_.find(topic->no);
  if (known == topics_.end()) {
    if (begun < all_read_at_ || removed_.contains(topic->no)) return;
    show(topic);
    const model::TopicNo no = topic->no;
    numbers_.insert_or_assign(topic->id, no);
    topics_.emplace(no, Known{.topic = std::move(topic), .read_at = begun});
    return;
  }
  known->second.read_at = std::max(known->second.read_at, begun);
  if (!is_newer(*topic, *known->second.topic)) return;
  hide(known->second.topic);
  show(topic);
  known->second.topic = std::move(topic);
}

void TopicTable::learn_all(const TopicList& topics, Moment begun) {
  for (const TopicPtr& topic : topics) learn(topic, begun);
  // Not removed_: one that was created since is told of later.
  for (auto known = topics_.begin(); known != topics_.end();)
    known = known->second.read_at < begun ? forget(known) : std::next(known);
  all_read_at_ = std::max(all_read_at_, begun);
}

void TopicTable::remove(model::TopicNo no) {
  const auto known = topics_.find(no);
  if (known != topics_.end()) forget(known);
  if (!removed_.insert(no).second) return;
  removed_order_.push_back(no);
  if (removed_order_.size() <= kRemovedMax) return;
  removed_.erase(removed_order_.front());
  removed_order_.pop_front();
}

void TopicTable::distrust_before(Moment begun) {
  removed_.clear();
  removed_order_.clear();
  for (auto known = topics_.begin(); known != topics_.end();)
    known = known->second.read_at < begun ? forget(known) : std::next(known);
}

void TopicTable::show(const TopicPtr& topic) {
  list_.reset();
  if (topic->state == TopicState::kDeleting) {
    deleting_.insert(topic->no);
    return;
  }
  const auto [named, added] = live_.try_emplace(topic->name, topic);
  if (added || named->second->no > topic->no) return;
  live_.erase(named);  // an earlier topic, of whose end nothing is known yet
  live_.emplace(topic->name, topic);
}

void TopicTable::hide(const TopicPtr& topic) {
  list_.reset();
  deleting_.erase(topic->no);
  const auto named = live_.find(topic->name);
  if (named != live_.end() && named->second->no == topic->no) live_.erase(named);
}

TopicTable::Topics::iterator TopicTable::forget(Topics::iterator known) {
  hide(known->second.topic);
  numbers_.erase(known->second.topic->id);
  return topics_.erase(known);
}

TopicPtr TopicTable::find(std::string_view name) const {
  const auto found = live_.find(name);
  return found == live_.end() ? nullptr : found->second;
}

TopicPtr TopicTable::find(model::TopicNo no) const {
  const auto found = topics_.find(no);
  return found == topics_.end() ? nullptr : found->second.topic;
}

TopicPtr TopicTable::find(const model::TopicId& id) const {
  const auto number = numbers_.find(id);
  if (number == numbers_.end()) return nullptr;
  TopicPtr topic = find(number->second);
  return find(topic->name) == topic ? topic : nullptr;
}

std::shared_ptr<const TopicList> TopicTable::list() const {
  if (list_) return list_;
  auto made = std::make_shared<TopicList>();
  made->reserve(live_.size());
  for (const auto& [no, known] : topics_) {
    const auto named = live_.find(known.topic->name);
    const bool live = named != live_.end() && named->second == known.topic;
    if (live && known.topic->kind == metadata::TopicKind::kUser) made->push_back(known.topic);
  }
  std::ranges::sort(*made, {}, [](const TopicPtr& topic) { return std::string_view(topic->name); });
  list_ = std::move(made);
  return list_;
}

TopicList TopicTable::deleting() const {
  TopicList topics;
  for (const model::TopicNo no : deleting_) topics.push_back(find(no));
  return topics;
}

}  // namespace streamhouse::cluster
