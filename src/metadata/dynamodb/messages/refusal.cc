#include "metadata/dynamodb/messages/refusal.h"

#include <algorithm>
#include <array>

namespace streamhouse::metadata::dynamodb {

using base::Errc;
using base::make_error;

namespace {

template <std::size_t kCount>
bool is_one_of(std::string_view text, const std::array<std::string_view, kCount>& list) {
  return std::ranges::find(list, text) != list.end();
}

bool has_reason(const Refusal& refusal, std::string_view reason) {
  return std::ranges::find(refusal.reasons, reason) != refusal.reasons.end();
}

bool is_throttled(const Refusal& refusal) {
  constexpr std::array<std::string_view, 5> kTypes = {
      "ThrottlingException", "ProvisionedThroughputExceededException", "RequestLimitExceeded",
      "LimitExceededException", "SlowDown"};
  return refusal.status == 429 || is_one_of(refusal.type, kTypes) ||
         has_reason(refusal, "ThrottlingError") ||
         has_reason(refusal, "ProvisionedThroughputExceeded");
}

bool has_failed_a_condition(const Refusal& refusal) {
  return refusal.type == "ConditionalCheckFailedException" ||
         has_reason(refusal, "ConditionalCheckFailed");
}

bool is_too_large(const Refusal& refusal) {
  if (refusal.status == 413 || has_reason(refusal, "ItemCollectionSizeLimitExceeded")) return true;
  const bool invalid =
      refusal.type == "ValidationException" || has_reason(refusal, "ValidationError");
  const auto says = [&](std::string_view part) { return refusal.message.contains(part); };
  return invalid &&
         (says("tem size") || says("size limit") || says("maximum allowed size") ||
          says("has exceeded") || says("greater than the maximum") || says("must be under"));
}

/// The request itself is wrong, by a mistake of this program. Of everything else, also of what the
/// service or a proxy before it may say one day, something may be set right meanwhile.
bool is_ours(const Refusal& refusal) {
  constexpr std::array<std::string_view, 3> kTypes = {
      "ValidationException", "SerializationException", "IdempotentParameterMismatchException"};
  return is_one_of(refusal.type, kTypes) || has_reason(refusal, "ValidationError") ||
         has_reason(refusal, "DuplicateItem");
}

std::string text_of(const Refusal& refusal) {
  std::string text = std::to_string(refusal.status);
  if (!refusal.type.empty()) text += " " + refusal.type;
  if (!refusal.message.empty()) text += ": " + refusal.message;
  return text;
}

}  // namespace

bool was_outrun(const Refusal& refusal) {
  constexpr std::array<std::string_view, 2> kTypes = {"TransactionConflictException",
                                                      "ReplicatedWriteConflictException"};
  const bool met = is_one_of(refusal.type, kTypes) || has_reason(refusal, "TransactionConflict");
  return met && !has_failed_a_condition(refusal);
}

bool concerns_credentials(const Refusal& refusal) {
  constexpr std::array<std::string_view, 4> kTypes = {"ExpiredTokenException",
                                                      "UnrecognizedClientException", "ExpiredToken",
                                                      "InvalidClientTokenId"};
  return is_one_of(refusal.type, kTypes);
}

Verdict judge(const Refusal& refusal, Effect effect, const std::string& what) {
  const std::string text = what + ": " + text_of(refusal);
  // A condition counts before everything else: repeating the same request would not help.
  if (has_failed_a_condition(refusal) || was_outrun(refusal))
    return {make_error(Errc::kConflict, text), Failure::kLost};
  if (is_throttled(refusal)) return {make_error(Errc::kThrottled, text), Failure::kThrottled};
  if (refusal.type == "TransactionInProgressException")
    return {make_error(Errc::kUnknownOutcome, text), Failure::kUnknown};
  if (refusal.status >= 500) {
    if (effect == Effect::kRead) return {make_error(Errc::kUnavailable, text), Failure::kDown};
    return {make_error(Errc::kUnknownOutcome, text), Failure::kUnknown};
  }
  if (is_too_large(refusal)) return {make_error(Errc::kTooLarge, text), Failure::kNone};
  if (is_ours(refusal)) return {make_error(Errc::kInternal, text), Failure::kNone};
  return {make_error(Errc::kUnavailable, text), Failure::kNone};
}

std::string mistake(const Refusal& refusal, const std::string& asked) {
  const std::string& type = refusal.type;
  if (type == "UnrecognizedClientException" || type == "InvalidClientTokenId")
    return "the access key is not known to " + asked;
  if (type == "MissingAuthenticationTokenException") return "no access key was sent to " + asked;
  if (type == "ExpiredTokenException" || type == "ExpiredToken")
    return "the session token is not valid (any more) for " + asked;
  if (type == "InvalidSignatureException" || type == "IncompleteSignatureException") {
    if (refusal.message.contains("expired") || refusal.message.contains("not yet current"))
      return "this machine's clock is wrong, says " + asked;
    if (refusal.message.contains("scoped to a valid region"))
      return "the region is wrong for " + asked;
    return "the secret key does not belong to the access key, says " + asked;
  }
  if (type == "AccessDeniedException") return "the access key may not do this on " + asked;
  if (type == "SubscriptionRequiredException") return "the account may not use " + asked;
  return {};
}

}  // namespace streamhouse::metadata::dynamodb
