#include "kafka/handlers.h"
#include "kafka/records/leader_hints.h"
#include "kafka/records/produced_batch.h"
#include "kafka/topics/topic_lookup.h"

namespace streamhouse::kafka {
namespace {

using runtime::Task;
using service::AcceptedProduce;
using wire::ErrorCode;
using Asked = wire::ProduceRequest;
using Response = wire::ProduceResponse;

constexpr wire::Version kLeaderHints = 10;
constexpr wire::Version kTopicIds = 13;

/// One partition's batch: accepted and waited for, or refused.
struct AcceptedPartition {
  std::int32_t index;
  std::expected<AcceptedProduce, Refusal> batch;
  std::int64_t records = 0;
  std::size_t bytes = 0;
};
struct AcceptedTopic {
  wire::String name;
  wire::Uuid topic_id;
  cluster::TopicPtr topic;  ///< nullptr if there is none.
  std::vector<AcceptedPartition> partitions;
};

AcceptedPartition refused(std::int32_t index, Refusal why) {
  return {.index = index, .batch = std::unexpected(std::move(why))};
}

/// Waits for room as long as somebody waits for the answer.
Task<AcceptedPartition> accept(Call& call, cluster::TopicPtr topic, Asked::Partition partition,
                               runtime::MonoTime deadline) {
  const auto batch = check_batch(partition.records, *topic, call.version());
  if (!batch) co_return refused(partition.index, batch.error());
  const std::int64_t records = batch->record_count();
  const std::size_t bytes = batch->size();
  service::ProduceCall produce{
      .topic = topic->name,
      .partition = model::PartitionIndex(partition.index),
      .batch = take_batch(call.frame, *batch),
      .when_full = call.client.gone ? service::WhenFull::kRefuse : service::WhenFull::kWait,
      .deadline = deadline};
  const bool by_id = call.version() >= kTopicIds;
  if (by_id) produce.topic_id = topic->id;
  auto accepted = co_await call.services.produce.accept(std::move(produce));
  if (!accepted && by_id && accepted.error().code == base::Errc::kTopicNotFound)
    co_return refused(partition.index, refuse(std::move(accepted).error(), ErrorAbout::kTopicId));
  if (!accepted)
    co_return refused(partition.index,
                      refuse(std::move(accepted).error(), ErrorAbout::kProducedRecords));
  co_return AcceptedPartition{
      .index = partition.index, .batch = *std::move(accepted), .records = records, .bytes = bytes};
}

Task<AcceptedTopic> accept_topic(Call& call, Asked::Topic asked, runtime::MonoTime deadline) {
  AcceptedTopic accepted{
      .name = asked.name, .topic_id = asked.topic_id, .topic = {}, .partitions = {}};
  wire::NullableString name;
  if (call.version() < kTopicIds) name = asked.name;
  const auto topic = co_await find_topic(call, name, asked.topic_id, ErrorAbout::kProducedRecords);
  if (topic) accepted.topic = *topic;
  for (Asked::Partition& partition : asked.partition_data) {
    if (!topic) {
      accepted.partitions.push_back(refused(partition.index, topic.error()));
      continue;
    }
    auto one = co_await accept(call, *topic, std::move(partition), deadline);
    accepted.partitions.push_back(std::move(one));
  }
  co_return accepted;
}

/// In the order of the connection's requests: whoever awaits the answers of none still keeps its
/// records in order.
Task<std::vector<AcceptedTopic>> accept_all(Call& call, std::vector<Asked::Topic> topics) {
  const runtime::MonoTime deadline = call.services.produce.next_deadline();
  std::vector<AcceptedTopic> accepted;
  for (Asked::Topic& topic : topics) {
    AcceptedTopic one = co_await accept_topic(call, std::move(topic), deadline);
    accepted.push_back(std::move(one));
  }
  call.turn.pass();
  co_return accepted;
}

Response::Partition answer(Call& call, std::int32_t index, const Refusal& refusal) {
  call.services.metrics.produce_refused(refusal.code);
  return {.index = index,
          .error_code = refusal.code,
          .base_offset = -1,
          .error_message = call.texts.keep(refusal.text)};
}

Task<Response::Partition> outcome(Call& call, AcceptedPartition partition,
                                  runtime::MonoTime began) {
  if (!partition.batch) co_return answer(call, partition.index, partition.batch.error());
  const auto produced = co_await call.services.produce.committed(*std::move(partition.batch));
  if (!produced) {
    const Refusal refusal = refuse(produced.error(), ErrorAbout::kProducedRecords);
    co_return answer(call, partition.index, refusal);
  }
  call.services.metrics.produced({.base_offset = produced->base_offset,
                                  .records = partition.records,
                                  .bytes = partition.bytes,
                                  .duration = call.services.runtime.now() - began});
  co_return Response::Partition{.index = partition.index,
                                .base_offset = produced->base_offset.value(),
                                .log_append_time_ms = produced->timestamp,
                                .log_start_offset = produced->log_start.value()};
}

Task<Response::Topic> outcome(Call& call, AcceptedTopic topic, runtime::MonoTime began,
                              LeaderHints& hints) {
  Response::Topic answered{topic.name, topic.topic_id, {}};
  for (AcceptedPartition& partition : topic.partitions) {
    auto done = co_await outcome(call, std::move(partition), began);
    const bool elsewhere = done.error_code == ErrorCode::kNotLeaderOrFollower;
    if (elsewhere && call.version() >= kLeaderHints) {
      const PartitionLeader leader = co_await hints.find(topic.topic, done.index);
      done.current_leader = {.leader_id = leader.node_id, .leader_epoch = leader.epoch};
    }
    answered.partition_responses.push_back(std::move(done));
  }
  co_return answered;
}

Response refuse_all(Call& call, const Asked& request, const Refusal& why) {
  Response response;
  for (const Asked::Topic& topic : request.topic_data) {
    Response::Topic& refused =
        response.responses.emplace_back(Response::Topic{topic.name, topic.topic_id, {}});
    for (const Asked::Partition& partition : topic.partition_data)
      refused.partition_responses.push_back(answer(call, partition.index, why));
  }
  return response;
}

/// Without acknowledgement there is no answer: a refusal shows as the end of the connection.
NoResponse unacknowledged(const Call& call, const std::vector<AcceptedTopic>& topics) {
  NoResponse outcome = NoResponse::kGoOn;
  for (const AcceptedTopic& topic : topics) {
    for (const AcceptedPartition& partition : topic.partitions) {
      if (partition.batch) continue;
      call.services.metrics.produce_refused(partition.batch.error().code);
      outcome = NoResponse::kCloseConnection;
    }
  }
  return outcome;
}

}  // namespace

Answer<Response> handle(Call& call, Asked request) {
  const std::int16_t acks = request.acks;
  if (acks < -1 || acks > 1) {
    const Refusal why{.code = ErrorCode::kInvalidRequiredAcks, .text = "acks is -1, 0 or 1"};
    co_return refuse_all(call, request, why);
  }
  const runtime::MonoTime began = call.services.runtime.now();
  auto accepted = co_await accept_all(call, std::move(request.topic_data));
  if (acks == 0) co_return std::unexpected(unacknowledged(call, accepted));
  Response response;
  LeaderHints hints(call);
  for (AcceptedTopic& topic : accepted) {
    auto answered = co_await outcome(call, std::move(topic), began, hints);
    response.responses.push_back(std::move(answered));
  }
  response.node_endpoints = hints.endpoints<Response::Endpoint>();
  co_return response;
}

}  // namespace streamhouse::kafka
