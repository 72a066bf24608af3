// Producers without idempotence, and readers.
#include <algorithm>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "kafka_actors.h"

namespace streamhouse::sim {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using enum wire::ErrorCode;

constexpr std::string_view kTopic = "fixed";
constexpr std::int32_t kFetchBytesMax = 8'192;

base::ByteVector joined(const wire::NullableRecords& records) {
  base::ByteVector bytes;
  if (!records) return bytes;
  for (const base::Bytes& piece : records->pieces)
    bytes.insert(bytes.end(), piece.view().begin(), piece.view().end());
  return bytes;
}

wire::FetchRequest fetch_request(model::PartitionIndex partition, model::Offset offset) {
  wire::FetchRequest request{.max_wait_ms = 200, .min_bytes = 1, .max_bytes = 1 << 16};
  auto& topic = request.topics.emplace_back();
  topic.topic = kTopic;
  topic.partitions.push_back({.partition = partition.value(),
                              .fetch_offset = offset.value(),
                              .partition_max_bytes = kFetchBytesMax});
  return request;
}

/// By these a producer knows that the batch is not there and never will be.
bool is_refusal(wire::ErrorCode code) {
  return code == kNotLeaderOrFollower || code == kNotEnoughReplicas || code == kMessageTooLarge ||
         code == kUnknownTopicOrPartition || code == kInvalidRecord;
}

std::string said(std::optional<wire::ErrorCode> code) {
  return code ? std::to_string(static_cast<int>(*code)) : "nothing";
}

}  // namespace

void KafkaActors::start() {
  const Scenario& scenario = world_.scenario();
  for (int i = 0; i < scenario.kafka_producers; ++i) actors_.start(produce(i));
  for (int i = 0; i < scenario.kafka_idempotent_producers; ++i)
    actors_.start(produce_idempotent(i));
  for (int i = 0; i < scenario.kafka_readers; ++i) actors_.start(read(i));
  for (int i = 0; i < scenario.kafka_members; ++i) actors_.start(consume(i));
}

runtime::Task<void> KafkaActors::pause(std::int64_t ms_max) {
  return world_.client().sleep(runtime::Duration(world_.random().between(0, ms_max * 1'000'000)));
}

model::TopicPartition KafkaActors::key_of(model::PartitionIndex partition) {
  const auto key = actors_.key_of(std::string(kTopic), partition);
  SH_CHECK(key.has_value(), "the topic is never deleted");
  return *key;
}

Process* KafkaActors::any_process() {
  const std::vector<Process*> processes = world_.up();
  return processes.empty() ? nullptr : processes[world_.random().below(processes.size())];
}

/// Of several that have the address, for instance one that was paused and its successor, any.
Process* KafkaActors::process_at(std::string_view host) {
  std::vector<Process*> processes = world_.up();
  std::erase_if(processes, [&](const Process* process) { return process->agent_id() != host; });
  return processes.empty() ? nullptr : processes[world_.random().below(processes.size())];
}

runtime::Task<KafkaActors::Link> KafkaActors::leader_of(model::PartitionIndex partition) {
  Process* const asked = any_process();
  if (asked == nullptr) co_return nullptr;
  KafkaClient link(world_.client(), *asked);
  wire::MetadataRequest request{.allow_auto_topic_creation = false};
  request.topics->push_back({.name = kTopic});
  const auto reply = co_await link.ask(11, request, seconds(3));
  link.hang_up();
  if (!reply || (*reply)->topics.empty()) co_return nullptr;
  const wire::MetadataResponse& response = reply->response;
  for (const auto& row : response.topics.front().partitions) {
    if (row.partition_index != partition.value()) continue;
    for (const auto& broker : response.brokers) {
      if (broker.node_id != row.leader_id) continue;
      Process* const leader = process_at(broker.host);
      if (leader != nullptr) co_return std::make_unique<KafkaClient>(world_.client(), *leader);
    }
  }
  co_return nullptr;
}

runtime::Task<KafkaActors::Produced> KafkaActors::send(KafkaClient& leader, Actors::Batch batch,
                                                       runtime::Duration timeout) {
  wire::ProduceRequest request{.acks = -1, .timeout_ms = 10'000};
  auto& topic = request.topic_data.emplace_back();
  topic.name = kTopic;
  wire::Records records;
  records.pieces.emplace_back(encode_batch(batch, world_.random().below(200)));
  topic.partition_data.push_back({.index = batch.partition.value(), .records = std::move(records)});
  const auto reply = co_await leader.ask(9, request, timeout);
  if (!reply) co_return Produced{};
  const auto& answer = (*reply)->responses.at(0).partition_responses.at(0);
  const Produced produced{.code = answer.error_code, .base = model::Offset(answer.base_offset)};
  if (answer.error_code == kNone)
    actors_.acknowledged(key_of(batch.partition), produced.base, batch.records);
  co_return produced;
}

runtime::Task<void> KafkaActors::produce(int number) {
  while (!actors_.stopping()) {
    co_await pause(400);
    Actors::Batch batch = actors_.fresh_batch();
    const std::vector<RecordId> records = batch.records;
    const model::TopicPartition key = key_of(batch.partition);
    const Link leader = co_await leader_of(batch.partition);
    if (!leader) continue;
    promises_.produced += records.size();
    const Produced produced = co_await send(*leader, std::move(batch), seconds(15));
    leader->hang_up();
    world_.note("kafka producer " + std::to_string(number) + " record " +
                std::to_string(records.front()) + " answered " + said(produced.code));
    if (!produced.code || !is_refusal(*produced.code)) continue;
    for (const RecordId record : records) promises_.refused.emplace(record, key);
  }
}

runtime::Task<void> KafkaActors::read(int number) {
  while (!actors_.stopping()) {
    co_await pause(500);
    const model::PartitionIndex partition = actors_.any_partition();
    model::Offset offset = world_.truth().log_start(key_of(partition));
    const Link leader = co_await leader_of(partition);
    for (int step = 0; leader && step < 100 && !actors_.stopping(); ++step) {
      const model::Offset next = co_await fetch(*leader, partition, offset);
      if (next == offset) break;
      offset = next;
    }
    if (leader) leader->hang_up();
    if (number == 0) world_.note("kafka reader has read " + std::to_string(promises_.read));
  }
}

runtime::Task<model::Offset> KafkaActors::fetch(KafkaClient& leader,
                                                model::PartitionIndex partition,
                                                model::Offset offset) {
  const model::TopicPartition key = key_of(partition);
  const model::Offset known_end = world_.truth().end(key);
  const auto reply = co_await leader.ask(12, fetch_request(partition, offset), seconds(8));
  if (!reply || (*reply)->responses.empty()) co_return offset;
  const auto& answer = (*reply)->responses.front().partitions.at(0);
  const bool was_there = offset <= known_end && offset >= world_.truth().log_start(key);
  if (answer.error_code == kOffsetOutOfRange && was_there)
    world_.violations().add("R2", "partition " + to_string(key) + " offset " +
                                      std::to_string(offset.value()) + " was denied");
  if (answer.error_code != kNone) co_return offset;
  world_.truth().shown_high_watermark(key, model::Offset(answer.high_watermark));
  const base::ByteVector bytes = joined(answer.records);
  base::BytesView rest(bytes);
  while (!rest.empty()) {
    const auto batch = model::RecordBatchView::front_of(rest);
    const auto next = actors_.check_read(key, offset, batch ? batch->bytes() : rest);
    if (!next) break;
    offset = *next;
    rest = rest.subspan(batch->size());
  }
  co_return offset;
}

}  // namespace streamhouse::sim
