#pragma once
/// \file  BrokerDirectory: the live agents as Kafka clients know them, each a broker with a number
/// and an address of its own.

#include <map>
#include <memory>
#include <variant>

#include "net/address.h"
#include "runtime/cache/flights.h"
#include "service/admin/cluster_service.h"

namespace streamhouse::kafka {

struct Broker {
  std::int32_t node_id = -1;
  net::HostPort address;
  std::string zone;
};

/// Brokers by node id, and how to find them by what leases say. Immutable.
class Brokers {
 public:
  explicit Brokers(const std::vector<metadata::Agent>& agents);

  const std::map<std::int32_t, Broker>& all() const { return brokers_; }
  /// nullptr if the agent has no Kafka listener, or is not alive.
  const Broker* at_grpc_address(std::string_view address) const;
  /// Who is named as controller; nullptr without any broker.
  const Broker* controller() const {
    return brokers_.empty() ? nullptr : &brokers_.begin()->second;
  }

 private:
  std::map<std::int32_t, Broker> brokers_;
  std::map<std::string, std::int32_t, std::less<>> nodes_;  ///< By gRPC address.
};
using BrokersPtr = std::shared_ptr<const Brokers>;

/// The key of AgentInfo::metadata under which an agent says where its Kafka listener is.
constexpr const char* kKafkaAddressKey = "kafka_address";

/// Not negative, and always the same for an agent id: clients keep it across restarts. Two of 1,000
/// agents share one with a chance of 1 to 4,000; one of them is then not seen.
std::int32_t node_id_of(std::string_view agent_id);

/// Threading: the core's executor.
/// Cost: one look-up in the store a second, for all who ask meanwhile.
class BrokerDirectory {
 public:
  BrokerDirectory(runtime::Runtime& runtime, service::ClusterService& cluster,
                  runtime::TaskGroup& group);

  /// Not older than a second, while the store answers; else those that were known last. Errors:
  /// those of the store, kUnavailable, while none were ever known.
  runtime::Task<base::Result<BrokersPtr>> get();

 private:
  runtime::Task<base::Result<BrokersPtr>> load();

  runtime::Runtime& runtime_;
  service::ClusterService& cluster_;
  runtime::Flights<std::monostate, BrokersPtr> loads_;
  BrokersPtr known_;
  runtime::MonoTime known_until_{};
};

}  // namespace streamhouse::kafka
