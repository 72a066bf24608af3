#pragma once
/// \file  FaultLog: how often each kind of fault was injected, so that a run can show that it
/// tested what it says.

#include <array>
#include <cstdint>
#include <string_view>

namespace streamhouse::sim {

enum class Fault : std::uint8_t {
  kLostReply,  ///< The database applied a write, its answer was lost.
  kLateApply,  ///< A write was applied after its caller had learnt nothing, or a second time after
               ///< its answer.
  kUnknownCommit,    ///< An append's outcome was unknown to its sender.
  kDatabaseRefused,  ///< The database was unavailable for a call.
  kDatabaseThrottled,
  kStaleRead,  ///< A replica answered.
  kStoreRefused,
  kStoreThrottled,
  kStoreBurst,  ///< Refused, as every call is for a while.
  kStoreReplyLost,
  kStoreLatePut,
  kStoreStall,
  kDamagedRead,  ///< The store answered with a bit that is wrong.
  kShortRead,    ///< The store answered less than was asked for.
  kCrash,
  kCrashBeforeCommit,  ///< A process died with an object stored whose commit was not written.
  kSealOfLiveWriter,   ///< A session was sealed while its process was still alive.
  kTornWrite,          ///< A loss of power left a file with a part of what was written.
  kPause,
  kClockJump,
  kDatabaseStall,
  kRefusedForGood,  ///< An object that the store will never take.
  kObjectRemoved,   ///< No fault, but nothing is said about deletion without it.
};
constexpr std::size_t kFaults = 23;

std::string_view fault_name(Fault fault);

class FaultLog {
 public:
  void count(Fault fault, std::uint64_t times = 1) {
    counts_[static_cast<std::size_t>(fault)] += times;
  }
  std::uint64_t of(Fault fault) const { return counts_[static_cast<std::size_t>(fault)]; }

 private:
  std::array<std::uint64_t, kFaults> counts_{};
};

}  // namespace streamhouse::sim
