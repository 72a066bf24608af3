#include <algorithm>
#include <map>
#include <set>

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
constexpr wire::Version kTopicIds = 10;
/// Any negative offset means that there is none: clients go back to where they begin with it.
constexpr std::int64_t kNoOffset = -1;

/// Databases keep it as a text.
ErrorCode check_metadata(std::string_view metadata) {
  if (metadata.size() > service::GroupService::kMetadataBytesMax)
    return ErrorCode::kOffsetMetadataTooLarge;
  return base::is_utf8(metadata) ? ErrorCode::kNone : ErrorCode::kInvalidRequest;
}

ErrorCode check(const metadata::Topic& topic, const Asked::Partition& asked) {
  const bool there = asked.partition_index >= 0 && asked.partition_index < topic.partition_count;
  if (!there) return ErrorCode::kUnknownTopicOrPartition;
  return check_metadata(asked.committed_metadata.value_or(""));
}

CommittedOffset committed(const metadata::Topic& topic, const Asked::Partition& asked) {
  return {.key = {topic.no, model::PartitionIndex(asked.partition_index)},
          .offset = model::Offset(std::max(asked.committed_offset, kNoOffset)),
          .leader_epoch = model::LeaderEpoch(asked.committed_leader_epoch),
          .metadata = std::string(asked.committed_metadata.value_or(""))};
}

/// What can be committed; the others have their error in the response.
struct Checked {
  Offsets offsets;
  /// Of each partition of the response that has no error, in order.
  std::vector<model::TopicPartition> keys;
};

runtime::Task<Checked> check_all(Call& call, std::vector<Asked::Topic> topics, Response& response) {
  Checked checked;
  for (const Asked::Topic& topic : topics) {
    Response::Topic& answered = response.topics.emplace_back();
    answered.name = topic.name;
    answered.topic_id = topic.topic_id;
    wire::NullableString name;
    if (call.version() < kTopicIds) name = topic.name;
    const auto found = co_await find_topic(call, name, topic.topic_id, ErrorAbout::kGroup);
    for (const Asked::Partition& partition : topic.partitions) {
      const ErrorCode code = found ? check(**found, partition) : found.error().code;
      answered.partitions.push_back(
          {.partition_index = partition.partition_index, .error_code = code});
      if (code != ErrorCode::kNone) continue;
      CommittedOffset offset = committed(**found, partition);
      checked.keys.push_back(offset.key);
      checked.offsets.insert_or_assign(offset.key, std::move(offset));
    }
  }
  co_return checked;
}

/// Leaves out what is of topics that are gone, as the store has it, after it has refused all.
runtime::Task<Offsets> still_there(Call& call, Offsets offsets) {
  cluster::TopicCatalog& topics = call.services.topics;
  std::set<model::TopicNo> numbers;
  for (const auto& [key, offset] : offsets) numbers.insert(key.topic);
  for (const model::TopicNo number : numbers) {
    const base::Status read = co_await topics.refresh(number);
    if (read && topics.find(number) == nullptr)
      std::erase_if(offsets, [number](const auto& each) { return each.first.topic == number; });
  }
  co_return offsets;
}

std::vector<CommittedOffset> values_of(const Offsets& offsets) {
  std::vector<CommittedOffset> values;
  for (const auto& [key, offset] : offsets) values.push_back(offset);
  return values;
}

/// A member of a group that is not there has a generation from elsewhere.
ErrorCode outcome(const Call& call, const base::Result<groups::MembershipError>& answer) {
  const bool unknown = !answer && answer.error().code == base::Errc::kGroupNotFound;
  if (unknown && call.version() < kTellsUnknownGroups) return ErrorCode::kIllegalGeneration;
  const bool too_large = !answer && answer.error().code == base::Errc::kTooLarge;
  if (too_large) return ErrorCode::kInvalidCommitOffsetSize;
  return error_code(answer);
}

/// `code` to those that were sent to the group, of the others that they are unknown.
void answer_checked(Response& response, const std::vector<model::TopicPartition>& keys,
                    const Offsets& sent, ErrorCode code) {
  auto key = keys.begin();
  for (Response::Topic& topic : response.topics)
    for (Response::Partition& partition : topic.partitions)
      if (partition.error_code == ErrorCode::kNone)
        partition.error_code = sent.contains(*key++) ? code : ErrorCode::kUnknownTopicOrPartition;
}

}  // namespace

Answer<Response> handle(Call& call, Asked request) {
  Response response;
  Checked checked = co_await check_all(call, std::move(request.topics), response);
  if (checked.offsets.empty()) co_return response;
  groups::CommitRequest commit{.group_id = std::string(request.group_id),
                               .member = member_claim(request.member_id, request.group_instance_id,
                                                      request.generation_id_or_member_epoch),
                               .offsets = values_of(checked.offsets)};
  groups::CommitRequest again{.group_id = commit.group_id, .member = commit.member};
  auto answer = co_await call.services.membership.commit(std::move(commit));
  if (!answer && answer.error().code == base::Errc::kPartitionNotFound) {
    checked.offsets = co_await still_there(call, std::move(checked.offsets));
    again.offsets = values_of(checked.offsets);
    if (!again.offsets.empty()) answer = co_await call.services.membership.commit(std::move(again));
  }
  answer_checked(response, checked.keys, checked.offsets, outcome(call, answer));
  co_return response;
}

}  // namespace streamhouse::kafka
