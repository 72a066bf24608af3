#include "cli/commands/run.h"
#include "cli/output/json.h"

namespace streamhouse::cli {

using base::Result;

Result<Exit> run(const GroupList&, Context& context) {
  SH_TRY(const auto groups, context.client.call_pages(&Admin::ListGroups, v1::ListGroupsRequest()));
  return print(context, json_of(groups), table_of(groups, "groups").render());
}

Result<Exit> run(const GroupDescribe& command, Context& context) {
  v1::GetGroupRequest request;
  request.set_group_id(command.group);
  SH_TRY(const auto group, context.client.call(&Admin::GetGroup, request));
  Table heading({"GROUP_ID", "STATE", "GENERATION"});
  heading.add_row({group.group_id(), group.state(), std::to_string(group.generation())});
  auto text = heading.render() + "\n" + table_of(group, "offsets").render();
  if (group.members_size() > 0) text += "\n" + table_of(group, "members").render();
  return print(context, json_of(group), text);
}

Result<Exit> run(const GroupDelete& command, Context& context) {
  v1::DeleteGroupRequest request;
  request.set_group_id(command.group);
  SH_TRY(const auto response, context.client.call(&Admin::DeleteGroup, request));
  Table table({"DELETED"});
  table.add_row({response.deleted()});
  return print(context, json_of(response), table.render());
}

Result<Exit> run(const GroupCommit& command, Context& context) {
  v1::CommitOffsetsRequest request;
  request.set_group(command.group);
  auto& commit = *request.add_offsets();
  commit.set_topic(command.topic);
  commit.set_partition(command.partition);
  commit.set_offset(command.offset);
  commit.set_metadata(command.metadata);
  SH_TRY_OK(context.client.call(&Records::CommitOffsets, request));
  Table table({"GROUP_ID", "TOPIC", "PARTITION_ID", "COMMITTED_OFFSET", "METADATA"});
  table.add_row({command.group, command.topic, std::to_string(command.partition),
                 std::to_string(command.offset), command.metadata});
  return print(context, commit_json(command.group, commit), table.render());
}

}  // namespace streamhouse::cli
