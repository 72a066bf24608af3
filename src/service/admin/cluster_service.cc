#include "service/admin/cluster_service.h"

#include <algorithm>

namespace streamhouse::service {

runtime::Task<base::Result<ClusterSummary>> ClusterService::summary() {
  SH_CO_TRY(const metadata::ClusterInfo info, co_await metadata_.cluster_info());
  SH_CO_TRY(const auto alive, co_await metadata_.list_agents(metadata::Liveness::kAlive));
  SH_CO_TRY_OK(co_await topics_.refresh());
  ClusterSummary summary{.cluster_id = info.cluster_id,
                         .agents = static_cast<std::int64_t>(alive.size())};
  const auto topics = topics_.list();
  for (const cluster::TopicPtr& topic : *topics) {
    ++summary.topics;
    summary.partitions += topic->partition_count;
  }
  co_return summary;
}

runtime::Task<base::Result<std::vector<metadata::Agent>>> ClusterService::agents() {
  co_return co_await metadata_.list_agents(metadata::Liveness::kAlive);
}

runtime::Task<base::Result<std::vector<TopicLease>>> ClusterService::leases(
    std::optional<std::string> topic) {
  std::optional<model::TopicNo> only;
  if (topic) {
    SH_CO_TRY(const cluster::TopicPtr found, co_await topics_.read(*topic));
    only = found->no;
  } else {
    SH_CO_TRY_OK(co_await topics_.refresh());
  }
  SH_CO_TRY(const auto leases, co_await metadata_.list_leases(only));
  std::vector<TopicLease> answer;
  for (const metadata::Lease& lease : leases) {
    const cluster::TopicPtr found = topics_.find(lease.key.topic);
    const bool shown = found && found->state == metadata::TopicState::kLive &&
                       found->kind == metadata::TopicKind::kUser;
    if (shown) answer.push_back({.topic = found->name, .lease = lease});
  }
  std::ranges::sort(answer, {}, [](const TopicLease& one) {
    return std::pair(std::string_view(one.topic), one.lease.key.partition);
  });
  co_return answer;
}

}  // namespace streamhouse::service
