// Goal: callers that failed together come back apart and not too often, and what has no known
// outcome is asked again until it has one.
// Method: draws against their bounds; scripted answers in virtual time.
#include "runtime/retry/retry.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <optional>
#include <vector>

#include "runtime/retry/backoff.h"
#include "runtime/run_task.h"
#include "runtime/sim/sim_scheduler.h"

namespace streamhouse::runtime {
namespace {

using base::Errc;
using base::Status;
using std::chrono::milliseconds;
using std::chrono::seconds;

TEST(BackoffTest, DoublesItsCeilingUpToTheLongest) {
  Random random(3);
  Backoff backoff({.first = milliseconds(10), .longest = milliseconds(100)});
  for (const int ceiling : {10, 20, 40, 80, 100, 100, 100}) {
    const Duration wait = backoff.next(random);
    EXPECT_LE(wait, milliseconds(ceiling));
    EXPECT_GE(wait, milliseconds(ceiling) / 2);
  }
  EXPECT_EQ(backoff.attempts(), 7);
  backoff.reset();
  EXPECT_LE(backoff.next(random), milliseconds(10));
}

TEST(BackoffTest, StaysWithinBoundsAfterAnyNumberOfAttempts) {
  Random random(3);
  Backoff backoff({.first = std::chrono::hours(1), .longest = std::chrono::hours(1000)});
  for (int attempt = 0; attempt < 1000; ++attempt) {
    const Duration wait = backoff.next(random);
    EXPECT_GE(wait, std::chrono::minutes(30));
    EXPECT_LE(wait, std::chrono::hours(1000));
  }
}

TEST(BackoffTest, SpreadsCallersThatFailedTogether) {
  Random random(4);
  std::vector<Duration> waits;
  for (int caller = 0; caller < 100; ++caller) {
    Backoff backoff;
    waits.push_back(backoff.next(random));
  }
  std::sort(waits.begin(), waits.end());
  EXPECT_EQ(std::unique(waits.begin(), waits.end()), waits.end());
}

class RetryTest : public testing::Test {
 protected:
  /// Runs retry_until_known over `answers`, one a call; the last is repeated.
  Status retry(std::vector<std::optional<Errc>> answers,
               std::optional<Errc> proves_absence = std::nullopt) {
    const auto call = [&]() -> Task<Status> {
      const auto answer = answers[std::min(calls_++, answers.size() - 1)];
      if (answer) co_return base::make_error(*answer, "scripted");
      co_return Status();
    };
    return run_task(runtime_, retry_until_known(runtime_, group_, call, proves_absence));
  }

  SimScheduler scheduler_{{.seed = 9}};
  SimRuntime& runtime_ = scheduler_.add_runtime("process");
  TaskGroup group_{runtime_};
  std::size_t calls_ = 0;
};

TEST_F(RetryTest, AsksAgainUntilTheOutcomeIsKnown) {
  EXPECT_TRUE(retry({Errc::kUnknownOutcome, Errc::kUnavailable, Errc::kThrottled, std::nullopt}));
  EXPECT_EQ(calls_, 4u);
  EXPECT_GT(scheduler_.elapsed(), milliseconds(2 + 5 + 10));
}

TEST_F(RetryTest, ADefiniteErrorIsAnOutcome) {
  const Status status = retry({Errc::kUnavailable, Errc::kFenced, std::nullopt});
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().code, Errc::kFenced);
  EXPECT_EQ(calls_, 2u);
}

TEST_F(RetryTest, ADefiniteErrorAfterAnUnknownOutcomeLeavesItUnknown) {
  const Status status = retry({Errc::kUnknownOutcome, Errc::kUnavailable, Errc::kFenced});
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().code, Errc::kUnknownOutcome);
  EXPECT_NE(status.error().text.find("fenced: scripted"), std::string::npos) << status.error().text;
  EXPECT_EQ(calls_, 3u);
}

TEST_F(RetryTest, ACodeThatProvesAbsenceIsAnOutcomeAlsoAfterAnUnknownOne) {
  const Status status = retry({Errc::kUnknownOutcome, Errc::kFenced}, Errc::kFenced);
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().code, Errc::kFenced);
}

TEST_F(RetryTest, AStopAfterAnUnknownOutcomeLeavesItUnknown) {
  runtime_.schedule(runtime_.now() + seconds(5), [this] { group_.stop(); });
  const Status status = retry({Errc::kUnknownOutcome, Errc::kUnavailable});
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().code, Errc::kUnknownOutcome);
}

TEST_F(RetryTest, EndsWhenItsGroupStops) {
  runtime_.schedule(runtime_.now() + seconds(5), [this] { group_.stop(); });
  const Status status = retry({Errc::kUnavailable});
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().code, Errc::kUnavailable);
  EXPECT_EQ(scheduler_.elapsed(), seconds(5));
  EXPECT_GT(calls_, 5u);
}

}  // namespace
}  // namespace streamhouse::runtime
