#pragma once
/// \file  CallMetrics: what gRPC calls count. Names and labels are those of the metric table.

#include <map>
#include <string>
#include <string_view>

#include "base/error.h"
#include "fetch/fetcher.h"
#include "runtime/telemetry/metrics.h"

namespace streamhouse::rpc {

enum class Ack : std::uint8_t { kDurable, kBuffered };

struct ProducedCount {
  Ack ack = Ack::kDurable;
  std::int64_t records = 0;
  std::size_t bytes = 0;
  runtime::Duration duration{};
};

/// Lifetime:  borrows the Metrics.
/// Threading: any thread.
class CallMetrics {
 public:
  explicit CallMetrics(runtime::Metrics& metrics);

  void produced(const ProducedCount& count);
  void produce_failed(const base::Error& error);
  /// Bytes of record batches that were read for a client.
  void fetched(fetch::Source source, std::size_t bytes);
  void delivered(std::int64_t records);
  /// A Consume stream has ended.
  void fetch_ended(const base::Status& outcome, runtime::Duration duration);
  /// An error that a client was answered, of any call.
  void answered(const base::Error& error);

 private:
  struct Requests {
    runtime::Counter& ok;
    runtime::Counter& refused;
    runtime::Counter& unknown;
    runtime::Counter& of(const base::Status& outcome);
  };

  runtime::Metrics& metrics_;
  Requests produce_;
  Requests fetch_;
  runtime::Counter& produced_records_;
  runtime::Counter& produced_bytes_;
  runtime::Histogram& durable_seconds_;
  runtime::Histogram& buffered_seconds_;
  runtime::Counter& fetched_records_;
  runtime::Counter& fetched_tail_bytes_;
  runtime::Counter& fetched_store_bytes_;
  runtime::Histogram& fetch_seconds_;
};

}  // namespace streamhouse::rpc
