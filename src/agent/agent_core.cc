#include "agent/agent_core.h"

#include "cluster/look_back.h"
#include "groups/group_shard.h"
#include "runtime/retry/retry.h"

namespace streamhouse::agent {
namespace {

/// How long a lost session's last append may take to become known before the next session is
/// opened.
constexpr auto kEndingMax = std::chrono::minutes(10);

}  // namespace

AgentCore::AgentCore(CorePorts ports, CoreConfig config)
    : ports_(ports),
      config_(std::move(config)),
      group_(ports.runtime),
      session_({.runtime = ports.runtime, .metadata = ports.metadata, .objects = ports.objects},
               config_.agent, config_.session, group_),
      budget_(ports.runtime, config_.buffer_limit),
      feed_(ports.runtime, ports.metadata, group_),
      topics_(ports.runtime, ports.metadata, group_),
      catalogue_({.runtime = ports.runtime,
                  .metadata = ports.metadata,
                  .objects = ports.objects,
                  .session = session_,
                  .group = group_}),
      produce_(ports.runtime, budget_, topics_, scope_, config_.produce_timeout, ports.leaders,
               ports.compressors),
      producers_(ports.runtime, ports.metadata),
      topic_service_({.runtime = ports.runtime,
                      .metadata = ports.metadata,
                      .topics = topics_,
                      .scope = scope_,
                      .group = group_,
                      .leaders = ports.leaders,
                      .catalogue = &catalogue_}),
      groups_({.metadata = ports.metadata,
               .topics = topics_,
               .scope = scope_,
               .leaders = ports.leaders}),
      membership_(scope_),
      fetch_({.runtime = ports.runtime,
              .metadata = ports.metadata,
              .topics = topics_,
              .scope = scope_,
              .groups = groups_,
              .leaders = ports.leaders}),
      cluster_(ports.metadata, topics_),
      segments_({.metadata = ports.metadata, .blocks = ports.blocks, .topics = topics_}),
      fsck_({.metadata = ports.metadata, .objects = ports.objects}),
      upkeep_({.runtime = ports.runtime,
               .metadata = ports.metadata,
               .objects = ports.objects,
               .session = session_},
              config_.upkeep, group_),
      changed_(ports.runtime) {
  if (ports.leaders != nullptr) ports.leaders->follow(feed_);  // first: it waits for nothing
  topics_.follow(feed_);
  feed_.add(catalogue_);
}

runtime::Task<base::Status> AgentCore::run() {
  base::Status ended = co_await prepare();
  while (ended && !stopping_) ended = co_await live_one_session();
  ready_ = false;
  if (!stopping_) co_await group_.close();
  changed_.notify_all();
  co_return stopping_ ? base::Status{} : ended;
}

runtime::Task<base::Status> AgentCore::prepare() {
  const auto read = [this] { return ports_.metadata.cluster_info(); };
  SH_CO_TRY(const metadata::ClusterInfo info,
            co_await runtime::retry_until_known(ports_.runtime, group_, read));
  config_.scope.writer.cluster_id = info.cluster_id;
  if (stopping_) co_return base::Status{};  // the group takes no more loops
  group_.spawn(feed_.run());
  group_.spawn(catalogue_.run());
  group_.spawn(topic_service_.finish_deletions());
  if (config_.upkeep.interval > runtime::Duration(0)) group_.spawn(upkeep_.run());
  co_return base::Status{};
}

runtime::Task<base::Status> AgentCore::live_one_session() {
  SH_CO_TRY([[maybe_unused]] const model::SessionId id, co_await session_.open());
  if (stopping_) co_return base::Status{};  // the group takes no more loops
  group_.spawn(session_.keep_alive());
  const base::Status taken = co_await session_.take_over_predecessors();
  if (session_.lost()) co_return base::Status{};  // sealed by another meanwhile: the next one
  SH_CO_TRY_OK(taken);
  const std::string offsets_name(groups::kOffsetsTopic);
  SH_CO_TRY(const cluster::TopicPtr offsets,
            co_await topic_service_.ensure_internal(offsets_name, groups::kOffsetsPartitions));
  if (stopping_) {  // stop() found no scope to end, and ends none that starts now
    session_.set_lost();
    co_return base::Status{};
  }
  const service::ScopePorts ports{.runtime = ports_.runtime,
                                  .metadata = ports_.metadata,
                                  .objects = ports_.objects,
                                  .blocks = ports_.blocks,
                                  .budget = budget_,
                                  .session = session_,
                                  .rows = ports_.rows};
  const auto scope = std::make_shared<service::SessionScope>(ports, config_.scope, *offsets);
  scope->start();
  scope_.set(scope);
  scope->group().spawn(watch_readiness(scope));
  while (!session_.lost()) co_await session_.changed().wait();
  ready_ = false;
  changed_.notify_all();
  const runtime::MonoTime deadline = ports_.runtime.now() + kEndingMax;
  co_await declare_any_loss(scope->writer().commits().committed_seq());
  if (!stopping_) co_await scope->close(deadline);
  earlier_index_use_ += scope->index_loader().use();
  earlier_group_use_ += scope->groups().use();
  scope_.set(nullptr);
  co_return base::Status{};
}

/// Rule P1: also of commits that a seal stands in front of, whose sender was answered `fenced`.
runtime::Task<void> AgentCore::declare_any_loss(model::Seq committed) {
  const auto look = [this, committed] {
    return cluster::look_back(ports_.metadata, session_.id(), committed);
  };
  if (!session_.frozen() && !stopping_) {
    const base::Status kept = co_await runtime::retry_until_known(
        ports_.runtime, group_, look, base::Errc::kRegressed);  // a look changes nothing
    if (!kept && kept.error().code == base::Errc::kRegressed) session_.freeze(kept.error());
  }
  if (const auto& loss = session_.frozen()) {
    [[maybe_unused]] const base::Status declared = co_await session_.declare_loss(loss->text);
  }
}

runtime::Task<void> AgentCore::watch_readiness(std::shared_ptr<service::SessionScope> scope) {
  while (!scope->group().stopping() && !session_.lost()) {
    if (scope->leases().caught_up()) {
      ready_ = true;
      changed_.notify_all();
      co_return;
    }
    co_await scope->writer().leadership_changed().wait_until(ports_.runtime.now() +
                                                             std::chrono::milliseconds(10));
  }
}

runtime::CacheUse AgentCore::index_use() const {
  runtime::CacheUse use = earlier_index_use_;
  if (const auto scope = scope_.get()) use += (*scope)->index_loader().use();
  return use;
}

std::optional<base::Error> AgentCore::rebuild_trouble() const {
  if (catalogue_.trouble()) return catalogue_.trouble();
  const auto scope = scope_.get();
  return scope ? (*scope)->snapshots().trouble() : std::nullopt;
}

runtime::CacheUse AgentCore::group_use() const {
  runtime::CacheUse use = earlier_group_use_;
  if (const auto scope = scope_.get()) use += (*scope)->groups().use();
  return use;
}

runtime::Task<base::Status> AgentCore::stop(runtime::MonoTime deadline) {
  stopping_ = true;
  ready_ = false;
  base::Status drained;
  if (const auto scope = scope_.get()) {
    ingest::SessionWriter& writer = (*scope)->writer();
    drained = co_await writer.drain(deadline);
    if (drained) drained = co_await writer.release_all(deadline);
    if (!drained && drained.error().code == base::Errc::kNotLeader)
      drained = {};  // sealed by another: over all the same
    group_.stop();   // heartbeats pause in it
    co_await (*scope)->close(deadline);
  }
  co_await group_.close();
  co_return drained;
}

}  // namespace streamhouse::agent
