#include "fault_log.h"

#include <string_view>

namespace streamhouse::sim {

std::string_view fault_name(Fault fault) {
  switch (fault) {
    case Fault::kLostReply:
      return "lost reply";
    case Fault::kLateApply:
      return "late apply";
    case Fault::kUnknownCommit:
      return "unknown commit";
    case Fault::kDatabaseRefused:
      return "database refused";
    case Fault::kDatabaseThrottled:
      return "database throttled";
    case Fault::kStaleRead:
      return "read of a replica";
    case Fault::kStoreRefused:
      return "store refused";
    case Fault::kStoreThrottled:
      return "store throttled";
    case Fault::kStoreBurst:
      return "store refused for a while";
    case Fault::kStoreReplyLost:
      return "store reply lost";
    case Fault::kStoreLatePut:
      return "late put";
    case Fault::kStoreStall:
      return "store stall";
    case Fault::kDamagedRead:
      return "damaged read";
    case Fault::kShortRead:
      return "short read";
    case Fault::kCrash:
      return "crash";
    case Fault::kCrashBeforeCommit:
      return "crash between put and commit";
    case Fault::kSealOfLiveWriter:
      return "seal of a live writer";
    case Fault::kTornWrite:
      return "torn write";
    case Fault::kPause:
      return "pause";
    case Fault::kClockJump:
      return "clock jump";
    case Fault::kDatabaseStall:
      return "database stall";
    case Fault::kRefusedForGood:
      return "put refused for good";
    case Fault::kObjectRemoved:
      return "object removed";
  }
  return "?";
}

}  // namespace streamhouse::sim
