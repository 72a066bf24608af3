// Goal: a lone record does not wait, a trickle makes at most one object an interval, a full object
// is closed at once. Method: every branch of the policy with times given by hand.

#include "ingest/flush_policy.h"

#include <gtest/gtest.h>

#include <optional>

namespace streamhouse::ingest {
namespace {

using std::chrono::milliseconds;

constexpr FlushLimits kLimits{
    .object_bytes_max = 1'000, .interval = milliseconds(50), .linger = milliseconds(3)};

runtime::MonoTime at(std::int64_t ms) { return runtime::MonoTime(milliseconds(ms)); }

struct Case {
  std::size_t bytes = 1;
  std::size_t batches = 1;
  std::int64_t first_batch_ms = 1'000;
  std::optional<std::int64_t> last_close_ms;
  std::size_t in_flight = 0;
};

std::int64_t due_ms(const Case& given, const FlushLimits& limits = kLimits) {
  FlushHistory history{.objects_in_flight = given.in_flight};
  if (given.last_close_ms) history.last_close_at = at(*given.last_close_ms);
  const auto due = FlushPolicy(limits).close_at(
      {.bytes = given.bytes, .batches = given.batches, .first_batch_at = at(given.first_batch_ms)},
      history);
  return std::chrono::duration_cast<milliseconds>(due.time_since_epoch()).count();
}

TEST(FlushPolicy, ClosesTheVeryFirstRecordAfterTheLinger) { EXPECT_EQ(due_ms({}), 1'003); }

TEST(FlushPolicy, ClosesALoneRecordAfterAnIdleSpellAfterTheLinger) {
  EXPECT_EQ(due_ms({.last_close_ms = 100}), 1'003);
  EXPECT_EQ(due_ms({.last_close_ms = 950}), 1'003) << "an interval ago is idle";
}

TEST(FlushPolicy, ClosesALoneRecordAtOnceWithoutALinger) {
  FlushLimits limits = kLimits;
  limits.linger = {};
  EXPECT_EQ(due_ms({.last_close_ms = 100}, limits), 1'000);
}

TEST(FlushPolicy, MakesAtMostOneObjectAnIntervalOfATrickle) {
  EXPECT_EQ(due_ms({.last_close_ms = 951}), 1'001);
  EXPECT_EQ(due_ms({.last_close_ms = 990}), 1'040);
  EXPECT_EQ(due_ms({.last_close_ms = 1'000}), 1'050);
}

TEST(FlushPolicy, DoesNotLingerWhileAnObjectIsInFlightButKeepsTheInterval) {
  EXPECT_EQ(due_ms({.last_close_ms = 100, .in_flight = 1}), 1'000) << "the interval is long over";
  EXPECT_EQ(due_ms({.last_close_ms = 980, .in_flight = 1}), 1'030);
  EXPECT_EQ(due_ms({.in_flight = 1}), 1'050) << "a release is in flight, no object was closed yet";
}

TEST(FlushPolicy, ClosesFewBatchesAPauseAfterTheLastCloseIfNothingIsInFlight) {
  FlushLimits limits = kLimits;
  limits.pause = milliseconds(20);
  limits.few_batches = 3;
  EXPECT_EQ(due_ms({.batches = 3, .last_close_ms = 990}, limits), 1'010);
  EXPECT_EQ(due_ms({.batches = 3, .last_close_ms = 970}, limits), 1'000);
  EXPECT_EQ(due_ms({.batches = 4, .last_close_ms = 990}, limits), 1'040) << "they share an object";
  EXPECT_EQ(due_ms({.batches = 1, .last_close_ms = 990, .in_flight = 1}, limits), 1'040);
}

TEST(FlushPolicy, ClosesAFullObjectAtOnceWhateverElseHolds) {
  EXPECT_EQ(due_ms({.bytes = 1'000}), 1'000);
  EXPECT_EQ(due_ms({.bytes = 5'000, .last_close_ms = 999, .in_flight = 8}), 1'000);
  EXPECT_EQ(due_ms({.bytes = 999, .last_close_ms = 999, .in_flight = 8}), 1'049);
}

}  // namespace
}  // namespace streamhouse::ingest
