#pragma once
/// \file  CatalogueKeeper: keeps the topics in the object store equal to those in the database, so
/// that a rebuild without the database finds them. docs/formats/object_keys.md has the keys.

#include <map>
#include <optional>

#include "cluster/agent_session.h"
#include "cluster/catalog/change_feed.h"
#include "runtime/cache/bounded_cache.h"
#include "runtime/one_shot.h"

namespace streamhouse::upkeep {

/// Whoever changes a topic stores its new version. A process may die between the two, so every
/// agent looks, some seconds after the feed has told of a change, whether that was done; and at all
/// topics when it starts. What the store has and the database has not is left alone: a topic leaves
/// the database only after it was stored as deleting, so either it is that, or the database has
/// lost it.
/// Threading: the core's executor.
/// Cost:      a put and a removal for each change, a list for each change and agent; about 80 bytes
///            a topic while all are looked at.
class CatalogueKeeper final : public cluster::ChangeListener {
 public:
  struct Ports {
    runtime::Runtime& runtime;
    metadata::MetadataStore& metadata;
    objectstore::ObjectStore& objects;
    cluster::AgentSession& session;  ///< Nothing is written for a database that has lost rows.
    runtime::TaskGroup& group;
  };
  explicit CatalogueKeeper(Ports ports);

  runtime::Task<base::Status> apply(cluster::ChangeBatchPtr batch) override;
  /// Looks at what is due until the group stops, or the session froze.
  runtime::Task<void> run();

  /// This agent has just changed the topic. Returns when that is stored, or after `patience` all
  /// the same: then it is done later.
  runtime::Task<void> changed(metadata::Topic topic, runtime::Duration patience);
  /// Returns when the topic is stored and its earlier versions are gone. A repeat costs nothing for
  /// a while. Errors: those of the stores.
  runtime::Task<base::Status> store(metadata::Topic topic);

  /// Why what was due last is not stored; it is tried again.
  const std::optional<base::Error>& trouble() const { return trouble_; }

  /// How long whoever makes a change has to store it before others look.
  static constexpr runtime::Duration kMakersTurn = std::chrono::seconds(5);
  static constexpr runtime::Duration kRetry = std::chrono::seconds(10);
  /// Above so many changed topics all are looked at.
  static constexpr std::size_t kDueMax = 1'000;

 private:
  /// Versions that should be stored.
  using Wanted = std::map<model::TopicId, std::int64_t>;

  runtime::Task<void> store_changed(metadata::Topic topic, runtime::OneShot<base::Status> stored);
  runtime::Task<base::Status> put(metadata::Topic topic);
  runtime::Task<base::Status> prune(std::string prefix, Wanted* wanted);
  runtime::Task<void> prune_one(model::TopicId id);
  runtime::Task<base::Status> remove(std::vector<std::string> keys);
  runtime::Task<void> look();
  runtime::Task<base::Status> look_at_due(runtime::MonoTime now);
  runtime::Task<base::Status> look_at(model::TopicNo no);
  runtime::Task<base::Status> look_at_all();
  runtime::Task<base::Result<Wanted>> read_all();
  bool over() const { return ports_.group.stopping() || ports_.session.frozen(); }

  Ports ports_;
  std::optional<metadata::ClusterInfo> cluster_;
  std::map<model::TopicNo, runtime::MonoTime> due_;
  std::optional<runtime::MonoTime> all_due_;
  std::optional<base::Error> trouble_;
  runtime::BoundedCache<model::TopicNo, std::int64_t> stored_;  ///< Versions, by store().
};

}  // namespace streamhouse::upkeep
