#include "service/topic_catalog.h"

namespace streamhouse::service {
namespace {

using base::Errc;
using metadata::TopicState;

constexpr std::size_t kTopicsPerPage = 1'000;
constexpr std::size_t kChangesPerPoll = 1'000;
constexpr auto kPollInterval = std::chrono::milliseconds(500);

}  // namespace

runtime::Task<void> TopicCatalog::run() {
  while (!group_.stopping()) {
    const auto changes = co_await metadata_.watch_changes(version_, kChangesPerPoll);
    if (changes && changes->latest != version_) {
      const std::int64_t latest = changes->latest;
      const base::Status read = co_await refresh();
      if (read) version_ = latest;
    }
    co_await group_.sleep_until_stop(kPollInterval);
  }
}

runtime::Task<base::Status> TopicCatalog::refresh() {
  std::map<model::TopicNo, TopicPtr> by_no;
  model::TopicNo after{0};
  while (true) {
    SH_CO_TRY(const auto page, co_await metadata_.list_topics(after, kTopicsPerPage));
    for (const metadata::Topic& topic : page) {
      after = topic.no;
      by_no.emplace(topic.no, std::make_shared<const metadata::Topic>(topic));
    }
    if (page.size() < kTopicsPerPage) break;
  }
  by_no_ = std::move(by_no);
  by_name_.clear();
  for (const auto& [no, topic] : by_no_) {
    if (topic->state == TopicState::kLive) by_name_.emplace(topic->name, topic);
  }
  co_return base::Status{};
}

runtime::Task<base::Result<TopicPtr>> TopicCatalog::get(std::string name) {
  TopicPtr known = find(name);
  ++(known ? use_.hits : use_.misses);
  if (!known) {
    auto loaded = co_await metadata_.get_topic(name);
    if (!loaded) co_return loaded.error();
    put(*std::move(loaded));
    known = find(name);
  }
  if (known && known->kind == metadata::TopicKind::kUser) co_return known;
  co_return base::make_error(Errc::kTopicNotFound, "topic " + name + " does not exist");
}

TopicPtr TopicCatalog::find(const std::string& name) const {
  const auto found = by_name_.find(name);
  return found == by_name_.end() ? nullptr : found->second;
}

TopicPtr TopicCatalog::find(model::TopicNo no) const {
  const auto found = by_no_.find(no);
  return found == by_no_.end() ? nullptr : found->second;
}

std::vector<TopicPtr> TopicCatalog::list() const {
  std::vector<TopicPtr> topics;
  for (const auto& [name, topic] : by_name_) {
    if (topic->kind == metadata::TopicKind::kUser) topics.push_back(topic);
  }
  return topics;
}

std::vector<TopicPtr> TopicCatalog::deleting() const {
  std::vector<TopicPtr> topics;
  for (const auto& [no, topic] : by_no_) {
    if (topic->state == TopicState::kDeleting) topics.push_back(topic);
  }
  return topics;
}

void TopicCatalog::put(metadata::Topic topic) {
  erase(topic.no);
  auto shared = std::make_shared<const metadata::Topic>(std::move(topic));
  by_no_.insert_or_assign(shared->no, shared);
  if (shared->state == TopicState::kLive) by_name_.insert_or_assign(shared->name, shared);
}

void TopicCatalog::erase(model::TopicNo no) {
  const auto found = by_no_.find(no);
  if (found == by_no_.end()) return;
  const auto named = by_name_.find(found->second->name);
  if (named != by_name_.end() && named->second->no == no) by_name_.erase(named);
  by_no_.erase(found);
}

}  // namespace streamhouse::service
