#pragma once
/// \file  KafkaConnection: the requests of one Kafka client, each sent to its handler.

#include <optional>

#include "kafka/call.h"
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
  KafkaConnection(runtime::Runtime& runtime, std::optional<KafkaServices>& services,
                  groups::ClientId id, const net::HostPort& client)
      : services_(services), client_(runtime, id, client) {}

  runtime::Task<net::FrameReply> answer(net::Frame request, net::Turn turn) override;
  /// Its joins, syncs and fetches that wait are answered at once.
  void ending() override;

 private:
  std::optional<KafkaServices>& services_;
  Client client_;
};

}  // namespace streamhouse::kafka
