#include "tests/e2e/client/client.h"

#include <chrono>
#include <map>

namespace streamhouse::e2e {
namespace {

std::string trailer(const grpc::ClientContext& context, const char* name) {
  const auto& trailers = context.GetServerTrailingMetadata();
  const auto found = trailers.find(name);
  if (found == trailers.end()) return "";
  return {found->second.data(), found->second.size()};
}

std::string status_name(grpc::StatusCode code) {
  static constexpr const char* kNames[] = {"OK",
                                           "CANCELLED",
                                           "UNKNOWN",
                                           "INVALID_ARGUMENT",
                                           "DEADLINE_EXCEEDED",
                                           "NOT_FOUND",
                                           "ALREADY_EXISTS",
                                           "PERMISSION_DENIED",
                                           "RESOURCE_EXHAUSTED",
                                           "FAILED_PRECONDITION",
                                           "ABORTED",
                                           "OUT_OF_RANGE",
                                           "UNIMPLEMENTED",
                                           "INTERNAL",
                                           "UNAVAILABLE",
                                           "DATA_LOSS",
                                           "UNAUTHENTICATED"};
  return kNames[code];
}

}  // namespace

std::string verdict(const Outcome& outcome) {
  const std::string name = status_name(outcome.status.error_code());
  return outcome.error.empty() ? name : name + " " + outcome.error;
}

std::ostream& operator<<(std::ostream& out, const Outcome& outcome) {
  return out << verdict(outcome) << ": " << outcome.status.error_message();
}

Outcome outcome_of(const grpc::Status& status, const grpc::ClientContext& context) {
  return {.status = status,
          .error = trailer(context, "streamhouse-error"),
          .leader = trailer(context, "streamhouse-leader")};
}

std::vector<std::string> Consumed::values() const {
  std::vector<std::string> values;
  for (const auto& record : records) values.push_back(record.record().value());
  return values;
}

Client::Client(const std::string& address) {
  grpc::ChannelArguments arguments;
  arguments.SetMaxReceiveMessageSize(-1);
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);  // a connection of its own
  channel_ = grpc::CreateCustomChannel(address, grpc::InsecureChannelCredentials(), arguments);
  records_ = v1::StreamHouseService::NewStub(channel_);
  admin_ = v1::AdminService::NewStub(channel_);
}

Outcome Client::create_topic(const std::string& name, int partitions,
                             const std::map<std::string, std::string>& config) {
  v1::CreateTopicRequest request;
  request.set_name(name);
  request.set_partition_count(partitions);
  request.mutable_config()->insert(config.begin(), config.end());
  v1::CreateTopicResponse response;
  return call(&v1::AdminService::Stub::CreateTopic, admin(), request, response);
}

Outcome Client::produce(const v1::ProduceRequest& request, v1::ProduceResponse& response) {
  return call(&v1::StreamHouseService::Stub::Produce, records(), request, response);
}

Outcome Client::produce(const std::string& topic, const std::string& value) {
  v1::ProduceResponse response;
  return produce(produce_request(topic, value), response);
}

Outcome Client::produce_batch(const v1::ProduceBatchRequest& request,
                              v1::ProduceBatchResponse& response) {
  return call(&v1::StreamHouseService::Stub::ProduceBatch, records(), request, response);
}

Consumed Client::consume(const v1::ConsumeRequest& request) {
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(60));
  const auto reader = records().Consume(&context, request);
  Consumed consumed;
  for (v1::ConsumeResponse message; reader->Read(&message);) {
    consumed.high_watermarks.push_back(message.high_watermark());
    for (const auto& record : message.records()) consumed.records.push_back(record);
  }
  const grpc::Status status = reader->Finish();
  consumed.outcome = outcome_of(status, context);
  return consumed;
}

std::vector<std::string> Client::values(const std::string& topic) {
  return consume(consume_request(topic)).values();
}

v1::ProduceRequest produce_request(const std::string& topic, const std::string& value) {
  v1::ProduceRequest request;
  request.set_topic(topic);
  request.set_partition(0);
  request.mutable_record()->set_value(value);
  return request;
}

v1::ProduceBatchRequest batch_request(const std::string& topic,
                                      const std::vector<std::string>& values) {
  v1::ProduceBatchRequest request;
  request.set_topic(topic);
  for (const std::string& value : values) request.add_records()->set_value(value);
  return request;
}

v1::ConsumeRequest consume_request(const std::string& topic) {
  v1::ConsumeRequest request;
  request.set_topic(topic);
  return request;
}

}  // namespace streamhouse::e2e
