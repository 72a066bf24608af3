#pragma once
/// \file  What a group may be called.

#include <string>

#include "base/error.h"

namespace streamhouse::service {

constexpr std::size_t kGroupIdBytesMax = 255;

/// Errors: kInvalid, unless it has 1 to kGroupIdBytesMax bytes.
inline base::Status check_group_id(const std::string& group_id) {
  if (!group_id.empty() && group_id.size() <= kGroupIdBytesMax) return {};
  return {base::Errc::kInvalid, "group id '" + group_id + "': 1 to 255 bytes"};
}

}  // namespace streamhouse::service
