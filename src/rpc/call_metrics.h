#pragma once
/// \file  CallMetrics: what gRPC calls count.

#include "service/record_metrics.h"

namespace streamhouse::rpc {

/// Threading: any thread.
class CallMetrics : public service::RecordMetrics {
 public:
  explicit CallMetrics(runtime::Metrics& metrics);

  /// An error that a client was answered, of any call.
  void answered(const base::Error& error);

 private:
  runtime::Metrics& metrics_;
};

}  // namespace streamhouse::rpc
