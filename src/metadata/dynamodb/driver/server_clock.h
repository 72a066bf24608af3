#pragma once
/// \file  ServerClock: the time at the service, as far as the dates of its answers tell. Pure.

#include <optional>
#include <string_view>

#include "runtime/time.h"

namespace streamhouse::metadata::dynamodb {

/// DynamoDB has no expression for the present time, so expiry would hang on each machine's clock.
/// An answer's Date header says which second it was at the service at some moment between request
/// and answer; a local clock that cannot be right by that is corrected, as little as is needed. So
/// all agents agree to a second or two, whatever their clocks say; no safety rests on it.
class ServerClock {
 public:
  /// An answer with this Date header came; both times are the local clock's.
  void observe(std::string_view date, runtime::WallMs sent, runtime::WallMs received);
  runtime::WallMs now(runtime::WallMs local) const { return local + offset_ms_; }

 private:
  std::int64_t offset_ms_ = 0;
};

/// `Sat, 21 Nov 2026 18:05:00 GMT` (RFC 9110's IMF-fixdate); nullopt for anything else.
std::optional<runtime::WallMs> parse_http_date(std::string_view text);

}  // namespace streamhouse::metadata::dynamodb
