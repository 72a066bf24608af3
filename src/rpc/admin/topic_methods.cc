#include "rpc/admin/page.h"
#include "rpc/admin_api.h"

namespace streamhouse::rpc {
namespace {

using runtime::Task;

void describe(const metadata::Topic& topic, v1::Topic& out) {
  out.set_name(topic.name);
  out.set_topic_id(to_string(topic.id));
  out.set_partition_count(topic.partition_count);
  if (topic.retention_ms) out.set_retention_ms(*topic.retention_ms);
  out.mutable_config()->insert(topic.config.begin(), topic.config.end());
  out.set_created_at(topic.created_ms);
  out.set_updated_at(topic.updated_ms);
}

void describe(const service::PartitionStatus& status, v1::Partition& out) {
  out.set_partition_id(status.partition.value());
  out.set_log_start_offset(status.log_start.value());
  out.set_high_watermark(status.high_watermark.value());
  out.set_leader_epoch(status.leader_epoch.value());
  if (!status.leader.empty()) out.set_leader(status.leader);
  out.set_segment_count(status.segment_count);
  out.set_size_bytes(status.size_bytes);
}

/// A retention as requests name it: -1 = for ever, which inside is none.
base::Result<std::optional<std::int64_t>> retention_of(std::int64_t retention_ms) {
  if (retention_ms == -1) return std::optional<std::int64_t>();
  if (retention_ms >= 0) return std::optional(retention_ms);
  return {base::Errc::kInvalid,
          "retention_ms " + std::to_string(retention_ms) + ": expected -1 or more"};
}

Task<base::Status> create_topic(Services services, const v1::CreateTopicRequest* request,
                                v1::CreateTopicResponse* response) {
  service::TopicSpec spec{.name = request->name(),
                          .config = {request->config().begin(), request->config().end()}};
  const std::int32_t count = request->partition_count();
  spec.partition_count = count == 0 ? services.default_partitions : count;
  if (request->has_retention_ms()) {
    SH_CO_TRY(spec.retention_ms, retention_of(request->retention_ms()));
  }
  SH_CO_TRY(const auto topic, co_await services.topics.create(std::move(spec)));
  describe(*topic, *response->mutable_topic());
  co_return base::Status{};
}

Task<base::Status> delete_topic(Services services, const v1::DeleteTopicRequest* request,
                                v1::DeleteTopicResponse* response) {
  SH_CO_TRY_OK(co_await services.topics.remove(request->name()));
  response->set_deleted(request->name());
  co_return base::Status{};
}

Task<base::Status> get_topic(Services services, const v1::GetTopicRequest* request,
                             v1::GetTopicResponse* response) {
  if (request->omit_partitions()) {
    SH_CO_TRY(const auto topic, co_await services.catalog.get(request->name()));
    describe(*topic, *response->mutable_topic());
    co_return base::Status{};
  }
  SH_CO_TRY(const auto description, co_await services.topics.describe(request->name()));
  describe(*description.topic, *response->mutable_topic());
  for (const auto& status : description.partitions) describe(status, *response->add_partitions());
  co_return base::Status{};
}

Task<base::Status> list_topics(Services services, const v1::ListTopicsRequest* request,
                               v1::ListTopicsResponse* response) {
  SH_CO_TRY_OK(co_await services.catalog.refresh());
  const std::size_t limit = page_limit(request->page_size());
  const auto topics = services.catalog.list();
  for (const cluster::TopicPtr& topic : *topics) {
    if (topic->name <= request->page_token() && !request->page_token().empty()) continue;
    if (static_cast<std::size_t>(response->topics_size()) == limit) {
      response->set_next_page_token(response->topics().rbegin()->name());
      break;
    }
    describe(*topic, *response->add_topics());
  }
  co_return base::Status{};
}

Task<base::Status> update_topic_config(Services services,
                                       const v1::UpdateTopicConfigRequest* request,
                                       v1::UpdateTopicConfigResponse* response) {
  service::TopicUpdate update{.name = request->name()};
  for (const auto& [key, value] : request->config()) update.config[key] = value;
  for (const std::string& key : request->unset()) {
    if (request->config().contains(key)) {
      co_return base::Status(base::Errc::kInvalid, "config " + key + " is both set and unset");
    }
    update.config[key] = std::nullopt;
  }
  if (request->has_retention_ms()) {
    SH_CO_TRY(update.retention_ms, retention_of(request->retention_ms()));
  }
  SH_CO_TRY(const auto topic, co_await services.topics.update(std::move(update)));
  describe(*topic, *response->mutable_topic());
  co_return base::Status{};
}

Task<base::Status> delete_records(Services services, const v1::DeleteRecordsRequest* request,
                                  v1::DeleteRecordsResponse* response) {
  const model::PartitionIndex partition(request->partition_id());
  const model::Offset offset(request->offset());
  SH_CO_TRY(const model::Offset log_start,
            co_await services.topics.delete_records(request->topic(), partition, offset));
  response->set_log_start_offset(log_start.value());
  co_return base::Status{};
}

}  // namespace

AdminApi::Unary* AdminApi::CreateTopic(Context* context, const v1::CreateTopicRequest* request,
                                       v1::CreateTopicResponse* response) {
  return bridge_.answer(context, [=](Services s) { return create_topic(s, request, response); });
}

AdminApi::Unary* AdminApi::DeleteTopic(Context* context, const v1::DeleteTopicRequest* request,
                                       v1::DeleteTopicResponse* response) {
  return bridge_.answer(context, [=](Services s) { return delete_topic(s, request, response); });
}

AdminApi::Unary* AdminApi::GetTopic(Context* context, const v1::GetTopicRequest* request,
                                    v1::GetTopicResponse* response) {
  return bridge_.answer(context, [=](Services s) { return get_topic(s, request, response); });
}

AdminApi::Unary* AdminApi::ListTopics(Context* context, const v1::ListTopicsRequest* request,
                                      v1::ListTopicsResponse* response) {
  return bridge_.answer(context, [=](Services s) { return list_topics(s, request, response); });
}

AdminApi::Unary* AdminApi::UpdateTopicConfig(Context* context,
                                             const v1::UpdateTopicConfigRequest* request,
                                             v1::UpdateTopicConfigResponse* response) {
  return bridge_.answer(context,
                        [=](Services s) { return update_topic_config(s, request, response); });
}

AdminApi::Unary* AdminApi::DeleteRecords(Context* context, const v1::DeleteRecordsRequest* request,
                                         v1::DeleteRecordsResponse* response) {
  return bridge_.answer(context, [=](Services s) { return delete_records(s, request, response); });
}

}  // namespace streamhouse::rpc
