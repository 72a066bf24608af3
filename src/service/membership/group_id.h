#pragma once
/// \file  What a group may be called.

#include <string>

#include "base/error.h"
#include "base/utf8.h"

namespace streamhouse::service {

constexpr std::size_t kGroupIdBytesMax = 255;

/// Errors: kInvalid, unless it has 1 to kGroupIdBytesMax bytes of UTF-8: all clients that list
/// groups are told of it.
inline base::Status check_group_id(const std::string& group_id) {
  const bool fits = !group_id.empty() && group_id.size() <= kGroupIdBytesMax;
  if (fits && base::is_utf8(group_id)) return {};
  return {base::Errc::kInvalid,
          "group id '" + base::to_utf8(group_id) + "': 1 to 255 bytes of UTF-8"};
}

}  // namespace streamhouse::service
