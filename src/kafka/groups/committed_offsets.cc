#include "kafka/groups/committed_offsets.h"

#include <map>
#include <set>

#include "kafka/error_code.h"

namespace streamhouse::kafka {
namespace {

using base::Errc;
using base::Result;
using metadata::CommittedOffset;
using model::TopicPartition;
using runtime::Task;
using wire::ErrorCode;
using AskedTopic = wire::OffsetFetchRequest::GroupTopic;
using Response = wire::OffsetFetchResponse;
using KnownOffsets = std::map<TopicPartition, const CommittedOffset*>;

constexpr wire::Version kTopicIds = 10;
/// More are not read from the store one by one: all topics are, once.
constexpr std::size_t kTopicsReadAlone = 20;

/// How what the catalog knows of a topic came to be exact.
enum class TopicsRead : bool { kOneByOne, kAllAtOnce };

/// nullopt: there is no such topic. By name it is read from the store: a topic that was created
/// since under the same name has no offsets yet (L7).
Task<Result<std::optional<model::TopicNo>>> number_of(Call& call, AskedTopic asked,
                                                      TopicsRead read) {
  cluster::TopicCatalog& topics = call.services.topics;
  std::optional<model::TopicNo> number;
  if (call.version() >= kTopicIds || read == TopicsRead::kAllAtOnce) {
    const bool by_id = call.version() >= kTopicIds;
    const cluster::TopicPtr topic =
        by_id ? topics.find(model::TopicId{asked.topic_id}) : topics.find(asked.name);
    if (topic) number = topic->no;
    co_return number;
  }
  const auto topic = co_await topics.read(std::string(asked.name));
  if (!topic && topic.error().code != Errc::kTopicNotFound) co_return topic.error();
  if (topic) number = (*topic)->no;
  co_return number;
}

/// Makes the catalog exact if so many topics are looked for that this is cheaper.
Task<Result<TopicsRead>> read_if_many(Call& call, std::size_t topics) {
  if (topics <= kTopicsReadAlone) co_return TopicsRead::kOneByOne;
  SH_CO_TRY_OK(co_await call.services.topics.refresh());
  co_return TopicsRead::kAllAtOnce;
}

Response::GroupPartition shown(std::int32_t index, const CommittedOffset* committed) {
  Response::GroupPartition partition{
      .partition_index = index, .committed_offset = -1, .metadata = ""};
  if (committed == nullptr) return partition;
  partition.committed_offset = committed->offset.value();
  partition.committed_leader_epoch = committed->leader_epoch.value();
  partition.metadata = committed->metadata;
  return partition;
}

Response::GroupTopic shown(const Call& call, const AskedTopic& asked,
                           std::optional<model::TopicNo> number, const KnownOffsets& known) {
  Response::GroupTopic topic{.name = asked.name, .topic_id = asked.topic_id, .partitions = {}};
  const bool unknown_id = call.version() >= kTopicIds && !number;
  for (const std::int32_t index : asked.partition_indexes) {
    const auto found = number ? known.find({*number, model::PartitionIndex(index)}) : known.end();
    topic.partitions.push_back(shown(index, found == known.end() ? nullptr : found->second));
    if (unknown_id) topic.partitions.back().error_code = ErrorCode::kUnknownTopicId;
  }
  return topic;
}

Task<Result<std::vector<Response::GroupTopic>>> offsets_of(Call& call, std::string group_id,
                                                           std::vector<AskedTopic> asked) {
  std::vector<std::optional<model::TopicNo>> numbers;
  std::vector<TopicPartition> keys;
  const std::size_t by_name = call.version() >= kTopicIds ? 0 : asked.size();
  SH_CO_TRY(const TopicsRead read, co_await read_if_many(call, by_name));
  for (const AskedTopic& topic : asked) {
    SH_CO_TRY(const auto number, co_await number_of(call, topic, read));
    numbers.push_back(number);
    if (!number) continue;
    for (const std::int32_t index : topic.partition_indexes)
      keys.push_back({*number, model::PartitionIndex(index)});
  }
  SH_CO_TRY(auto fetched,
            co_await call.services.membership.fetch(std::move(group_id), std::move(keys)));
  KnownOffsets known;
  for (const CommittedOffset& offset : call.keep(std::move(fetched))) known[offset.key] = &offset;
  std::vector<Response::GroupTopic> topics;
  for (std::size_t i = 0; i < asked.size(); ++i)
    topics.push_back(shown(call, asked[i], numbers[i], known));
  co_return topics;
}

/// nullptr: it is gone.
Task<Result<cluster::TopicPtr>> live_topic(Call& call, model::TopicNo number, TopicsRead read) {
  if (read == TopicsRead::kOneByOne) SH_CO_TRY_OK(co_await call.services.topics.refresh(number));
  cluster::TopicPtr topic = call.services.topics.find(number);
  if (topic && topic->state != metadata::TopicState::kLive) topic = nullptr;
  co_return topic;
}

/// By topic and partition.
Task<Result<std::vector<Response::GroupTopic>>> all_offsets(Call& call, std::string group_id) {
  std::vector<Response::GroupTopic> topics;
  auto described = co_await call.services.membership.describe(std::move(group_id));
  if (!described && described.error().code == Errc::kGroupNotFound) co_return topics;
  if (!described) co_return described.error();
  const auto& offsets = call.keep(std::move(described->offsets));
  std::set<model::TopicNo> numbers;
  for (const CommittedOffset& offset : offsets) numbers.insert(offset.key.topic);
  SH_CO_TRY(const TopicsRead read, co_await read_if_many(call, numbers.size()));
  std::optional<model::TopicNo> number;
  cluster::TopicPtr topic;
  for (const CommittedOffset& offset : offsets) {
    if (number != offset.key.topic) {
      number = offset.key.topic;
      SH_CO_TRY(topic, co_await live_topic(call, *number, read));
      if (topic)
        topics.push_back(
            {.name = call.texts.keep(topic->name), .topic_id = topic->id.bytes, .partitions = {}});
    }
    if (topic) topics.back().partitions.push_back(shown(offset.key.partition.value(), &offset));
  }
  co_return topics;
}

/// What passes by itself is asked for again: at any other code that says so Java's consumers end.
ErrorCode code_of(const base::Error& error) {
  const bool passes = error.code == Errc::kUnavailable || error.code == Errc::kThrottled ||
                      error.code == Errc::kUnknownOutcome;
  return passes ? ErrorCode::kCoordinatorLoadInProgress : error_code(error, ErrorAbout::kGroup);
}

}  // namespace

Task<Response::Group> committed_offsets(Call& call, wire::OffsetFetchRequest::Group asked) {
  std::string group_id(asked.group_id);
  auto finding = asked.topics ? offsets_of(call, std::move(group_id), *std::move(asked.topics))
                              : all_offsets(call, std::move(group_id));
  auto topics = co_await std::move(finding);
  Response::Group answered{.group_id = asked.group_id, .topics = {}, .error_code = {}};
  if (topics) {
    answered.topics = *std::move(topics);
  } else {
    answered.error_code = code_of(topics.error());
  }
  co_return answered;
}

}  // namespace streamhouse::kafka
