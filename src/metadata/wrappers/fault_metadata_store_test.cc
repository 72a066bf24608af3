// Goal: each fault does to a call exactly what its name says, is counted, and comes at its rate.
// Method: single calls with one fault made certain, and many with all of them likely.
#include "metadata/wrappers/fault_metadata_store.h"

#include <gtest/gtest.h>

#include <chrono>

#include "metadata/memory/memory_metadata_store.h"
#include "runtime/run_task.h"
#include "runtime/sim/sim_scheduler.h"

namespace streamhouse::metadata {
namespace {

using namespace std::chrono_literals;

class FaultMetadataStoreTest : public testing::Test {
 protected:
  template <class T>
  std::string outcome(Task<Result<T>> task) {
    const Result<T> result = runtime::run_task(agent_, std::move(task));
    return result ? "ok" : std::string(errc_name(result.error().code));
  }
  std::string create(const std::string& name) {
    NewTopic topic{.name = name};
    topic.id.bytes.fill(static_cast<std::uint8_t>(name[0]));
    return outcome(faulty_.create_topic(std::move(topic)));
  }
  bool is_there(const std::string& name) { return metadata_.get_topic(name).has_value(); }
  /// Producer ids handed out, which count how often a call of one id was applied.
  std::int64_t applied() const { return metadata_.tables().producer_id_next; }

