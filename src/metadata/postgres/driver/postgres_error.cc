#include "metadata/postgres/driver/postgres_error.h"

#include <algorithm>
#include <array>

namespace streamhouse::metadata::postgres {
namespace {

using base::Errc;

struct Meaning {
  std::string_view prefix;  ///< Of the SQLSTATE: a class, or a whole state.
  Errc code;
  Failure failure;
  std::string_view words;
};

/// CockroachDB answers it in place of whatever else it knew of a statement that ran too long, also
/// of one that has committed.
constexpr std::string_view kCancelled = "57014";

/// The first that matches counts.
constexpr std::array kMeanings = {
    Meaning{"40001", Errc::kUnavailable, Failure::kConflict, "lost against another transaction"},
    Meaning{"40P01", Errc::kUnavailable, Failure::kConflict, "lost against another transaction"},
    Meaning{"40003", Errc::kUnknownOutcome, Failure::kUnknown, "the outcome is not known"},
    Meaning{"01000", Errc::kUnknownOutcome, Failure::kUnknown,
            "committed, perhaps on this server alone"},
    Meaning{"22021", Errc::kInvalid, Failure::kNone, "a text is not UTF-8, or has a zero byte"},
    Meaning{"22P05", Errc::kInvalid, Failure::kNone, "a text cannot be stored"},
    Meaning{"25006", Errc::kUnavailable, Failure::kNone, "only reads are possible here"},
    Meaning{"28", Errc::kInvalid, Failure::kNone, "the login is refused"},
    Meaning{"3D000", Errc::kInvalid, Failure::kNone, "there is no such database"},
    Meaning{"42501", Errc::kInvalid, Failure::kNone, "the user may not do this"},
    Meaning{"53", Errc::kUnavailable, Failure::kNone, "the server is at a bound"},
    Meaning{"54", Errc::kTooLarge, Failure::kNone, "too large"},
    Meaning{"55P03", Errc::kUnavailable, Failure::kNone, "a lock was not to be had in time"},
    Meaning{"57014", Errc::kUnavailable, Failure::kNone, "took too long"},
    Meaning{"57P", Errc::kUnavailable, Failure::kLost, "the server starts or stops"},
    Meaning{"58", Errc::kUnavailable, Failure::kNone, "the server has an I/O error"},
    Meaning{"08", Errc::kUnavailable, Failure::kLost, "the connection failed"},
    Meaning{"25P03", Errc::kUnavailable, Failure::kLost, "the transaction idled too long"},
    Meaning{"XX001", Errc::kCorrupt, Failure::kNone, "damaged data"},
    Meaning{"XX002", Errc::kCorrupt, Failure::kNone, "a damaged index"},
};
constexpr Meaning kGone{"", Errc::kUnavailable, Failure::kLost, "not reachable"};
constexpr Meaning kOther{"", Errc::kInternal, Failure::kNone, "an unexpected error"};

const Meaning& meaning_of(const std::string& state) {
  if (state.empty()) return kGone;
  const auto found = std::ranges::find_if(
      kMeanings, [&](const Meaning& meaning) { return state.starts_with(meaning.prefix); });
  return found == kMeanings.end() ? kOther : *found;
}

std::string describe(const ServerError& failure, std::string_view words,
                     const std::string& target) {
  std::string text = target + ": " + std::string(words) + " (" + failure.text;
  if (!failure.state.empty()) text += ", code " + failure.state;
  return text + ")";
}

bool is_state(std::string_view text) {
  return std::ranges::all_of(
      text, [](char c) { return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z'); });
}

Verdict open_outcome(const ServerError& failure, std::string_view words,
                     const std::string& target) {
  return {base::make_error(Errc::kUnknownOutcome, describe(failure, words, target)),
          Failure::kUnknown};
}

}  // namespace

Verdict judge(const ServerError& failure, Phase phase, const std::string& target) {
  const Meaning& meaning = meaning_of(failure.state);
  if (phase == Phase::kCommit && failure.ended_connection)
    return open_outcome(failure, "the connection ended during a commit", target);
  if (phase == Phase::kCommit && failure.state == kCancelled)
    return open_outcome(failure, "cancelled during a commit", target);
  const Failure known = failure.ended_connection ? Failure::kLost : meaning.failure;
  return {base::make_error(meaning.code, describe(failure, meaning.words, target)), known};
}

std::string state_in_message(std::string_view message) {
  constexpr std::string_view kBefore = ":  ";
  constexpr std::size_t kStateSize = 5;
  for (std::size_t at = message.find(kBefore); at != std::string_view::npos;
       at = message.find(kBefore, at + 1)) {
    const std::string_view rest = message.substr(at + kBefore.size());
    if (rest.size() > kStateSize && rest[kStateSize] == ':' && is_state(rest.substr(0, kStateSize)))
      return std::string(rest.substr(0, kStateSize));
  }
  return "";
}

}  // namespace streamhouse::metadata::postgres
