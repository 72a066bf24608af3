#pragma once
/// \file  What DynamoDB's refusals mean, and what is known after them. Pure.

#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace streamhouse::metadata::dynamodb {

/// An answer that is no success.
struct Refusal {
  int status = 0;
  std::string type = {};     ///< `ThrottlingException`, without its namespace.
  std::string message = {};  ///< At most 300 bytes, printable.
  /// Of a cancelled transaction: `ConditionalCheckFailed`, `None` and so on, one for each item.
  std::vector<std::string> reasons = {};
};

/// What a call may have done when its outcome is not known.
enum class Effect : std::uint8_t { kRead, kWrite };

/// What a failure means for whoever may try again.
enum class Failure : std::uint8_t {
  kNone,       ///< None, or one that a repetition would meet again.
  kLost,       ///< A condition did not hold, or another transaction was faster: not applied.
  kThrottled,  ///< Too much at once: not applied, the same request may pass later.
  kDown,       ///< Not applied; the same request may pass soon.
  kUnknown,    ///< It may or may not have been applied.
};

struct Verdict {
  base::Error error;
  Failure failure;
};

/// `what` names the call and the table. A condition that did not hold: kConflict. Throttling:
/// kThrottled. A failure inside the service: kUnknownOutcome for a write. An item, key or
/// transaction that is too large: kTooLarge; a request that is malformed: kInternal. Any other,
/// what an operator can set right meanwhile (keys, rights, the table) among them: kUnavailable.
Verdict judge(const Refusal& refusal, Effect effect, const std::string& what);

/// Whether nothing but another transaction, under way at the time, was in the way: the conditions
/// were not looked at, so it says nothing of what an earlier attempt did.
bool was_outrun(const Refusal& refusal);

/// Whether other credentials may be accepted.
bool concerns_credentials(const Refusal& refusal);

/// What has to be set right before an agent can start: the table, the region, the keys, the clock,
/// a right; empty if it is nothing of that kind. `asked` names table and endpoint.
std::string mistake(const Refusal& refusal, const std::string& asked);

}  // namespace streamhouse::metadata::dynamodb
