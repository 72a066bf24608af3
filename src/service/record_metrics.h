#pragma once
/// \file  RecordMetrics: what calls that produce and fetch records count, for each protocol. Names
/// and labels are those of the metric table.

#include <string_view>

#include "base/error.h"
#include "fetch/fetcher.h"
#include "runtime/telemetry/metrics.h"

namespace streamhouse::service {

struct ProducedCount {
  model::Offset base_offset;  ///< -1: acknowledged while it was buffered.
  std::int64_t records = 0;
  std::size_t bytes = 0;
  runtime::Duration duration{};
};

/// What a client was told.
enum class Outcome : std::uint8_t {
  kOk,
  kRefused,
  kUnknown,  ///< It may or may not have been done.
};
Outcome outcome_of(const base::Status& answered);

/// Lifetime:  borrows the Metrics.
/// Threading: any thread.
class RecordMetrics {
 public:
  RecordMetrics(runtime::Metrics& metrics, std::string_view protocol);

  /// A batch of records of one partition.
  void produced(const ProducedCount& count);
  void produce_failed(Outcome why);
  /// Bytes of record batches that were read for a client.
  void fetched(fetch::Source source, std::size_t bytes);
  void delivered(std::int64_t records);
  /// A call that fetches has ended.
  void fetch_ended(Outcome outcome, runtime::Duration duration);

 private:
  struct Requests {
    runtime::Counter& ok;
    runtime::Counter& refused;
    runtime::Counter& unknown;
    runtime::Counter& of(Outcome outcome);
  };

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

}  // namespace streamhouse::service
