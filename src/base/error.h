#pragma once
/// \file  The one error vocabulary: every fallible call of the system answers Result<T>.

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <utility>

namespace streamhouse::base {

/// What went wrong, in the domain's words. docs/errors.md says for each what a caller does next and
/// how Kafka and gRPC clients see it; the two switches that translate are exhaustive.
enum class Errc : std::uint8_t {
  kTopicNotFound,
  kPartitionNotFound,
  kGroupNotFound,
  kNotFound,  ///< Any other named thing that does not exist.
  kTopicExists,
  kExists,            ///< A create-only write met other content under its name.
  kInvalid,           ///< The caller's input is malformed; never retried.
  kInvalidOffset,     ///< Offset outside [log start, high watermark].
  kInvalidTimestamp,  ///< A record's time is outside what its topic accepts.
  kConflict,          ///< A compare-and-swap lost, or a lease is held by another session.
  kFenced,            ///< The session is sealed, or no longer owns what it writes.
  kRegressed,         ///< The database lost what it had acknowledged: stop, alarm.
  kNotLeader,         ///< Ask Error::leader instead (may be empty).
  kThrottled,         ///< A bound is reached; later is better.
  kTooLarge,
  kUnavailable,     ///< Certainly not applied; may succeed later.
  kUnknownOutcome,  ///< May or may not have been applied.
  kCorrupt,         ///< Bytes fail their checksum, or stored ones are missing; names the object.
  kOutOfOrderSequence,  ///< Idempotent producer skipped a sequence number.
  kProducerFenced,      ///< Producer epoch is older than the newest seen.
  kUnsupported,
  kStopped,  ///< The component is shutting down; certainly not applied.
  kInternal,
};

/// Lower-case name as it stands on the wire and in logs: `topic_not_found`.
std::string_view errc_name(Errc code);

enum class Retry : std::uint8_t { kNever, kAfterBackoff, kAfterRefresh };
Retry retryability(Errc code);

/// A failure as a value: what kind, and a sentence that names the thing.
struct Error {
  Errc code = Errc::kInternal;
  std::string text;
  std::string leader = {};  ///< host:port of the leader, with kNotLeader only.
};

/// `code: text`, for logs and test failures.
std::string to_string(const Error& error);

/// std::expected whose being dropped is a compile error, also from `co_await f()`.
template <class T>
class [[nodiscard]] Result : public std::expected<T, Error> {
 public:
  using std::expected<T, Error>::expected;
  Result(Error error) : std::expected<T, Error>(std::unexpect, std::move(error)) {}
  Result(Errc code, std::string text)
      : std::expected<T, Error>(std::unexpect, Error{code, std::move(text)}) {}
};

using Status = Result<void>;

inline Error make_error(Errc code, std::string text) { return Error{code, std::move(text)}; }

}  // namespace streamhouse::base

#define SH_CONCAT_INNER(a, b) a##b
#define SH_CONCAT(a, b) SH_CONCAT_INNER(a, b)
#define SH_TRY_WITH(ret, tmp, decl, expr) \
  auto tmp = (expr);                      \
  if (!tmp) ret std::move(tmp).error();   \
  decl = *std::move(tmp)

/// `SH_TRY(auto x, f());` declares x from the value of a Result, or returns its error.
#define SH_TRY(decl, expr) SH_TRY_WITH(return, SH_CONCAT(sh_try_, __LINE__), decl, expr)
/// The same in a coroutine: `SH_CO_TRY(auto x, co_await f());`
#define SH_CO_TRY(decl, expr) SH_TRY_WITH(co_return, SH_CONCAT(sh_try_, __LINE__), decl, expr)
/// For a Status: nothing to declare.
#define SH_TRY_OK(expr) \
  if (auto sh_status = (expr); !sh_status) return std::move(sh_status).error()
#define SH_CO_TRY_OK(expr) \
  if (auto sh_status = (expr); !sh_status) co_return std::move(sh_status).error()
