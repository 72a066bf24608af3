#include "objectstore/wrappers/retry_call.h"

namespace streamhouse::objectstore {

using base::Errc;

namespace {

/// Whether a call that fails so was never applied, not by an earlier attempt either.
bool excludes_success(Errc code) {
  return code == Errc::kExists || code == Errc::kInvalid || code == Errc::kTooLarge;
}

}  // namespace

base::Error given_up(base::Error error, std::uint32_t attempts, bool maybe_applied) {
  const bool retriable = base::retryability(error.code) == base::Retry::kAfterBackoff;
  if (retriable && attempts > 1)
    error.text += " (given up after " + std::to_string(attempts) + " attempts)";
  if (maybe_applied && !excludes_success(error.code)) error.code = Errc::kUnknownOutcome;
  return error;
}

}  // namespace streamhouse::objectstore
