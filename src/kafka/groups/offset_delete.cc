#include "kafka/error_code.h"
#include "kafka/groups/subscriptions.h"
#include "kafka/handlers.h"
#include "kafka/topics/topic_lookup.h"

namespace streamhouse::kafka {
namespace {

using groups::GroupCoordinator;
using runtime::Task;
using wire::ErrorCode;
using Asked = wire::OffsetDeleteRequest;
using Response = wire::OffsetDeleteResponse;
using Keys = std::vector<model::TopicPartition>;

Response refusal(ErrorCode code) { return {.error_code = code}; }

ErrorCode check(const metadata::Topic& topic, std::int32_t index, const Subscriptions& read) {
  if (index < 0 || index >= topic.partition_count) return ErrorCode::kUnknownTopicOrPartition;
  return read.contain(topic.name) ? ErrorCode::kGroupSubscribedToTopic : ErrorCode::kNone;
}

/// The partitions whose offsets can go; the others have their error in the response.
Task<Keys> check_all(Call& call, std::vector<Asked::Topic> topics, Subscriptions read,
                     Response& response) {
  Keys keys;
  for (const Asked::Topic& topic : topics) {
    Response::Topic answered{.name = topic.name, .partitions = {}};
    const auto found = co_await find_topic(call, topic.name, kNoTopicId, ErrorAbout::kGroup);
    for (const Asked::Partition& partition : topic.partitions) {
      const std::int32_t index = partition.partition_index;
      const ErrorCode code = found ? check(**found, index, read) : found.error().code;
      answered.partitions.push_back({.partition_index = index, .error_code = code});
      if (code == ErrorCode::kNone) keys.push_back({(*found)->no, model::PartitionIndex(index)});
    }
    response.topics.push_back(std::move(answered));
  }
  co_return keys;
}

}  // namespace

/// What members may be reading keeps its offsets; of a group that is not one of consumers nobody
/// but its members knows what that is.
Answer<Response> handle(Call& call, Asked request) {
  service::MembershipService& membership = call.services.membership;
  const std::string group_id(request.group_id);
  const auto described = co_await membership.describe(group_id);
  if (!described) co_return refusal(error_code(described.error(), ErrorAbout::kGroup));
  const bool has_members = !described->membership.members.empty();
  if (has_members && described->group.protocol_type != kConsumerProtocol)
    co_return refusal(ErrorCode::kNonEmptyGroup);
  Subscriptions read(described->membership);
  Response response;
  Keys keys = co_await check_all(call, std::move(request.topics), std::move(read), response);
  if (keys.empty()) co_return response;
  const auto deleted = co_await membership.delete_offsets(
      group_id, std::move(keys), GroupCoordinator::GroupWithMembers::kAllow);
  if (!deleted) co_return refusal(error_code(deleted.error(), ErrorAbout::kGroup));
  co_return response;
}

}  // namespace streamhouse::kafka