  runtime::SimScheduler scheduler_{{.seed = 11}};
  runtime::SimRuntime& world_ = scheduler_.add_runtime("world");
  runtime::SimRuntime& agent_ = scheduler_.add_runtime("agent");
  MemoryMetadata metadata_{[] { return 1; }, model::TopicId{{1}}};
  MemoryMetadataStore memory_{metadata_};
  MetadataFaults faults_{world_, 5};
  FaultMetadataStore faulty_{memory_, agent_, faults_};
};

TEST_F(FaultMetadataStoreTest, DoesNothingUnasked) {
  EXPECT_EQ(create("a"), "ok");
  EXPECT_EQ(outcome(faulty_.get_topic("a")), "ok");
  EXPECT_EQ(outcome(faulty_.get_topic("b")), "topic_not_found");
  EXPECT_EQ(faults_.count(MetadataFault::kNone), 3u);
  EXPECT_EQ(faults_.count(Operation::kGetTopic, MetadataFault::kNone), 2u);
  EXPECT_EQ(scheduler_.elapsed(), 0s);
}

TEST_F(FaultMetadataStoreTest, WhatIsRefusedOrThrottledIsNotApplied) {
  faults_.set_rates({.refused = 1});
  EXPECT_EQ(create("a"), "unavailable");
  EXPECT_EQ(outcome(faulty_.get_topic("a")), "unavailable");
  faults_.set_rates({.throttled = 1});
  EXPECT_EQ(create("a"), "throttled");
  EXPECT_EQ(outcome(faulty_.database_now()), "throttled");
  EXPECT_FALSE(is_there("a"));
  EXPECT_EQ(faults_.count(MetadataFault::kRefused), 2u);
  EXPECT_EQ(faults_.count(MetadataFault::kThrottled), 2u);
}

TEST_F(FaultMetadataStoreTest, ALostReplyMeansTheCallWasApplied) {
  faults_.set_rates({.reply_lost = 1});
  EXPECT_EQ(create("a"), "unknown_outcome");
  EXPECT_TRUE(is_there("a"));
  EXPECT_EQ(outcome(faulty_.get_topic("a")), "unavailable") << "a read changes nothing";
  EXPECT_EQ(create("a"), "unknown_outcome") << "the repeat's answer is lost too";
}

TEST_F(FaultMetadataStoreTest, ALateWriteIsAppliedAfterItsCallerGaveUp) {
  faults_.set_rates({.applied_late = 1});
  EXPECT_EQ(create("a"), "unknown_outcome");
  EXPECT_FALSE(is_there("a"));
  EXPECT_EQ(faults_.late_write_count(), 1u);
  EXPECT_EQ(outcome(faulty_.get_topic("a")), "topic_not_found") << "reads are never late";
  runtime::run_task(world_, faults_.drain());
  EXPECT_TRUE(is_there("a"));
}

TEST_F(FaultMetadataStoreTest, ALateCopyIsAppliedOnceMoreAfterTheAnswer) {
  faults_.set_rates({.copied_late = 1});
  EXPECT_EQ(outcome(faulty_.allocate_producer_ids(1)), "ok");
  EXPECT_EQ(applied(), 1);
  EXPECT_EQ(faults_.count(Operation::kAllocateProducerIds, MetadataFault::kCopiedLate), 1u);
  EXPECT_EQ(outcome(faulty_.database_now()), "ok");
  EXPECT_EQ(faults_.late_write_count(), 1u) << "reads are not copied";
  runtime::run_task(world_, faults_.drain());
  EXPECT_EQ(applied(), 2);
}

TEST_F(FaultMetadataStoreTest, ALateCopyMayFollowALostReply) {
  faults_.set_rates({.reply_lost = 1, .copied_late = 1});
  EXPECT_EQ(outcome(faulty_.allocate_producer_ids(1)), "unknown_outcome");
  EXPECT_EQ(applied(), 1);
  runtime::run_task(world_, faults_.drain());
  EXPECT_EQ(applied(), 2);
}

TEST_F(FaultMetadataStoreTest, ALateWriteSurvivesTheProcessThatMadeIt) {
  faults_.set_rates({.applied_late = 1});
  EXPECT_EQ(create("a"), "unknown_outcome");
  agent_.crash();
  runtime::run_task(world_, faults_.drain());
  EXPECT_TRUE(is_there("a"));
}

TEST_F(FaultMetadataStoreTest, AStalledCallTakesLongAndGoesWell) {
  faults_.set_rates({.stalled = 1});
  faults_.set_times({.stall_max = 100s});
  EXPECT_EQ(create("a"), "ok");
  EXPECT_GT(scheduler_.elapsed(), 1s);
  EXPECT_LE(scheduler_.elapsed(), 100s);
}

TEST_F(FaultMetadataStoreTest, ABurstRefusesEverythingUntilItIsOver) {
  faults_.set_times({.burst = 1s});
  faults_.set_rates(Operation::kCreateTopic, {.burst = 1});
  EXPECT_EQ(create("a"), "unavailable");
  faults_.set_rates(MetadataFaultRates{});
  EXPECT_EQ(outcome(faulty_.database_now()), "unavailable");
  runtime::run_task(agent_, agent_.sleep(1s));
  EXPECT_EQ(create("a"), "ok");
  EXPECT_EQ(faults_.count(MetadataFault::kBurst), 2u);
}

TEST_F(FaultMetadataStoreTest, RatesOfAGroupAreThoseOfItsOperationsOnly) {
  faults_.set_rates(OperationGroup::kTopics, {.refused = 1});
  EXPECT_EQ(create("a"), "unavailable");
  EXPECT_EQ(outcome(faulty_.list_free_partitions(1)), "unavailable");
  EXPECT_EQ(outcome(faulty_.list_sessions(SessionId(0), 1)), "ok");
  EXPECT_EQ(outcome(faulty_.get_setting("a")), "not_found");
}

TEST_F(FaultMetadataStoreTest, AHeldOperationNeitherBeginsNorEnds) {
  faults_.hold(OperationGroup::kTopics);
  world_.schedule(world_.now() + 60s, [&] {
    EXPECT_FALSE(is_there("a"));
    faults_.release();
  });
  EXPECT_EQ(outcome(faulty_.database_now()), "ok") << "others go on";
  EXPECT_EQ(scheduler_.elapsed(), 0s);
  EXPECT_EQ(create("a"), "ok");
  EXPECT_GE(scheduler_.elapsed(), 60s);
  EXPECT_LE(scheduler_.elapsed(), 60s + MetadataFaults::kHoldPoll);
}

TEST_F(FaultMetadataStoreTest, StopEndsAllFaults) {
  faults_.set_rates({.burst = 1, .copied_late = 1});
  EXPECT_EQ(create("a"), "unavailable");
  faults_.hold(Operation::kCreateTopic);
  faults_.stop();
  for (int i = 0; i < 100; ++i) EXPECT_EQ(create("a"), "ok");
  EXPECT_EQ(faults_.late_write_count(), 0u);
}

TEST_F(FaultMetadataStoreTest, FaultsComeAtTheirRates) {
  faults_.set_times({.burst = 0s, .stall_max = 0s, .late_max = 0s});
  faults_.set_rates({.refused = 0.1,
                     .throttled = 0.1,
                     .burst = 0.1,
                     .stalled = 0.1,
                     .reply_lost = 0.1,
                     .applied_late = 0.1,
                     .copied_late = 0.2});
  constexpr int kCalls = 2000;
  for (int i = 0; i < kCalls; ++i) static_cast<void>(outcome(faulty_.allocate_producer_ids(1)));
  for (std::size_t i = 1; i < kMetadataFaultCount; ++i) {
    const auto fault = static_cast<MetadataFault>(i);
    const double applied_at_once = fault == MetadataFault::kCopiedLate ? 0.6 * 2 : 1;
    EXPECT_NEAR(static_cast<double>(faults_.count(fault)), 0.1 * kCalls * applied_at_once, 60)
        << fault_name(fault);
  }
  const std::int64_t copies = static_cast<std::int64_t>(faults_.count(MetadataFault::kCopiedLate));
  const auto once = static_cast<std::int64_t>(kCalls - faults_.count(MetadataFault::kRefused) -
                                              faults_.count(MetadataFault::kThrottled) -
                                              faults_.count(MetadataFault::kBurst));
  runtime::run_task(world_, faults_.drain());
  EXPECT_EQ(applied(), once + copies);
}

TEST_F(FaultMetadataStoreTest, TheSameSeedGivesTheSameFaults) {
  const auto run = [&](std::uint64_t seed) {
    MetadataFaults faults(world_, seed);
    faults.set_rates({.refused = 0.2, .throttled = 0.2, .reply_lost = 0.2});
    std::string drawn;
    for (int i = 0; i < 200; ++i) drawn += fault_name(faults.draw(Operation::kAppend));
    return drawn;
  };
  EXPECT_EQ(run(1), run(1));
  EXPECT_NE(run(1), run(2));
}

}  // namespace
}  // namespace streamhouse::metadata
