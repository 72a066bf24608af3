#include "kafka/front_end.h"

#include "kafka/kafka_connection.h"

namespace streamhouse::kafka {

FrontEnd::FrontEnd(runtime::Runtime& runtime, runtime::Metrics& metrics,
                   const net::FrameLimits& limits, std::size_t reply_bytes_max)
    : runtime_(runtime),
      metrics_(metrics),
      replies_(runtime, reply_bytes_max),
      look_ups_(runtime),
      server_(
          runtime, limits,
          [this](const net::HostPort& client) {
            const groups::ClientId id{++clients_};
            return std::make_unique<KafkaConnection>(runtime_, services_, id, client);
          },
          &metrics.gauge("connections", {"kafka"})) {}

base::Result<net::HostPort> FrontEnd::listen(const net::HostPort& address) {
  return server_.listen(address);
}

void FrontEnd::serve(CoreServices core, KafkaConfig config) {
  config_ = std::move(config);
  brokers_.emplace(runtime_, core.cluster, look_ups_);
  services_.emplace(KafkaServices{.runtime = runtime_,
                                  .produce = core.produce,
                                  .producers = core.producers,
                                  .fetch = core.fetch,
                                  .topic_service = core.topic_service,
                                  .groups = core.groups,
                                  .membership = core.membership,
                                  .topics = core.topics,
                                  .leaders = core.leaders,
                                  .brokers = *brokers_,
                                  .replies = replies_,
                                  .config = config_,
                                  .metrics = metrics_});
}

runtime::Task<void> FrontEnd::close(runtime::MonoTime deadline) {
  co_await server_.close(deadline);
  co_await look_ups_.close();
}

}  // namespace streamhouse::kafka
