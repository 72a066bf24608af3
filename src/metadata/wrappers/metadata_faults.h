#pragma once
/// \file  MetadataFaults: what goes wrong with a metadata store, how often, and what did. It
/// outlives the processes it troubles, as the network and the database do.

#include <array>
#include <cstdint>
#include <string_view>

#include "metadata/operation.h"
#include "runtime/random.h"
#include "runtime/task_group.h"

namespace streamhouse::metadata {

enum class MetadataFault : std::uint8_t {
  kNone,
  kRefused,      ///< kUnavailable; not applied.
  kThrottled,    ///< kThrottled; not applied.
  kBurst,        ///< Refused, as is every call until the burst is over.
  kStalled,      ///< Takes long, then goes well.
  kReplyLost,    ///< Applied; a write answers kUnknownOutcome, a read kUnavailable.
  kAppliedLate,  ///< Writes only: kUnknownOutcome at once, applied later.
  kCopiedLate,   ///< Writes only, besides another: a copy is applied once more, later.
};
constexpr std::size_t kMetadataFaultCount = 8;
std::string_view fault_name(MetadataFault fault);

/// Probabilities per call; at most one of them happens to a call, but that a late copy follows is
/// drawn by itself, for every write that is applied. `burst` is that of a burst's start.
struct MetadataFaultRates {
  double refused = 0;
  double throttled = 0;
  double burst = 0;
  double stalled = 0;
  double reply_lost = 0;
  double applied_late = 0;
  double copied_late = 0;
};

struct MetadataFaultTimes {
  runtime::Duration burst = std::chrono::milliseconds(500);
  runtime::Duration stall_max = std::chrono::seconds(5);
  runtime::Duration late_max = std::chrono::seconds(10);
};

/// Lifetime:  outlives the FaultMetadataStores that use it. Stores under them outlive it.
/// Threading: one thread. Deterministic from its seed and the order of calls.
class MetadataFaults {
 public:
  /// Late writes run on `carrier`: a simulation's own runtime, or that of the only process.
  MetadataFaults(runtime::Runtime& carrier, std::uint64_t seed);

  /// Of calls that begin from now on; begins with no faults at all.
  void set_rates(const MetadataFaultRates& rates) { rates_.fill(rates); }
  void set_rates(OperationGroup group, const MetadataFaultRates& rates);
  void set_rates(Operation operation, const MetadataFaultRates& rates) {
    rates_[operation] = rates;
  }
  void set_times(const MetadataFaultTimes& times) { times_ = times; }
  /// No more faults: rates to zero, burst and hold over. Late writes still come.
  void stop();

  /// From now until release() no call of `operation` begins or ends; FaultMetadataStore looks every
  /// kHoldPoll.
  void hold(Operation operation) { held_[operation] = true; }
  void hold(OperationGroup group);
  void release() { held_.fill(false); }
  bool is_held(Operation operation) const { return held_[operation]; }
  static constexpr runtime::Duration kHoldPoll = std::chrono::milliseconds(10);

  std::uint64_t count(Operation operation, MetadataFault fault) const;
  std::uint64_t count(MetadataFault fault) const;
  /// Writes and copies that are still to be applied.
  std::size_t late_write_count() const { return late_writes_.size(); }
  /// Returns when there are none. Call once, at the end.
  runtime::Task<void> drain() { return late_writes_.close(); }

  /// For FaultMetadataStore, as is all that follows. Chooses and counts what happens to a call.
  MetadataFault draw(Operation operation);
  /// Whether an applied call is followed by a late copy; counts it.
  bool draw_copy(Operation operation);
  runtime::Duration stall_time();
  /// Begins `write` at a later time.
  void apply_late(runtime::Task<void> write);

 private:
  MetadataFault choose(Operation operation);
  runtime::Task<void> apply_after(runtime::Duration delay, runtime::Task<void> write);

  runtime::Runtime& carrier_;
  runtime::Random random_;
  ByOperation<MetadataFaultRates> rates_;
  MetadataFaultTimes times_;
  runtime::MonoTime burst_end_{};
  ByOperation<bool> held_;
  ByOperation<std::array<std::uint64_t, kMetadataFaultCount>> counts_;
  runtime::TaskGroup late_writes_;
};

}  // namespace streamhouse::metadata
