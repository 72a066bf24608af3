#pragma once
/// \file  CallMetrics: what requests of Kafka clients count.

#include "service/record_metrics.h"
#include "wire/error_code.h"

namespace streamhouse::kafka {

/// Threading: any thread.
class CallMetrics : public service::RecordMetrics {
 public:
  explicit CallMetrics(runtime::Metrics& metrics);

  /// A batch was refused, or its outcome is not known.
  void produce_refused(wire::ErrorCode code);
  /// A partition was not read.
  void fetch_refused(wire::ErrorCode code) { answered(code); }

 private:
  void answered(wire::ErrorCode code);

  runtime::Metrics& metrics_;
};

}  // namespace streamhouse::kafka
