#include "cli/commands/run.h"
#include "cli/output/json.h"

namespace streamhouse::cli {

using base::Result;

namespace {

const std::vector<std::string> kTopicColumns = {"name", "partition_count", "retention_ms", "config",
                                                "created_at"};

/// Create and alter both answer the topic as it now is.
Result<Exit> print_topic(Context& context, const v1::Topic& topic) {
  v1::ListTopicsResponse one;
  *one.add_topics() = topic;
  return print(context, json_of(topic), table_of(one, "topics", kTopicColumns).render());
}

}  // namespace

Result<Exit> run(const TopicCreate& command, Context& context) {
  v1::CreateTopicRequest request;
  request.set_name(command.topic);
  request.set_partition_count(command.partition_count);
  if (command.retention_ms) request.set_retention_ms(*command.retention_ms);
  request.mutable_config()->insert(command.config.begin(), command.config.end());
  SH_TRY(const auto response, context.client.call(&Admin::CreateTopic, request));
  return print_topic(context, response.topic());
}

Result<Exit> run(const TopicAlter& command, Context& context) {
  v1::UpdateTopicConfigRequest request;
  request.set_name(command.topic);
  if (command.retention_ms) request.set_retention_ms(*command.retention_ms);
  request.mutable_config()->insert(command.config.begin(), command.config.end());
  request.mutable_unset()->Assign(command.unset.begin(), command.unset.end());
  SH_TRY(const auto response, context.client.call(&Admin::UpdateTopicConfig, request));
  return print_topic(context, response.topic());
}

Result<Exit> run(const TopicList&, Context& context) {
  SH_TRY(const auto topics, context.client.call_pages(&Admin::ListTopics, v1::ListTopicsRequest()));
  return print(context, json_of(topics), table_of(topics, "topics", kTopicColumns).render());
}

Result<Exit> run(const TopicDescribe& command, Context& context) {
  v1::GetTopicRequest request;
  request.set_name(command.topic);
  SH_TRY(const auto response, context.client.call(&Admin::GetTopic, request));
  v1::ListTopicsResponse one;
  *one.add_topics() = response.topic();
  return print(context, topic_json(response),
               table_of(one, "topics").render() + "\n" + table_of(response, "partitions").render());
}

Result<Exit> run(const TopicDelete& command, Context& context) {
  v1::DeleteTopicRequest request;
  request.set_name(command.topic);
  SH_TRY(const auto response, context.client.call(&Admin::DeleteTopic, request));
  Table table({"DELETED"});
  table.add_row({response.deleted()});
  return print(context, json_of(response), table.render());
}

}  // namespace streamhouse::cli
