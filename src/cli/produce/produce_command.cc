#include "cli/commands/run.h"
#include "cli/output/json.h"
#include "cli/produce/line_producer.h"

namespace streamhouse::cli {

using base::Result;

namespace {

Result<Exit> print_summary(Context& context, const ProduceSummary& summary) {
  Table table({"PARTITION_ID", "FIRST_OFFSET", "LAST_OFFSET", "RECORD_COUNT"});
  for (const auto& [partition, sum] : summary.partitions) {
    table.add_row({std::to_string(partition), std::to_string(sum.first_offset),
                   std::to_string(sum.last_offset), std::to_string(sum.record_count)});
  }
  return print(context, produce_json(summary), table.render());
}

Result<ProduceSummary> produce_value(const Produce& command, Client& client) {
  v1::ProduceRequest request;
  request.set_topic(command.topic);
  if (command.partition) request.set_partition(*command.partition);
  SH_TRY(*request.mutable_record(), make_record(command, *command.value, "the value"));
  SH_TRY(const auto response, client.call(&Records::Produce, request));
  ProduceSummary summary{.topic = command.topic, .partitions = {}};
  summary.add(response.partition(), response.offset(), 1);
  return summary;
}

}  // namespace

Result<Exit> run(const Produce& command, Context& context) {
  SH_TRY(const auto summary, command.value ? produce_value(command, context.client)
                                           : produce_lines(command, context.client));
  return print_summary(context, summary);
}

}  // namespace streamhouse::cli
