#pragma once
/// \file  TopicCatalog: topics as this agent knows them, refreshed by the change feed. A hint for
/// lists and names; what must be exact is checked by the store.

#include <map>
#include <memory>
#include <set>

#include "metadata/metadata_store.h"
#include "runtime/task_group.h"
#include "runtime/telemetry/cache_use.h"

namespace streamhouse::service {

using TopicPtr = std::shared_ptr<const metadata::Topic>;

/// Threading: the core's executor.
class TopicCatalog {
 public:
  TopicCatalog(metadata::MetadataStore& metadata, runtime::TaskGroup& group)
      : metadata_(metadata), group_(group) {}

  /// Loads everything, then follows the change feed until the group stops.
  runtime::Task<void> run();
  /// Reads every topic again. Errors: kUnavailable.
  runtime::Task<base::Status> refresh();

  /// A live user topic by name; asks the store if it is not known. Errors: kTopicNotFound (also for
  /// an internal one), kUnavailable.
  runtime::Task<base::Result<TopicPtr>> get(std::string name);
  /// From memory; nullptr if not known.
  TopicPtr find(const std::string& name) const;
  TopicPtr find(model::TopicNo no) const;
  /// Live user topics by name.
  std::vector<TopicPtr> list() const;
  /// Topics that are being deleted.
  std::vector<TopicPtr> deleting() const;

  /// Of get().
  const runtime::CacheUse& use() const { return use_; }

  /// This agent has just written the topic, or removed it: its own writes show at once.
  void put(metadata::Topic topic);
  void erase(model::TopicNo no);

 private:
  metadata::MetadataStore& metadata_;
  runtime::TaskGroup& group_;
  std::map<model::TopicNo, TopicPtr> by_no_;
  std::map<std::string, TopicPtr, std::less<>> by_name_;  ///< Live ones only.
  runtime::CacheUse use_;
  std::int64_t version_ = 0;  ///< Of the change feed, as of the last refresh.
};

}  // namespace streamhouse::service
