// Goal: each fault does to a call exactly what its name says, is counted, and comes at its rate.
// Method: single calls with one fault made certain, and many with all of them likely.
#include "objectstore/wrappers/fault_object_store.h"

#include <bit>
#include <map>

#include "tests/objectstore/store_with_faults.h"

namespace streamhouse::objectstore {
namespace {

using namespace std::chrono_literals;
using FaultObjectStoreTest = StoreWithFaults;

TEST_F(FaultObjectStoreTest, DoesNothingUnasked) {
  EXPECT_EQ(outcome(wait(faulty_.put("a", text("x")))), "ok");
  EXPECT_EQ(base::as_text(*wait(faulty_.get("a", {0, 1}))), "x");
  EXPECT_EQ(faults_.count(StoreFault::kNone), 2u);
  EXPECT_EQ(scheduler_.elapsed(), 0s);
}

TEST_F(FaultObjectStoreTest, WhatIsRefusedOrThrottledIsNotApplied) {
  faults_.set_rates({.refused = 1});
  EXPECT_EQ(outcome(wait(faulty_.put("a", text("x")))), "unavailable");
  EXPECT_EQ(outcome(wait(faulty_.head("a"))), "unavailable");
  faults_.set_rates({.throttled = 1});
  EXPECT_EQ(outcome(wait(faulty_.put("a", text("x")))), "throttled");
  EXPECT_EQ(outcome(wait(faulty_.list("", "", 1))), "throttled");
  EXPECT_EQ(memory_.object_count(), 0u);
  EXPECT_EQ(faults_.count(StoreOperation::kPut, StoreFault::kRefused), 1u);
  EXPECT_EQ(faults_.count(StoreFault::kThrottled), 2u);
}

TEST_F(FaultObjectStoreTest, ALostReplyMeansTheCallWasApplied) {
  faults_.set_rates({.reply_lost = 1});
  EXPECT_EQ(outcome(wait(faulty_.put("a", text("x")))), "unknown_outcome");
  EXPECT_EQ(outcome(wait(memory_.head("a"))), "ok");
  EXPECT_EQ(outcome(wait(faulty_.get("a", {0, 1}))), "unavailable") << "a read changes nothing";
  EXPECT_EQ(outcome(wait(faulty_.remove("a"))), "unknown_outcome");
  EXPECT_EQ(outcome(wait(memory_.head("a"))), "not_found");
}

TEST_F(FaultObjectStoreTest, ALateWriteIsAppliedAfterItsCallerGaveUp) {
  faults_.set_rates({.applied_late = 1});
  faults_.set_times({.late_max = 1h});
  EXPECT_EQ(outcome(wait(faulty_.put("a", text("x")))), "unknown_outcome");
  EXPECT_EQ(outcome(wait(faulty_.put("a", text("y")))), "unknown_outcome");
  EXPECT_EQ(memory_.object_count(), 0u);
  EXPECT_EQ(faults_.late_write_count(), 2u);
  runtime::run_task(world_, faults_.drain());
  EXPECT_EQ(memory_.object_count(), 1u) << "the second to come met the first";
  EXPECT_GT(scheduler_.elapsed(), 1s);
  EXPECT_EQ(outcome(wait(faulty_.get("a", {0, 1}))), "ok") << "reads are never late";
}

TEST_F(FaultObjectStoreTest, ALateWriteSurvivesTheProcessThatMadeIt) {
  faults_.set_rates({.applied_late = 1});
  EXPECT_EQ(outcome(wait(faulty_.put("a", text("x")))), "unknown_outcome");
  agent_.crash();
  runtime::run_task(world_, faults_.drain());
  EXPECT_EQ(memory_.object_count(), 1u);
}

TEST_F(FaultObjectStoreTest, AStalledCallTakesLongAndGoesWell) {
  faults_.set_rates({.stalled = 1});
  faults_.set_times({.stall_max = 100s});
  EXPECT_EQ(outcome(wait(faulty_.put("a", text("x")))), "ok");
  EXPECT_GT(scheduler_.elapsed(), 1s);
  EXPECT_LE(scheduler_.elapsed(), 100s);
}

TEST_F(FaultObjectStoreTest, ABurstRefusesEverythingUntilItIsOver) {
  faults_.set_times({.burst = 1s});
  faults_.set_rates(StoreOperation::kPut, {.burst = 1});
  EXPECT_EQ(outcome(wait(faulty_.put("a", text("x")))), "unavailable");
  faults_.set_rates({});
  EXPECT_EQ(outcome(wait(faulty_.head("a"))), "unavailable");
  wait(agent_.sleep(999ms));
  EXPECT_EQ(outcome(wait(faulty_.put("a", text("x")))), "unavailable");
  wait(agent_.sleep(1ms));
  EXPECT_EQ(outcome(wait(faulty_.put("a", text("x")))), "ok");
  EXPECT_EQ(faults_.count(StoreFault::kBurst), 3u);
}

TEST_F(FaultObjectStoreTest, ACorruptedAnswerHasOneWrongBit) {
  const std::string content(1000, 'x');
  ASSERT_TRUE(wait(memory_.put("a", text(content))));
  faults_.set_rates({.corrupted = 1});
  for (int i = 0; i < 50; ++i) {
    const Bytes bytes = *wait(faulty_.get("a", {0, 1000}));
    ASSERT_EQ(bytes.size(), content.size());
    int wrong_bits = 0;
    for (const std::uint8_t byte : bytes.view())
      wrong_bits += std::popcount(static_cast<unsigned>(byte ^ 'x'));
    EXPECT_EQ(wrong_bits, 1);
  }
  EXPECT_EQ(base::to_string(*wait(memory_.get("a", {0, 1000}))), content) << "the store is intact";
  EXPECT_EQ(outcome(wait(faulty_.get("b", {0, 1}))), "not_found");
  EXPECT_TRUE(wait(faulty_.get("a", {0, 0}))->empty());
  EXPECT_EQ(faults_.count(StoreFault::kCorrupted), 50u) << "only answers that were made wrong";
}

TEST_F(FaultObjectStoreTest, ATruncatedAnswerIsShorter) {
  ASSERT_TRUE(wait(memory_.put("a", text("0123456789"))));
  faults_.set_rates({.truncated = 1});
  for (int i = 0; i < 50; ++i) {
    const Bytes bytes = *wait(faulty_.get("a", {2, 8}));
    EXPECT_LT(bytes.size(), 8u);
    EXPECT_TRUE(std::string("23456789").starts_with(base::as_text(bytes)));
  }
}

TEST_F(FaultObjectStoreTest, AHeldOperationNeitherBeginsNorEnds) {
  faults_.hold(StoreOperation::kPut);
  bool released = false;
  world_.schedule(world_.now() + 60s, [&] {
    EXPECT_EQ(memory_.object_count(), 0u);
    released = true;
    faults_.release();
  });
  EXPECT_EQ(outcome(wait(faulty_.head("a"))), "not_found") << "others go on";
  EXPECT_FALSE(released);
  EXPECT_EQ(outcome(wait(faulty_.put("a", text("x")))), "ok");
  EXPECT_TRUE(released);
  EXPECT_GE(scheduler_.elapsed(), 60s);
  EXPECT_LE(scheduler_.elapsed(), 60s + StoreFaults::kHoldPoll);
}

TEST_F(FaultObjectStoreTest, StopEndsAllFaults) {
  faults_.set_rates({.burst = 1});
  EXPECT_EQ(outcome(wait(faulty_.put("a", text("x")))), "unavailable");
  faults_.hold(StoreOperation::kPut);
  faults_.stop();
  for (int i = 0; i < 100; ++i) EXPECT_EQ(outcome(wait(faulty_.put("a", text("x")))), "ok");
}

TEST_F(FaultObjectStoreTest, FaultsComeAtTheirRatesAndOneACall) {
  ASSERT_TRUE(wait(memory_.put("a", text("x"))));
  faults_.set_times({.burst = 0s, .stall_max = 0s, .late_max = 0s});
  faults_.set_rates({.refused = 0.1,
                     .throttled = 0.1,
                     .burst = 0.1,
                     .stalled = 0.1,
                     .reply_lost = 0.1,
                     .applied_late = 0.1,
                     .corrupted = 0.1,
                     .truncated = 0.1});
  constexpr std::uint64_t kCalls = 2000;
  std::map<std::string, std::uint64_t> outcomes;
  for (std::uint64_t i = 0; i < kCalls; ++i) {
    static_cast<void>(wait(faulty_.put("a", text("x"))));
    static_cast<void>(wait(faulty_.get("a", {0, 1})));
  }
  for (std::size_t fault = 1; fault < kStoreFaultCount; ++fault) {
    const auto name = static_cast<StoreFault>(fault);
    const bool both = name < StoreFault::kAppliedLate;
    const double expected = kCalls * 0.1 * (both ? 2 : 1);
    EXPECT_NEAR(static_cast<double>(faults_.count(name)), expected, expected / 3)
        << fault_name(name);
  }
  EXPECT_EQ(faults_.count(StoreOperation::kPut, StoreFault::kCorrupted), 0u);
  EXPECT_EQ(faults_.count(StoreOperation::kGet, StoreFault::kAppliedLate), 0u);
}

TEST_F(FaultObjectStoreTest, TheSameSeedGivesTheSameFaults) {
  const auto run = [&](std::uint64_t seed) {
    StoreFaults faults(world_, seed);
    faults.set_rates({.refused = 0.2, .throttled = 0.2, .reply_lost = 0.2});
    std::string drawn;
    for (int i = 0; i < 200; ++i) drawn += fault_name(faults.draw(StoreOperation::kPut));
    return drawn;
  };
  EXPECT_EQ(run(1), run(1));
  EXPECT_NE(run(1), run(2));
}

}  // namespace
}  // namespace streamhouse::objectstore
