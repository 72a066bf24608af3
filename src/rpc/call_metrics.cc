#include "rpc/call_metrics.h"

#include "rpc/error_status.h"

namespace streamhouse::rpc {
namespace {

constexpr std::string_view kProtocol = "grpc";

}  // namespace

CallMetrics::CallMetrics(runtime::Metrics& metrics)
    : RecordMetrics(metrics, kProtocol), metrics_(metrics) {}

void CallMetrics::answered(const base::Error& error) {
  metrics_.counter("errors_total", {kProtocol, public_error(error.code).code}).add();
}

}  // namespace streamhouse::rpc
