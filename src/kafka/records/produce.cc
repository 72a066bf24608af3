#include "kafka/handlers.h"
#include "kafka/records/produced_batch.h"
#include "kafka/topics/topic_lookup.h"

namespace streamhouse::kafka {
namespace {

using runtime::Task;
using service::AcceptedProduce;
using wire::ErrorCode;
using Asked = wire::ProduceRequest;
using Response = wire::ProduceResponse;

/// One partition's batch: accepted and waited for, or refused.
using Accepted = std::expected<AcceptedProduce, Refusal>;
struct AcceptedPartition {
  std::int32_t index;
  Accepted batch;
};
struct AcceptedTopic {
  wire::String name;
  wire::Uuid topic_id;
  std::vector<AcceptedPartition> partitions;
};

Task<Accepted> accept(Call& call, cluster::TopicPtr topic, Asked::Partition partition) {
  const auto batch = check_batch(partition.records, *topic, call.version());
  if (!batch) co_return std::unexpected(batch.error());
  service::ProduceCall produce{.topic = topic->name,
                               .partition = model::PartitionIndex(partition.index),
                               .batch = take_batch(call.frame, *batch),
                               .when_full = service::WhenFull::kWait};
  auto accepted = co_await call.services.produce.accept(std::move(produce));
  if (accepted) co_return *std::move(accepted);
  co_return std::unexpected(refuse(std::move(accepted).error(), ErrorAbout::kProducedRecords));
}

Task<AcceptedTopic> accept_topic(Call& call, Asked::Topic asked) {
  AcceptedTopic accepted{.name = asked.name, .topic_id = asked.topic_id, .partitions = {}};
  const auto topic = co_await find_topic(call, asked.name, asked.topic_id);
  for (Asked::Partition& partition : asked.partition_data) {
    const std::int32_t index = partition.index;
    Accepted batch = std::unexpected(topic ? Refusal{} : topic.error());
    if (topic) batch = co_await accept(call, *topic, std::move(partition));
    accepted.partitions.push_back({.index = index, .batch = std::move(batch)});
  }
  co_return accepted;
}

/// In the order of the connection's requests: whoever awaits the answers of none still keeps its
/// records in order.
Task<std::vector<AcceptedTopic>> accept_all(Call& call, std::vector<Asked::Topic> topics) {
  std::vector<AcceptedTopic> accepted;
  for (Asked::Topic& topic : topics) {
    AcceptedTopic one = co_await accept_topic(call, std::move(topic));
    accepted.push_back(std::move(one));
  }
  call.turn.pass();
  co_return accepted;
}

Response::Partition answer(Call& call, std::int32_t index, const Refusal& refusal) {
  return {.index = index,
          .error_code = refusal.code,
          .base_offset = -1,
          .error_message = call.texts.keep(refusal.text)};
}

Task<Response::Partition> outcome(Call& call, AcceptedPartition partition) {
  if (!partition.batch) co_return answer(call, partition.index, partition.batch.error());
  const auto produced = co_await call.services.produce.committed(*std::move(partition.batch));
  if (!produced) {
    const Refusal refusal = refuse(produced.error(), ErrorAbout::kProducedRecords);
    co_return answer(call, partition.index, refusal);
  }
  co_return Response::Partition{.index = partition.index,
                                .base_offset = produced->base_offset.value(),
                                .log_append_time_ms = produced->timestamp,
                                .log_start_offset = produced->log_start.value()};
}

Response refuse_all(const Asked& request, ErrorCode code) {
  Response response;
  for (const Asked::Topic& topic : request.topic_data) {
    Response::Topic& refused =
        response.responses.emplace_back(Response::Topic{topic.name, topic.topic_id, {}});
    for (const Asked::Partition& partition : topic.partition_data)
      refused.partition_responses.push_back(
          {.index = partition.index, .error_code = code, .base_offset = -1});
  }
  return response;
}

/// Without acknowledgement there is no answer: a refusal shows as the end of the connection.
NoResponse unacknowledged(const std::vector<AcceptedTopic>& topics) {
  for (const AcceptedTopic& topic : topics)
    for (const AcceptedPartition& partition : topic.partitions)
      if (!partition.batch) return NoResponse::kCloseConnection;
  return NoResponse::kGoOn;
}

}  // namespace

Answer<Response> handle(Call& call, Asked request) {
  const std::int16_t acks = request.acks;
  if (acks < -1 || acks > 1) co_return refuse_all(request, ErrorCode::kInvalidRequiredAcks);
  auto accepted = co_await accept_all(call, std::move(request.topic_data));
  if (acks == 0) co_return std::unexpected(unacknowledged(accepted));
  Response response;
  for (AcceptedTopic& topic : accepted) {
    Response::Topic answered{topic.name, topic.topic_id, {}};
    for (AcceptedPartition& partition : topic.partitions) {
      auto done = co_await outcome(call, std::move(partition));
      answered.partition_responses.push_back(std::move(done));
    }
    response.responses.push_back(std::move(answered));
  }
  co_return response;
}

}  // namespace streamhouse::kafka
