// Goal: what Kafka clients produce, fetch and are refused is counted once, under their protocol.
// Method: whole requests to a connection over the real services on the simulated runtime.

#include "kafka/call_metrics.h"

#include "tests/kafka/kafka_world.h"

namespace streamhouse::kafka {
namespace {

using core_testing::milliseconds;
using Labels = runtime::Metrics::Labels;
using Fetch = wire::FetchRequest;
using Produce = wire::ProduceRequest;

constexpr wire::Version kVersion = 9;

class CallMetricsTest : public kafka_testing::KafkaWorld {
 protected:
  std::uint64_t count(std::string_view name, Labels labels) {
    return metrics_.counter(name, labels).value();
  }
  std::uint64_t seconds_observed(std::string_view name, Labels labels) {
    return metrics_.histogram(name, labels).total();
  }
  /// Kafka's number of an error.
  std::uint64_t errors(std::string_view code) { return count("errors_total", {"kafka", code}); }
  static Fetch fetch_request(wire::String topic, std::int32_t max_wait_ms = 0) {
    Fetch request{.max_wait_ms = max_wait_ms, .min_bytes = 1, .max_bytes = 1 << 20};
    Fetch::Topic& asked = request.topics.emplace_back();
    asked.topic = topic;
    asked.partitions.push_back({.partition = 0, .partition_max_bytes = 1 << 20});
    return request;
  }
};

TEST_F(CallMetricsTest, WhatIsProducedIsCountedByBatch) {
  create("orders", 2);
  produce("orders", 3);
  produce("orders", 2, 1);
  EXPECT_EQ(count("produce_requests_total", {"kafka", "ok"}), 2u);
  EXPECT_EQ(count("produce_records_total", {"kafka"}), 5u);
  EXPECT_GT(count("produce_bytes_total", {"kafka"}), 5u * 20);
  EXPECT_EQ(seconds_observed("produce_duration_seconds", {"kafka", "durable"}), 2u);
  EXPECT_EQ(count("produce_requests_total", {"grpc", "ok"}), 0u);
}

TEST_F(CallMetricsTest, WhatIsRefusedOrNotAcknowledgedIsNotCountedAsProduced) {
  create("orders");
  ask(kVersion, produce_request("nothing", core_testing::produced_batch({})));
  EXPECT_EQ(errors("3"), 1u);
  EXPECT_EQ(count("produce_requests_total", {"kafka", "refused"}), 1u);
  Produce odd = produce_request("orders", core_testing::produced_batch({}));
  odd.acks = 7;
  ask(kVersion, odd);
  EXPECT_EQ(errors("21"), 1u);
  EXPECT_EQ(count("produce_requests_total", {"kafka", "refused"}), 2u);
  Produce silent = produce_request("orders", core_testing::produced_batch({}));
  silent.acks = 0;
  begin_request(kVersion, silent);
  run(milliseconds(100));
  EXPECT_EQ(count("produce_requests_total", {"kafka", "unknown"}), 0u);
  EXPECT_EQ(count("produce_requests_total", {"kafka", "ok"}), 0u);
  EXPECT_EQ(count("produce_records_total", {"kafka"}), 0u);
}

TEST_F(CallMetricsTest, WhatIsFetchedIsCountedByRequestAndRecord) {
  create("orders");
  produce("orders", 3);
  produce("orders", 4);
  ask(kVersion, fetch_request("orders"));
  EXPECT_EQ(count("fetch_requests_total", {"kafka", "ok"}), 1u);
  EXPECT_EQ(count("fetch_records_total", {"kafka"}), 7u);
  EXPECT_EQ(count("fetch_bytes_total", {"kafka", "tail"}), count("produce_bytes_total", {"kafka"}));
  EXPECT_EQ(seconds_observed("fetch_duration_seconds", {"kafka"}), 1u);
  ask(kVersion, fetch_request("nothing", 1000));
  EXPECT_EQ(count("fetch_requests_total", {"kafka", "refused"}), 1u);
  Fetch in_session = fetch_request("orders");
  in_session.session_id = 5;
  in_session.session_epoch = 1;
  ask(kVersion, in_session);
  EXPECT_EQ(count("fetch_requests_total", {"kafka", "refused"}), 2u);
  EXPECT_EQ(errors("3") + errors("70"), 2u);
  EXPECT_EQ(count("fetch_records_total", {"kafka"}), 7u);
}

}  // namespace
}  // namespace streamhouse::kafka
