#include "kafka/call_metrics.h"

#include <string>

namespace streamhouse::kafka {
namespace {

constexpr std::string_view kProtocol = "kafka";

}  // namespace

CallMetrics::CallMetrics(runtime::Metrics& metrics)
    : RecordMetrics(metrics, kProtocol), metrics_(metrics) {}

void CallMetrics::produce_refused(wire::ErrorCode code) {
  const bool unknown = code == wire::ErrorCode::kRequestTimedOut;
  produce_failed(unknown ? service::Outcome::kUnknown : service::Outcome::kRefused);
  answered(code);
}

/// By Kafka's number: what clients log.
void CallMetrics::answered(wire::ErrorCode code) {
  const std::string number = std::to_string(static_cast<std::int16_t>(code));
  metrics_.counter("errors_total", {kProtocol, number}).add();
}

}  // namespace streamhouse::kafka
