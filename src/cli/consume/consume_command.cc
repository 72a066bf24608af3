#include <algorithm>
#include <numeric>

#include "cli/commands/run.h"
#include "cli/consume/consumer.h"

namespace streamhouse::cli {

using base::Result;

namespace {

Result<std::vector<std::int32_t>> partitions_of(const Consume& command, Client& client) {
  if (command.partition) return std::vector{*command.partition};
  v1::GetTopicRequest request;
  request.set_name(command.topic);
  request.set_omit_partitions(true);
  SH_TRY(const auto response, client.call(&Admin::GetTopic, request));
  const auto count = std::max(0, response.topic().partition_count());
  std::vector<std::int32_t> partitions(static_cast<std::size_t>(count));
  std::iota(partitions.begin(), partitions.end(), 0);
  return partitions;
}

}  // namespace

Result<Exit> run(const Consume& command, Context& context) {
  SH_TRY(const auto partitions, partitions_of(command, context.client));
  SH_TRY_OK(Consumer(command, context).run(partitions));
  return Exit::kDone;
}

}  // namespace streamhouse::cli
