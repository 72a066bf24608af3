#include "cluster/catalog/topic_catalog.h"

namespace streamhouse::cluster {
namespace {

using base::Errc;

constexpr std::size_t kTopicsPerPage = 1'000;
/// Above so many changed topics all are read again.
constexpr std::size_t kReadOneByOneMax = 100;
constexpr runtime::BoundedCache<std::string, std::monostate>::Limits kAbsentLimits{
    .entries_max = 1'000, .lifetime = std::chrono::seconds(2)};

base::Result<TopicPtr> if_user_topic(TopicPtr topic) {
  if (topic->kind == metadata::TopicKind::kUser) return topic;
  return {Errc::kTopicNotFound, "topic " + topic->name + " does not exist"};
}

}  // namespace

TopicCatalog::TopicCatalog(runtime::Runtime& runtime, metadata::MetadataStore& metadata,
                           runtime::TaskGroup& group)
    : runtime_(runtime),
      metadata_(metadata),
      loads_({.runtime = runtime,
              .group = group,
              .load = [this](std::string name) { return load(std::move(name)); },
              .landed = [this](const std::string& name,
                               const base::Result<TopicPtr>& loaded) { landed(name, loaded); }}),
      absent_(kAbsentLimits) {}

void TopicCatalog::follow(ChangeFeed& feed) {
  feed.add(*this);
  feed_ = &feed;
}

runtime::Task<base::Status> TopicCatalog::apply(ChangeBatchPtr batch) {
  std::set<model::TopicNo> changed;
  bool any = batch->missed_some;
  for (const metadata::Change& change : batch->changes) {
    if (change.kind != metadata::ChangeKind::kTopic) continue;
    const auto no = topic_of(change);
    any = any || !no;
    if (no) changed.insert(*no);
  }
  if (any || changed.size() > kReadOneByOneMax) co_return co_await read_all_again();
  for (const model::TopicNo no : changed) SH_CO_TRY_OK(co_await refresh(no));
  co_return base::Status{};
}

runtime::Task<base::Status> TopicCatalog::refresh(model::TopicNo no) {
  const TopicTable::Moment begun = table_.now();
  auto topic = co_await metadata_.get_topic(no);
  if (topic) {
    invalidate(topic->name);
    table_.learn(std::make_shared<const metadata::Topic>(*std::move(topic)), begun);
    co_return base::Status{};
  }
  if (topic.error().code != Errc::kTopicNotFound) co_return base::Status(topic.error());
  erase(no);
  co_return base::Status{};
}

/// After changes that are not known one by one.
runtime::Task<base::Status> TopicCatalog::read_all_again() {
  const TopicTable::Moment begun = table_.now();
  SH_CO_TRY(const TopicList topics, co_await read_pages());
  table_.distrust_before(begun);
  table_.learn_all(topics, begun);
  invalidate_all();
  co_return base::Status{};
}

runtime::Task<base::Status> TopicCatalog::refresh() {
  const TopicTable::Moment begun = table_.now();
  SH_CO_TRY(const TopicList topics, co_await read_pages());
  table_.learn_all(topics, begun);
  co_return base::Status{};
}

runtime::Task<base::Result<TopicList>> TopicCatalog::read_pages() {
  TopicList topics;
  model::TopicNo after{0};
  while (true) {
    SH_CO_TRY(auto page, co_await metadata_.list_topics(after, kTopicsPerPage));
    for (metadata::Topic& topic : page) {
      after = topic.no;
      topics.push_back(std::make_shared<const metadata::Topic>(std::move(topic)));
    }
    if (page.size() < kTopicsPerPage) co_return topics;
  }
}

runtime::Task<base::Result<TopicPtr>> TopicCatalog::get(std::string name) {
  TopicPtr known = find(name);
  if (known) {
    ++use_.hits;
    if (feed_ != nullptr && !feed_->fresh()) ++use_.stale;
    co_return if_user_topic(std::move(known));
  }
  if (absent_.find(name, runtime_.now()) != nullptr) {
    ++absent_use_.hits;
    co_return base::make_error(Errc::kTopicNotFound, "topic " + name + " does not exist");
  }
  ++(loads_.is_loading(name) ? use_.coalesced : use_.misses);
  SH_CO_TRY(TopicPtr loaded, co_await loads_.get(name));
  if (TopicPtr newer = find(name)) loaded = std::move(newer);
  co_return if_user_topic(std::move(loaded));
}

runtime::Task<base::Result<TopicPtr>> TopicCatalog::read(std::string name) {
  SH_CO_TRY(TopicPtr topic, co_await load(std::move(name)));
  co_return if_user_topic(std::move(topic));
}

runtime::Task<base::Result<TopicPtr>> TopicCatalog::load(std::string name) {
  const TopicTable::Moment begun = table_.now();
  SH_CO_TRY(auto read, co_await metadata_.get_topic(std::move(name)));
  auto topic = std::make_shared<const metadata::Topic>(std::move(read));
  absent_.erase(topic->name);
  table_.learn(topic, begun);
  co_return topic;
}

void TopicCatalog::landed(const std::string& name, const base::Result<TopicPtr>& loaded) {
  if (loaded || loaded.error().code != Errc::kTopicNotFound) return;
  ++absent_use_.misses;
  absent_.insert(name, {}, runtime_.now());
}

void TopicCatalog::put(metadata::Topic topic) {
  invalidate(topic.name);
  table_.learn(std::make_shared<const metadata::Topic>(std::move(topic)), table_.now());
}

void TopicCatalog::erase(model::TopicNo no) {
  if (const TopicPtr known = find(no)) {
    invalidate(known->name);
  } else {
    invalidate_all();  // whatever its name was
  }
  table_.remove(no);
}

/// What is known of the name, or being read, but for the topic itself.
void TopicCatalog::invalidate(const std::string& name) {
  loads_.invalidate(name);
  absent_.erase(name);
}

void TopicCatalog::invalidate_all() {
  loads_.invalidate_all();
  absent_.clear();
}

}  // namespace streamhouse::cluster
