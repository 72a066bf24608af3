#include "kafka/groups/committed_offsets.h"
#include "kafka/handlers.h"

namespace streamhouse::kafka {
namespace {

using wire::ErrorCode;
using Asked = wire::OffsetFetchRequest;
using Response = wire::OffsetFetchResponse;

constexpr wire::Version kWholeErrors = 2;
constexpr wire::Version kManyGroups = 8;

/// A request for one group, in the form of one for many.
Asked::Group only_group(const Asked& request) {
  Asked::Group group{.group_id = request.group_id, .topics = std::nullopt};
  if (!request.topics) return group;
  group.topics.emplace();
  for (const Asked::Topic& topic : *request.topics)
    group.topics->push_back(
        {.name = topic.name, .topic_id = {}, .partition_indexes = topic.partition_indexes});
  return group;
}

Response::Partition in_old_form(const Response::GroupPartition& partition) {
  return {.partition_index = partition.partition_index,
          .committed_offset = partition.committed_offset,
          .committed_leader_epoch = partition.committed_leader_epoch,
          .metadata = partition.metadata,
          .error_code = partition.error_code};
}

Response only_answer(const Response::Group& group) {
  Response response{.topics = {}, .error_code = group.error_code};
  for (const Response::GroupTopic& topic : group.topics) {
    Response::Topic& answered = response.topics.emplace_back();
    answered.name = topic.name;
    for (const auto& partition : topic.partitions)
      answered.partitions.push_back(in_old_form(partition));
  }
  return response;
}

/// Before there was an error of the whole answer, each partition had it.
Response refuse_each(const Asked& request, ErrorCode code) {
  Response response;
  for (const Asked::Topic& topic : request.topics.value_or(wire::Array<Asked::Topic>())) {
    Response::Topic& answered = response.topics.emplace_back();
    answered.name = topic.name;
    for (const std::int32_t index : topic.partition_indexes)
      answered.partitions.push_back(
          {.partition_index = index, .committed_offset = -1, .metadata = "", .error_code = code});
  }
  return response;
}

}  // namespace

/// Without transactions every committed offset is stable.
Answer<Response> handle(Call& call, Asked request) {
  if (call.version() < kManyGroups) {
    const auto answered = co_await committed_offsets(call, only_group(request));
    const bool each = answered.error_code != ErrorCode::kNone && call.version() < kWholeErrors;
    co_return each ? refuse_each(request, answered.error_code) : only_answer(answered);
  }
  Response response;
  for (const Asked::Group& group : request.groups) {
    auto answered = co_await committed_offsets(call, group);
    response.groups.push_back(std::move(answered));
  }
  co_return response;
}

}  // namespace streamhouse::kafka
