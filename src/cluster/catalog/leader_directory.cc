#include "cluster/catalog/leader_directory.h"

#include <map>

namespace streamhouse::cluster {
namespace {

/// While nobody tells of changes.
constexpr auto kKnownFor = std::chrono::seconds(1);
/// A net only: changes are told.
constexpr runtime::BoundedCache<model::TopicNo, TopicLeadersPtr>::Limits kLimits{
    .entries_max = 10'000, .lifetime = std::chrono::minutes(1)};

}  // namespace

TopicLeaders::TopicLeaders(const std::vector<metadata::Lease>& leases, runtime::MonoTime read_at)
    : addresses_(1), read_at_(read_at) {
  std::map<std::string_view, std::uint32_t> agents;
  for (const metadata::Lease& lease : leases) {
    const auto index = static_cast<std::size_t>(lease.key.partition.value());
    if (partitions_.size() <= index) partitions_.resize(index + 1);
    const auto next = static_cast<std::uint32_t>(addresses_.size());
    const auto [agent, added] = agents.emplace(lease.address, next);
    if (added) addresses_.push_back(lease.address);
    partitions_[index] = {.agent = agent->second, .epoch = lease.epoch};
  }
  partitions_.shrink_to_fit();
}

std::string_view TopicLeaders::address(model::PartitionIndex partition) const {
  const auto index = static_cast<std::size_t>(partition.value());
  return index < partitions_.size() ? addresses_[partitions_[index].agent] : std::string_view();
}

model::LeaderEpoch TopicLeaders::epoch(model::PartitionIndex partition) const {
  const auto index = static_cast<std::size_t>(partition.value());
  return index < partitions_.size() ? partitions_[index].epoch : model::LeaderEpoch();
}

LeaderDirectory::LeaderDirectory(runtime::Runtime& runtime, metadata::MetadataStore& metadata,
                                 runtime::TaskGroup& group, std::string own_address)
    : runtime_(runtime),
      metadata_(metadata),
      own_address_(std::move(own_address)),
      known_(kLimits),
      loads_({.runtime = runtime,
              .group = group,
              .load = [this](model::TopicNo topic) { return load(topic); },
              .landed =
                  [this](model::TopicNo topic, const base::Result<TopicLeadersPtr>& loaded) {
                    if (loaded) known_.insert(topic, *loaded, runtime_.now());
                  }}) {}

void LeaderDirectory::follow(ChangeFeed& feed) {
  feed.add(*this);
  feed_ = &feed;
}

runtime::Task<base::Status> LeaderDirectory::apply(ChangeBatchPtr batch) {
  bool any = batch->missed_some;
  for (const metadata::Change& change : batch->changes) {
    const bool lease = change.kind == metadata::ChangeKind::kLease;
    const auto topic = lease ? topic_of(change) : std::nullopt;
    any = any || change.kind == metadata::ChangeKind::kAgent || (lease && !topic);
    if (!topic) continue;
    known_.erase(*topic);
    loads_.invalidate(*topic);
  }
  if (any) {  // agents' changes too: addresses are theirs
    known_.clear();
    loads_.invalidate_all();
  }
  co_return base::Status{};
}

runtime::Task<base::Error> LeaderDirectory::name_leader(base::Error error,
                                                        model::TopicPartition key) {
  if (error.code != base::Errc::kNotLeader) co_return error;
  const auto leaders = co_await get(key.topic);
  if (!leaders) co_return error;
  const std::string_view address = (*leaders)->address(key.partition);
  if (address != own_address_) error.leader = address;
  co_return error;
}

TopicLeadersPtr LeaderDirectory::find(model::TopicNo topic) {
  const runtime::MonoTime now = runtime_.now();
  const TopicLeadersPtr* const known = known_.find(topic, now);
  if (known == nullptr) return nullptr;
  const bool told = feed_ != nullptr && feed_->fresh();
  return told || now < (*known)->read_at() + kKnownFor ? *known : nullptr;
}

runtime::Task<base::Result<TopicLeadersPtr>> LeaderDirectory::get(model::TopicNo topic) {
  TopicLeadersPtr known = find(topic);
  if (known) {
    ++use_.hits;
    co_return known;
  }
  ++(loads_.is_loading(topic) ? use_.coalesced : use_.misses);
  auto loaded = co_await loads_.get(topic);
  const TopicLeadersPtr* const last = known_.find(topic, runtime_.now());
  if (!loaded && last != nullptr) co_return *last;
  co_return loaded;
}

runtime::Task<base::Result<TopicLeadersPtr>> LeaderDirectory::load(model::TopicNo topic) {
  const runtime::MonoTime asked_at = runtime_.now();
  SH_CO_TRY(const auto leases, co_await metadata_.list_leases(topic));
  co_return std::make_shared<const TopicLeaders>(leases, asked_at);
}

runtime::Task<base::Error> name_leader(LeaderDirectory* leaders, base::Error error,
                                       model::TopicPartition key) {
  if (leaders == nullptr) co_return error;
  co_return co_await leaders->name_leader(std::move(error), key);
}

}  // namespace streamhouse::cluster
