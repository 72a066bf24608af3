#pragma once
/// \file  Client: gRPC calls in a form that tests can read.

#include <grpcpp/grpcpp.h>

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "streamhouse/v1/streamhouse.grpc.pb.h"

namespace streamhouse::e2e {

/// How a call ended, and what came with it.
struct Outcome {
  grpc::Status status;
  std::string error;   ///< The trailer streamhouse-error; empty if there is none.
  std::string leader;  ///< The trailer streamhouse-leader.
  bool ok() const { return status.ok(); }
};
/// For test failures: `NOT_FOUND topic_not_found: ...`.
std::ostream& operator<<(std::ostream& out, const Outcome& outcome);

/// `STATUS code`, as docs/errors.md writes it: `NOT_FOUND topic_not_found`; `OK`.
std::string verdict(const Outcome& outcome);
Outcome outcome_of(const grpc::Status& status, const grpc::ClientContext& context);

struct Consumed {
  Outcome outcome;
  std::vector<v1::ConsumedRecord> records;
  std::vector<std::int64_t> high_watermarks;  ///< One a message.
  std::vector<std::string> values() const;
};

class Client {
 public:
  explicit Client(const std::string& address);

  std::shared_ptr<grpc::Channel> channel() const { return channel_; }
  v1::StreamHouseService::Stub& records() { return *records_; }
  v1::AdminService::Stub& admin() { return *admin_; }

  /// Any unary call: client.call(&Stub::Method, stub, request, response).
  template <class Stub, class Request, class Response>
  Outcome call(grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&, Response*),
               Stub& stub, const Request& request, Response& response) {
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(60));
    const grpc::Status status = (stub.*method)(&context, request, &response);
    return outcome_of(status, context);
  }

  Outcome create_topic(const std::string& name, int partitions = 1,
                       const std::map<std::string, std::string>& config = {});
  Outcome produce(const v1::ProduceRequest& request, v1::ProduceResponse& response);
  /// One record with this value into partition 0.
  Outcome produce(const std::string& topic, const std::string& value);
  Outcome produce_batch(const v1::ProduceBatchRequest& request, v1::ProduceBatchResponse& response);
  Consumed consume(const v1::ConsumeRequest& request);
  /// Everything in partition 0.
  std::vector<std::string> values(const std::string& topic);

 private:
  std::shared_ptr<grpc::Channel> channel_;
  std::unique_ptr<v1::StreamHouseService::Stub> records_;
  std::unique_ptr<v1::AdminService::Stub> admin_;
};

v1::ProduceRequest produce_request(const std::string& topic, const std::string& value);
v1::ProduceBatchRequest batch_request(const std::string& topic,
                                      const std::vector<std::string>& values);
v1::ConsumeRequest consume_request(const std::string& topic);

}  // namespace streamhouse::e2e
