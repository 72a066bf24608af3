#pragma once
/// \file  StoreFaults: what goes wrong with an object store, how often, and what did. It outlives
/// the processes it troubles, as the network and the store do.

#include <functional>
#include <string>

#include "objectstore/object_store.h"
#include "objectstore/store_operation.h"
#include "runtime/random.h"
#include "runtime/task_group.h"

namespace streamhouse::objectstore {

enum class StoreFault : std::uint8_t {
  kNone,
  kRefused,      ///< kUnavailable; not applied.
  kThrottled,    ///< kThrottled; not applied.
  kBurst,        ///< Refused, as is every call until the burst is over.
  kStalled,      ///< Takes long, then goes well.
  kReplyLost,    ///< Applied; a write answers kUnknownOutcome, a read kUnavailable.
  kAppliedLate,  ///< Writes only: kUnknownOutcome at once, applied later.
  kCorrupted,    ///< Gets only: one bit of the answer is wrong.
  kTruncated,    ///< Gets only: the answer is shorter than asked for.
};
constexpr std::size_t kStoreFaultCount = 9;
std::string_view fault_name(StoreFault fault);

/// Probabilities per call; at most one fault happens to a call. `burst` is that of a burst's start.
struct FaultRates {
  double refused = 0;
  double throttled = 0;
  double burst = 0;
  double stalled = 0;
  double reply_lost = 0;
  double applied_late = 0;
  double corrupted = 0;
  double truncated = 0;
};

struct FaultTimes {
  runtime::Duration burst = std::chrono::milliseconds(500);
  runtime::Duration stall_max = std::chrono::seconds(5);
  runtime::Duration late_max = std::chrono::seconds(10);
};

/// Lifetime:  outlives the FaultObjectStores that use it. Stores under them outlive it.
/// Threading: one thread. Deterministic from its seed and the order of calls.
class StoreFaults {
 public:
  /// Late writes run on `carrier`: a simulation's own runtime, or that of the only process.
  StoreFaults(runtime::Runtime& carrier, std::uint64_t seed)
      : carrier_(carrier), random_(seed), late_writes_(carrier) {}

  /// Of calls that begin from now on; begins with no faults at all.
  void set_rates(const FaultRates& rates) { rates_.fill(rates); }
  void set_rates(StoreOperation operation, const FaultRates& rates) { rates_[operation] = rates; }
  void set_times(const FaultTimes& times) { times_ = times; }
  /// No more faults: rates to zero, burst and hold over. Late writes still come.
  void stop();

  /// From now until release() no call of `operation` begins or ends; FaultObjectStore looks every
  /// kHoldPoll.
  void hold(StoreOperation operation) { held_[operation] = true; }
  void release() { held_.fill(false); }
  bool is_held(StoreOperation operation) const { return held_[operation]; }
  static constexpr runtime::Duration kHoldPoll = std::chrono::milliseconds(10);

  std::uint64_t count(StoreOperation operation, StoreFault fault) const;
  std::uint64_t count(StoreFault fault) const;
  /// Writes that answered kUnknownOutcome and are still to be applied.
  std::size_t late_write_count() const { return late_writes_.size(); }
  /// Returns when there are none. Call once, at the end.
  Task<void> drain() { return late_writes_.close(); }

  /// For FaultObjectStore, as is all that follows. Chooses and counts what happens to a call; wrong
  /// answers are counted when they are made.
  StoreFault draw(StoreOperation operation);
  runtime::Duration stall_time();
  /// Begins `write` at a later time.
  void apply_late(Task<Status> write);
  /// `bytes` with one bit changed, or without some of their end. Requires: not empty.
  Bytes corrupt(const Bytes& bytes);
  Bytes truncate(const Bytes& bytes);

 private:
  StoreFault choose(StoreOperation operation);
  Task<void> apply_after(runtime::Duration delay, Task<Status> write);

  runtime::Runtime& carrier_;
  runtime::Random random_;
  ByOperation<FaultRates> rates_;
  FaultTimes times_;
  runtime::MonoTime burst_end_{};
  ByOperation<bool> held_;
  ByOperation<std::array<std::uint64_t, kStoreFaultCount>> counts_;
  runtime::TaskGroup late_writes_;
};

}  // namespace streamhouse::objectstore
