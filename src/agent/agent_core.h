#pragma once
/// \file  AgentCore: an agent without its sockets. It lives through one session after the other;
/// front ends call its services.

#include <memory>

#include "blockcache/object_blocks.h"
#include "cluster/agent_session.h"
#include "service/admin/cluster_service.h"
#include "service/admin/fsck_service.h"
#include "service/admin/segment_service.h"
#include "service/fetch_service.h"
#include "service/group_service.h"
#include "service/membership/membership_service.h"
#include "service/produce_service.h"
#include "service/producers/producer_service.h"
#include "service/topic_service.h"
#include "upkeep/catalogue/catalogue_keeper.h"
#include "upkeep/upkeep.h"

namespace streamhouse::agent {

struct CoreConfig {
  metadata::AgentInfo agent;
  cluster::SessionConfig session;
  service::ScopeConfig scope;
  upkeep::UpkeepConfig upkeep;
  std::size_t buffer_limit = 256u << 20;
  runtime::Duration produce_timeout = std::chrono::seconds(30);
};

struct CorePorts {
  runtime::Runtime& runtime;
  metadata::MetadataStore& metadata;
  objectstore::ObjectStore& objects;
  blockcache::ObjectBlocks& blocks;
  ingest::RowObserver* rows = nullptr;
  cluster::LeaderDirectory* leaders = nullptr;   ///< None: not_leader names nobody.
  runtime::BlockingPool* compressors = nullptr;  ///< None: batches are compressed anew in place.
};

/// Lifetime:  run() has returned before it is destroyed, unless the whole runtime is torn down (a
/// crash). Threading: the core's executor.
class AgentCore {
 public:
  AgentCore(CorePorts ports, CoreConfig config);

  /// Lives until stop(). Errors: why the agent cannot go on (its id is held by another process, the
  /// database regressed).
  runtime::Task<base::Status> run();
  /// Refuses new work, commits what was accepted, lets every partition go and ends run(). What is
  /// not known at `deadline` stays unknown (kUnknownOutcome).
  runtime::Task<base::Status> stop(runtime::MonoTime deadline);

  /// Whether a session is open and every free partition was offered a leader.
  bool ready() const { return ready_; }
  /// Notified when ready() changes and when run() is about to return.
  runtime::Signal& changed() { return changed_; }
  model::SessionId session_id() const { return session_.id(); }
  const model::TopicId& cluster_id() const { return config_.scope.writer.cluster_id; }
  /// When the newest successful heartbeat was sent.
  runtime::MonoTime last_heartbeat() const { return session_.last_heartbeat(); }
  /// Of a session that could not be taken over as a whole.
  std::optional<base::Error> take_over_trouble() const { return session_.trouble(); }

  ingest::BufferBudget& budget() { return budget_; }
  cluster::TopicCatalog& topics() { return topics_; }
  service::ProduceService& produce() { return produce_; }
  service::ProducerService& producers() { return producers_; }
  service::FetchService& fetch() { return fetch_; }
  service::TopicService& topic_service() { return topic_service_; }
  service::GroupService& groups() { return groups_; }
  service::MembershipService& membership() { return membership_; }
  service::ClusterService& cluster() { return cluster_; }
  service::SegmentService& segments() { return segments_; }
  service::FsckService& fsck() { return fsck_; }
  service::CurrentScope& scope() { return scope_; }
  const upkeep::Upkeep& upkeep() const { return upkeep_; }
  /// Why something that a rebuild without the database needs is not stored; it is tried again.
  std::optional<base::Error> rebuild_trouble() const;
  /// Of the indexes of all partitions and the states of all groups, in all sessions.
  runtime::CacheUse index_use() const;
  runtime::CacheUse group_use() const;

 private:
  runtime::Task<base::Status> prepare();
  runtime::Task<base::Status> live_one_session();
  runtime::Task<void> declare_any_loss(model::Seq committed);
  runtime::Task<void> watch_readiness(std::shared_ptr<service::SessionScope> scope);

  CorePorts ports_;
  CoreConfig config_;
  runtime::TaskGroup group_;
  cluster::AgentSession session_;
  ingest::BufferBudget budget_;
  service::CurrentScope scope_;
  cluster::ChangeFeed feed_;
  cluster::TopicCatalog topics_;
  upkeep::CatalogueKeeper catalogue_;
  service::ProduceService produce_;
  service::ProducerService producers_;
  service::TopicService topic_service_;
  service::GroupService groups_;
  service::MembershipService membership_;
  service::FetchService fetch_;
  service::ClusterService cluster_;
  service::SegmentService segments_;
  service::FsckService fsck_;
  upkeep::Upkeep upkeep_;
  runtime::CacheUse earlier_index_use_;  ///< In sessions that are over.
  runtime::CacheUse earlier_group_use_;
  runtime::Signal changed_;
  bool ready_ = false;
  bool stopping_ = false;
};

}  // namespace streamhouse::agent
