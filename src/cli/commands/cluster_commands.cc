#include "cli/commands/run.h"
#include "cli/output/json.h"

namespace streamhouse::cli {

using base::Result;

Result<Exit> run(const AgentList&, Context& context) {
  SH_TRY(const auto agents, context.client.call(&Admin::ListAgents, v1::ListAgentsRequest()));
  return print(context, json_of(agents), table_of(agents, "agents").render());
}

Result<Exit> run(const LeaseList& command, Context& context) {
  v1::ListLeasesRequest request;
  request.set_topic(command.topic);
  SH_TRY(const auto leases, context.client.call_pages(&Admin::ListLeases, request));
  return print(context, json_of(leases), table_of(leases, "leases").render());
}

Result<Exit> run(const ClusterDescribe&, Context& context) {
  SH_TRY(const auto cluster, context.client.call(&Admin::GetCluster, v1::GetClusterRequest()));
  Table table({"CLUSTER_ID", "VERSION", "AGENTS", "TOPICS", "PARTITIONS"});
  table.add_row({cluster.cluster_id(), cluster.version(), std::to_string(cluster.agents()),
                 std::to_string(cluster.topics()), std::to_string(cluster.partitions())});
  return print(context, json_of(cluster), table.render());
}

}  // namespace streamhouse::cli
