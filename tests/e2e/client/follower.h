#pragma once
/// \file  Follower: a consumer that follows one partition until the agent is gone.

#include <cstdint>
#include <thread>
#include <utility>

#include "tests/e2e/client/client.h"

namespace streamhouse::e2e {

class Follower {
 public:
  Follower(const std::string& address, const std::string& topic, int partition, std::int64_t offset)
      : topic_(topic), partition_(partition), client_(address) {
    v1::ConsumeRequest request = consume_request(topic);
    request.set_partition(partition);
    request.set_offset(offset);
    request.set_follow(true);
    thread_ = std::jthread([this, request] { read(request); });
  }

  const std::string& topic() const { return topic_; }
  int partition() const { return partition_; }
  /// Waits until the stream has ended.
  std::vector<v1::ConsumedRecord> end() {
    thread_.join();
    return std::move(records_);
  }

 private:
  void read(const v1::ConsumeRequest& request) {
    grpc::ClientContext context;
    const auto reader = client_.records().Consume(&context, request);
    for (v1::ConsumeResponse message; reader->Read(&message);)
      records_.insert(records_.end(), message.records().begin(), message.records().end());
    reader->Finish();
  }

  std::string topic_;
  int partition_;
  Client client_;
  std::vector<v1::ConsumedRecord> records_;
  std::jthread thread_;
};

}  // namespace streamhouse::e2e
