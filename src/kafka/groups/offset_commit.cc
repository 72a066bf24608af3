#include <map>

#include "base/utf8.h"
#include "kafka/error_code.h"
#include "kafka/groups/member_claim.h"
#include "kafka/handlers.h"
#include "kafka/topics/topic_lookup.h"

namespace streamhouse::kafka {
namespace {

using metadata::CommittedOffset;
using wire::ErrorCode;
using Asked = wire::OffsetCommitRequest;
using Response = wire::OffsetCommitResponse;
/// Of a partition that is named twice the last counts.
using Offsets = std::map<model::TopicPartition, CommittedOffset>;

constexpr wire::Version kTellsUnknownGroups = 9;

/// Databases keep it as a text, and not all take a zero byte in one.
ErrorCode check_metadata(std::string_view metadata) {
  if (metadata.size() > service::GroupService::kMetadataBytesMax)
    return ErrorCode::kOffsetMetadataTooLarge;
  const bool text = base::is_utf8(metadata) && !metadata.contains('\0');
  return text ? ErrorCode::kNone : ErrorCode::kInvalidRequest;
}

ErrorCode check(const metadata::Topic& topic, const Asked::Partition& asked) {
  const bool there = asked.partition_index >= 0 && asked.partition_index < topic.partition_count;
  if (!there) return ErrorCode::kUnknownTopicOrPartition;
  if (asked.committed_offset < 0) return ErrorCode::kInvalidRequest;
  return check_metadata(asked.committed_metadata.value_or(""));
}

CommittedOffset committed(const metadata::Topic& topic, const Asked::Partition& asked) {
  return {.key = {topic.no, model::PartitionIndex(asked.partition_index)},
          .offset = model::Offset(asked.committed_offset),
          .leader_epoch = model::LeaderEpoch(asked.committed_leader_epoch),
          .metadata = std::string(asked.committed_metadata.value_or(""))};
}

/// The offsets that can be committed; the others have their error in the response.
runtime::Task<Offsets> check_all(Call& call, std::vector<Asked::Topic> topics, Response& response) {
  Offsets offsets;
  for (const Asked::Topic& topic : topics) {
    Response::Topic& answered = response.topics.emplace_back();
    answered.name = topic.name;
    answered.topic_id = topic.topic_id;
    const auto found = co_await find_topic(call, topic.name, topic.topic_id, ErrorAbout::kGroup);
    for (const Asked::Partition& partition : topic.partitions) {
      const ErrorCode code = found ? check(**found, partition) : found.error().code;
      answered.partitions.push_back(
          {.partition_index = partition.partition_index, .error_code = code});
      if (code != ErrorCode::kNone) continue;
      CommittedOffset offset = committed(**found, partition);
      offsets.insert_or_assign(offset.key, std::move(offset));
    }
  }
  co_return offsets;
}

/// A member of a group that is not there has a generation from elsewhere.
ErrorCode outcome(const Call& call, const base::Result<groups::MembershipError>& answer) {
  const bool unknown = !answer && answer.error().code == base::Errc::kGroupNotFound;
  if (unknown && call.version() < kTellsUnknownGroups) return ErrorCode::kIllegalGeneration;
  const bool too_large = !answer && answer.error().code == base::Errc::kTooLarge;
  if (too_large) return ErrorCode::kInvalidCommitOffsetSize;
  return error_code(answer);
}

void answer_others(Response& response, ErrorCode code) {
  for (Response::Topic& topic : response.topics)
    for (Response::Partition& partition : topic.partitions)
      if (partition.error_code == ErrorCode::kNone) partition.error_code = code;
}

}  // namespace

Answer<Response> handle(Call& call, Asked request) {
  Response response;
  const Offsets offsets = co_await check_all(call, std::move(request.topics), response);
  if (offsets.empty()) co_return response;
  groups::CommitRequest commit{.group_id = std::string(request.group_id),
                               .member = member_claim(request.member_id, request.group_instance_id,
                                                      request.generation_id_or_member_epoch)};
  for (const auto& [key, offset] : offsets) commit.offsets.push_back(offset);
  const auto answer = co_await call.services.membership.commit(std::move(commit));
  answer_others(response, outcome(call, answer));
  co_return response;
}

}  // namespace streamhouse::kafka
