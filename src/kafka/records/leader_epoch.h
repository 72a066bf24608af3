#pragma once
/// \file  Whether a client and a leader mean the same leadership.

#include <cstdint>

#include "model/ids.h"
#include "wire/error_code.h"

namespace streamhouse::kafka {

constexpr std::int32_t kNoEpoch = -1;

/// `asked`: the epoch that the client has from Metadata; kNoEpoch if it does not say.
inline wire::ErrorCode check_epoch(model::LeaderEpoch epoch, std::int32_t asked) {
  if (asked == kNoEpoch || asked == epoch.value()) return wire::ErrorCode::kNone;
  return asked < epoch.value() ? wire::ErrorCode::kFencedLeaderEpoch
                               : wire::ErrorCode::kUnknownLeaderEpoch;
}

}  // namespace streamhouse::kafka
