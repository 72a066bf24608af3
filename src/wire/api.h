#pragma once
/// \file  Api: what there is of each API - its versions and its two messages. The one list of all.

#include <span>
#include <string_view>

#include "wire/api_key.h"
#include "wire/codec/type.h"

namespace streamhouse::wire {

struct Api {
  ApiKey key;
  std::string_view name;  ///< `Metadata`
  Versions versions;      ///< That the codec reads and writes.
  Versions flexible;
  /// What an ApiVersions reply says. Wider than `versions` for Produce: clients take a lowest
  /// version above 0 for a broker that cannot compress. Narrower where the newest is not final.
  Versions shown;
  const Type* request;
  const Type* response;

  Flexible is_flexible(Version version) const {
    return flexible.contains(version) ? Flexible::kYes : Flexible::kNo;
  }
};

/// In the order of their keys.
std::span<const Api> apis();

/// nullptr if nothing is known of this key.
const Api* find_api(std::int16_t key);
/// Requires: a named key.
const Api& api_of(ApiKey key);

}  // namespace streamhouse::wire
