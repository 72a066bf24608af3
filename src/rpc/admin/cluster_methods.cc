#include <charconv>

#include "rpc/admin/page.h"
#include "rpc/admin_api.h"

namespace streamhouse::rpc {
namespace {

using runtime::Task;

void describe(const metadata::Agent& agent, v1::Agent& out) {
  out.set_agent_id(agent.info.agent_id);
  out.set_address(agent.info.address);
  out.set_availability_zone(agent.info.zone);
  out.set_agent_group(agent.info.group);
  out.set_last_heartbeat(agent.last_heartbeat_ms);
  out.set_started_at(agent.started_ms);
  out.mutable_metadata()->insert(agent.info.metadata.begin(), agent.info.metadata.end());
}

void describe(const service::TopicLease& lease, v1::Lease& out) {
  out.set_topic(lease.topic);
  out.set_partition_id(lease.lease.key.partition.value());
  out.set_agent_id(lease.lease.agent_id);
  out.set_epoch(lease.lease.epoch.value());
  out.set_expires_at(lease.lease.expires_ms);
}

/// `TOPIC/PARTITION`, the last lease of a page. A topic's name has no slash.
std::string lease_token(const service::TopicLease& lease) {
  return lease.topic + "/" + std::to_string(lease.lease.key.partition.value());
}

struct LeasePlace {
  std::string_view topic;
  std::int32_t partition = -1;
  auto operator<=>(const LeasePlace&) const = default;
};

base::Result<LeasePlace> parse_lease_token(std::string_view token) {
  if (token.empty()) return LeasePlace{};
  const std::size_t slash = token.rfind('/');
  LeasePlace place;
  if (slash != std::string_view::npos) {
    place.topic = token.substr(0, slash);
    const std::string_view number = token.substr(slash + 1);
    const char* const end = number.data() + number.size();
    const auto [stop, error] = std::from_chars(number.data(), end, place.partition);
    if (error == std::errc{} && stop == end) return place;
  }
  return {base::Errc::kInvalid, "page_token '" + std::string(token) + "' is none of ours"};
}

Task<base::Status> get_cluster(Services services, v1::GetClusterResponse* response) {
  SH_CO_TRY(const auto summary, co_await services.cluster.summary());
  response->set_cluster_id(to_string(summary.cluster_id));
  response->set_version(SH_VERSION);
  response->set_agents(summary.agents);
  response->set_topics(summary.topics);
  response->set_partitions(summary.partitions);
  co_return base::Status{};
}

Task<base::Status> list_agents(Services services, v1::ListAgentsResponse* response) {
  SH_CO_TRY(const auto agents, co_await services.cluster.agents());
  for (const metadata::Agent& agent : agents) describe(agent, *response->add_agents());
  co_return base::Status{};
}

Task<base::Status> list_leases(Services services, const v1::ListLeasesRequest* request,
                               v1::ListLeasesResponse* response) {
  SH_CO_TRY(const LeasePlace after, parse_lease_token(request->page_token()));
  std::optional<std::string> topic;
  if (!request->topic().empty()) topic = request->topic();
  SH_CO_TRY(const auto leases, co_await services.cluster.leases(std::move(topic)));
  const std::size_t limit = page_limit(request->page_size());
  const service::TopicLease* last = nullptr;
  for (const service::TopicLease& lease : leases) {
    const LeasePlace place{.topic = lease.topic, .partition = lease.lease.key.partition.value()};
    if (place <= after) continue;
    if (static_cast<std::size_t>(response->leases_size()) == limit) {
      response->set_next_page_token(lease_token(*last));
      break;
    }
    describe(lease, *response->add_leases());
    last = &lease;
  }
  co_return base::Status{};
}

}  // namespace

AdminApi::Unary* AdminApi::GetCluster(Context* context, const v1::GetClusterRequest*,
                                      v1::GetClusterResponse* response) {
  return bridge_.answer(context, [=](Services s) { return get_cluster(s, response); });
}

AdminApi::Unary* AdminApi::ListAgents(Context* context, const v1::ListAgentsRequest*,
                                      v1::ListAgentsResponse* response) {
  return bridge_.answer(context, [=](Services s) { return list_agents(s, response); });
}

AdminApi::Unary* AdminApi::ListLeases(Context* context, const v1::ListLeasesRequest* request,
                                      v1::ListLeasesResponse* response) {
  return bridge_.answer(context, [=](Services s) { return list_leases(s, request, response); });
}

}  // namespace streamhouse::rpc
