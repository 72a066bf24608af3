#pragma once
/// \file  TopicCatalog: all topics as this agent knows them, in memory, half a second old at most
/// while the change feed is read. What must be exact is read from the store.

#include "cluster/catalog/change_feed.h"
#include "cluster/catalog/topic_table.h"
#include "runtime/cache/bounded_cache.h"
#include "runtime/cache/flights.h"
#include "runtime/telemetry/cache_use.h"

namespace streamhouse::cluster {

/// What was read before a topic was changed here, or before the feed told of a change, is not seen
/// after that, not even by who waits for it: this agent's own writes show at once.
/// Threading: the core's executor.
/// Cost:      from memory, but read(), refresh() and get() of a name that is not known.
class TopicCatalog final : public ChangeListener {
 public:
  TopicCatalog(runtime::Runtime& runtime, metadata::MetadataStore& metadata,
               runtime::TaskGroup& group);

  /// Learns of changes from `feed`, which outlives it.
  void follow(ChangeFeed& feed);
  runtime::Task<base::Status> apply(ChangeBatchPtr batch) override;

  /// A live user topic by name, as known here; asks the store if it is not known, once for all who
  /// ask meanwhile, and not again for two seconds if there is none. Errors: kTopicNotFound (also
  /// for an internal one), kUnavailable (also if the store has not answered after a second).
  runtime::Task<base::Result<TopicPtr>> get(std::string name);
  /// The same as the store has it now. Errors: kTopicNotFound, those of the store.
  runtime::Task<base::Result<TopicPtr>> read(std::string name);
  /// Reads every topic again, or one, which may have gone. Errors: those of the store.
  runtime::Task<base::Status> refresh();
  runtime::Task<base::Status> refresh(model::TopicNo no);

  /// From memory, as TopicTable has them.
  TopicPtr find(std::string_view name) const { return table_.find(name); }
  TopicPtr find(model::TopicNo no) const { return table_.find(no); }
  TopicPtr find(const model::TopicId& id) const { return table_.find(id); }
  std::shared_ptr<const TopicList> list() const { return table_.list(); }
  TopicList deleting() const { return table_.deleting(); }

  /// Of get(): of names that were asked for, and of names known not to be there.
  const runtime::CacheUse& use() const { return use_; }
  const runtime::CacheUse& absent_use() const { return absent_use_; }

  /// This agent has just written the topic, or removed it.
  void put(metadata::Topic topic);
  void erase(model::TopicNo no);

 private:
  runtime::Task<base::Result<TopicPtr>> load(std::string name);
  void landed(const std::string& name, const base::Result<TopicPtr>& loaded);
  runtime::Task<base::Status> read_all_again();
  runtime::Task<base::Result<TopicList>> read_pages();
  void invalidate(const std::string& name);
  void invalidate_all();

  runtime::Runtime& runtime_;
  metadata::MetadataStore& metadata_;
  const ChangeFeed* feed_ = nullptr;
  TopicTable table_;
  runtime::Flights<std::string, TopicPtr> loads_;
  runtime::BoundedCache<std::string, std::monostate> absent_;
  runtime::CacheUse use_;
  runtime::CacheUse absent_use_;
};

}  // namespace streamhouse::cluster
