#include "cli/client/server_streams.h"
#include "cli/commands/run.h"
#include "cli/output/json.h"
#include "cli/output/record_text.h"

namespace streamhouse::cli {

using base::Result;
using base::Status;

Result<Exit> run(const SegmentList& command, Context& context) {
  v1::ListSegmentsRequest request;
  request.set_topic(command.topic);
  if (command.partition) request.set_partition_id(*command.partition);
  SH_TRY(const auto segments, context.client.call_pages(&Admin::ListSegments, request));
  return print(context, json_of(segments), table_of(segments, "segments").render());
}

Result<Exit> run(const SegmentDump& command, Context& context) {
  auto& output = context.output;
  const bool json = output.format() == OutputFormat::kJson;
  v1::DumpSegmentRequest request;
  request.set_id(command.id);
  const auto open = [&](Peer& peer, grpc::ClientContext* call, grpc::CompletionQueue* queue) {
    return peer.admin->PrepareAsyncDumpSegment(call, request, queue);
  };
  const auto print_records = [&](const v1::DumpSegmentResponse& response) -> Status {
    for (const auto& record : response.records()) {
      SH_TRY_OK(
          output.write(json ? record_json(response.topic(), response.partition_id(), record) + "\n"
                            : dump_text(record)));
    }
    return output.flush();
  };
  if (!json) SH_TRY_OK(output.write(dump_header()));
  SH_TRY_OK(read_stream<v1::DumpSegmentResponse>(context.client, open, print_records));
  SH_TRY_OK(output.flush());
  return Exit::kDone;
}

}  // namespace streamhouse::cli
