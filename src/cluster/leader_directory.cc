#include "cluster/leader_directory.h"

namespace streamhouse::cluster {

namespace {

constexpr auto kKnownFor = std::chrono::seconds(1);
constexpr std::size_t kKnownMax = 10'000;

}  // namespace

runtime::Task<base::Error> LeaderDirectory::name_leader(base::Error error,
                                                        model::TopicPartition key) {
  if (error.code == base::Errc::kNotLeader) error.leader = co_await address_of(key);
  co_return error;
}

runtime::Task<std::string> LeaderDirectory::address_of(model::TopicPartition key) {
  const auto found = known_.find(key);
  const bool fresh = found != known_.end() && runtime_.now() < found->second.read_at + kKnownFor;
  ++(fresh ? use_.hits : use_.misses);
  if (fresh) co_return found->second.address;
  const runtime::MonoTime asked_at = runtime_.now();
  const auto lease = co_await metadata_.get_lease(key);
  std::string address = lease && lease->address != own_address_ ? lease->address : "";
  if (known_.size() >= kKnownMax) known_.clear();
  known_.insert_or_assign(key, Known{.address = address, .read_at = asked_at});
  co_return address;
}

runtime::Task<base::Error> name_leader(LeaderDirectory* leaders, base::Error error,
                                       model::TopicPartition key) {
  if (leaders == nullptr) co_return error;
  co_return co_await leaders->name_leader(std::move(error), key);
}

}  // namespace streamhouse::cluster
