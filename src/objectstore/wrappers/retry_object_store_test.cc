// Goal: what can be cured is cured within the bounds, and what is answered in the end is true of
// all attempts together.
// Method: a store whose faults are switched on and off in virtual time.
#include "objectstore/wrappers/retry_object_store.h"

#include "tests/objectstore/batching_store.h"
#include "tests/objectstore/store_with_faults.h"

namespace streamhouse::objectstore {
namespace {

using namespace std::chrono_literals;

class RetryObjectStoreTest : public StoreWithFaults {
 protected:
  /// From `at` on, the faults are these.
  void change_rates(runtime::Duration at, const FaultRates& rates) {
    world_.schedule(world_.now() + at, [this, rates] { faults_.set_rates(rates); });
  }

  RetryObjectStore::Options options_{.policy = {.attempts_max = 6, .time_max = 1min},
                                     .backoff = {.first = 100ms, .longest = 1s}};
  RetryObjectStore retrying_{faulty_, agent_, options_};
};

TEST_F(RetryObjectStoreTest, RidesOutAnOutage) {
  faults_.set_rates({.refused = 0.5, .throttled = 0.5});
  change_rates(300ms, {});
  EXPECT_EQ(outcome(wait(retrying_.put("a/b", text("content")))), "ok");
  EXPECT_EQ(base::as_text(*wait(memory_.get("a/b", {0, 7}))), "content") << "the same bytes";
  EXPECT_GE(retrying_.retry_count(), 2u);
  EXPECT_LE(scheduler_.elapsed(), 1s);
}

TEST_F(RetryObjectStoreTest, EveryOperationIsTriedAgain) {
  ASSERT_TRUE(wait(memory_.put("a", text("x"))));
  const auto outage = [&] {
    faults_.set_rates({.refused = 1});
    change_rates(10ms, {});
  };
  outage();
  EXPECT_EQ(base::as_text(*wait(retrying_.get("a", {0, 1}))), "x");
  outage();
  EXPECT_EQ(wait(retrying_.head("a"))->size, 1u);
  outage();
  EXPECT_EQ(wait(retrying_.list("", "", 10))->objects.size(), 1u);
  outage();
  EXPECT_EQ(outcome(wait(retrying_.remove("a"))), "ok");
  EXPECT_EQ(memory_.object_count(), 0u);
  EXPECT_EQ(retrying_.retry_count(), 4u);
}

TEST_F(RetryObjectStoreTest, ARemovalOfManyIsRepeatedAndWhatIsLeftOfItGoesOneByOne) {
  BatchingStore batching(faulty_, 1'000);
  RetryObjectStore retrying(batching, agent_, options_);
  EXPECT_EQ(retrying.removals_per_request(), 1'000u);
  for (const auto* const key : {"a", "b", "c"}) ASSERT_TRUE(wait(memory_.put(key, text("x"))));
  batching.refuse_requests(2);
  batching.refuse({"b"});
  const auto removed = wait(retrying.remove_many({"a", "b", "No Key", "c"}));
  ASSERT_TRUE(removed) << to_string(removed.error());
  std::vector<std::string> outcomes;
  for (const Status& one : *removed) outcomes.push_back(outcome(one));
  EXPECT_EQ(outcomes, (std::vector<std::string>{"ok", "ok", "invalid", "ok"}));
  EXPECT_EQ(batching.requests(), (std::vector<std::size_t>{4, 4, 4, 1}));
  EXPECT_EQ(memory_.object_count(), 0u);
}

TEST_F(RetryObjectStoreTest, ARemovalOfManyThatIsRefusedForGoodRemovesNothing) {
  BatchingStore batching(faulty_, 1'000);
  RetryObjectStore retrying(batching, agent_, options_);
  ASSERT_TRUE(wait(memory_.put("a", text("x"))));
  batching.refuse_requests(100);
  EXPECT_EQ(outcome(wait(retrying.remove_many({"a", "b"}))), "throttled");
  EXPECT_EQ(batching.requests().size(), 6u);
  EXPECT_EQ(memory_.object_count(), 1u);
}

TEST_F(RetryObjectStoreTest, GivesUpAfterItsAttempts) {
  faults_.set_rates({.refused = 1});
  const auto result = wait(retrying_.put("a", text("x")));
  EXPECT_EQ(outcome(result), "unavailable");
  EXPECT_NE(result.error().text.find("after 6 attempts"), std::string::npos);
  EXPECT_EQ(faults_.count(StoreFault::kRefused), 6u);
  // Five delays, each between half its bound and its bound: 0.1, 0.2, 0.4, 0.8 and 1 seconds.
  EXPECT_GE(scheduler_.elapsed(), 1250ms);
  EXPECT_LE(scheduler_.elapsed(), 2500ms);
}

TEST_F(RetryObjectStoreTest, GivesUpWhenTheTimeIsOver) {
  options_.policy = {.attempts_max = 1000, .time_max = 5s, .budget_max = 1000};
  RetryObjectStore patient(faulty_, agent_, options_);
  faults_.set_rates({.throttled = 1});
  EXPECT_EQ(outcome(wait(patient.head("a"))), "throttled");
  EXPECT_GE(scheduler_.elapsed(), 4s);
  EXPECT_LE(scheduler_.elapsed(), 5s);
}

TEST_F(RetryObjectStoreTest, WhenMuchFailsTheBudgetEndsRetries) {
  options_.policy.budget_max = 10;
  options_.policy.budget_per_call = 0.1;
  RetryObjectStore thrifty(faulty_, agent_, options_);
  faults_.set_rates({.refused = 1});
  constexpr std::uint64_t kCalls = 200;
  for (std::uint64_t i = 0; i < kCalls; ++i) EXPECT_FALSE(wait(thrifty.head("a")));
  EXPECT_LE(thrifty.retry_count(), 10 + kCalls / 10);
  EXPECT_GE(thrifty.retry_count(), 10u);
}

TEST_F(RetryObjectStoreTest, AnswersAreNotTriedAgain) {
  EXPECT_EQ(outcome(wait(retrying_.head("a"))), "not_found");
  ASSERT_TRUE(wait(retrying_.put("a", text("x"))));
  EXPECT_EQ(outcome(wait(retrying_.put("a", text("y")))), "exists");
  EXPECT_EQ(outcome(wait(retrying_.get("a", {1, 1}))), "invalid_offset");
  EXPECT_EQ(retrying_.retry_count(), 0u);
}

TEST_F(RetryObjectStoreTest, AnUnknownOutcomeIsResolvedByTryingAgain) {
  faults_.set_rates({.reply_lost = 1});
  change_rates(10ms, {});
  EXPECT_EQ(outcome(wait(retrying_.put("a", text("x")))), "ok");
  EXPECT_EQ(retrying_.retry_count(), 1u);
}

TEST_F(RetryObjectStoreTest, AnUnknownOutcomeIsNeverForgotten) {
  faults_.set_rates({.reply_lost = 1});
  change_rates(10ms, {.refused = 1});
  EXPECT_EQ(outcome(wait(retrying_.put("a", text("x")))), "unknown_outcome")
      << "the last attempt certainly failed, but the first was applied";
  EXPECT_EQ(memory_.object_count(), 1u);
}

TEST_F(RetryObjectStoreTest, OtherContentSettlesAnUnknownOutcome) {
  ASSERT_TRUE(wait(memory_.put("a", text("other"))));
  faults_.set_rates({.reply_lost = 1});
  change_rates(10ms, {});
  EXPECT_EQ(outcome(wait(retrying_.put("a", text("x")))), "exists");
}

}  // namespace
}  // namespace streamhouse::objectstore
