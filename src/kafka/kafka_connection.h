#pragma once
/// \file  KafkaConnection: the requests of one Kafka client, each sent to its handler.

#include <optional>

#include "kafka/services.h"
#include "net/frames/frame_handler.h"
#include "wire/api.h"

namespace streamhouse::kafka {

/// What is served, by key.
std::vector<const wire::Api*> served_apis();

/// A request that cannot be read, or that nobody serves, closes its connection; only to ApiVersions
/// there is always an answer.
/// Threading: the core's executor.
class KafkaConnection final : public net::FrameHandler {
 public:
  /// Until there are services every request closes the connection.
  explicit KafkaConnection(std::optional<KafkaServices>& services) : services_(services) {}

  runtime::Task<net::FrameReply> answer(net::Frame request, net::Turn turn) override;

 private:
  std::optional<KafkaServices>& services_;
};

}  // namespace streamhouse::kafka
