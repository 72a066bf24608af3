// Goal: when a scope is closed, everything that waits learns what became of it: what failed never
// appears (W3), what was on its way is known; afterwards new work is refused and nothing runs on.
// Method: calls to the stores are held while the scope is closed.

#include "service/session_scope.h"

#include "tests/service/scope_world.h"

namespace streamhouse::service {
namespace {

using core_testing::milliseconds;
using core_testing::seconds;
using metadata::Operation;
using model::Offset;
using model::Seq;
using objectstore::StoreOperation;

class SessionScopeTest : public service_testing::ScopeWorld {
 protected:
  /// What close() has come to, and when.
  struct Closing {
    bool done = false;
    runtime::MonoTime began;
    runtime::Duration took{};
  };
  std::shared_ptr<Closing> close(runtime::Duration patience = seconds(5)) {
    auto closing = std::make_shared<Closing>();
    closing->began = agent_.now();
    agent_.spawn(note(scope_->close(agent_.now() + patience), closing));
    return closing;
  }
  runtime::Task<void> note(runtime::Task<void> task, std::shared_ptr<Closing> closing) {
    co_await std::move(task);
    closing->done = true;
    closing->took = agent_.now() - closing->began;
  }
  /// A batch that is appended and waits.
  auto begin_produce(runtime::Duration patience = seconds(60)) {
    auto appended = append(0);
    SH_CHECK(appended.has_value(), "appended");
    return begin(scope_->writer().committed(*std::move(appended), agent_.now() + patience));
  }
  std::size_t rows() { return tables_.tail(session_.id(), Seq(0), 100)->size(); }
};

TEST_F(SessionScopeTest, EndsSoonWhereNothingIsPendingAndLeavesNothingRunning) {
  group_.spawn(session_.keep_alive());
  produce(0);
  const auto closing = close();
  run(seconds(2));
  ASSERT_TRUE(closing->done);
  EXPECT_LT(closing->took, seconds(2)) << "a loop sleeps at most until its next heartbeat";
  EXPECT_EQ(scope_->group().size(), 0u);
  EXPECT_TRUE(session_.lost());
  EXPECT_EQ(scope_->partitions().size(), 0u);
  const auto until = tables_.get_agent("agent-1")->expires_ms;
  run(seconds(10));
  EXPECT_EQ(tables_.get_agent("agent-1")->expires_ms, until) << "no heartbeat any more";
}

TEST_F(SessionScopeTest, RefusesNewWorkOnceClosedAlsoFromThoseWhoHoldItStill) {
  const auto held = current_.get();
  ASSERT_TRUE(held);
  close();
  run(seconds(2));
  current_.set(nullptr);
  EXPECT_EQ(outcome(current_.get()), "not_leader");
  EXPECT_EQ(outcome(append(0)), "not_leader");
  EXPECT_EQ(outcome(wait((*held)->fetcher().fetch({.key = key(0)}))), "not_leader");
  EXPECT_EQ(outcome(wait((*held)->groups().ensure("readers"))), "not_leader");
  EXPECT_EQ(budget_.used(), 0u);
}

TEST_F(SessionScopeTest, EndsLongPolls) {
  const auto polled = begin(scope_->fetcher().fetch(
      {.key = key(0), .offset = {}, .deadline = agent_.now() + seconds(60)}));
  run(milliseconds(10));
  close();
  run(seconds(2));
  EXPECT_EQ(outcome(polled), "not_leader");
}

TEST_F(SessionScopeTest, FailsForGoodWhatWasNotSentYet) {
  faults_.hold(StoreOperation::kPut);
  const auto stored = begin_produce();
  run(milliseconds(50));
  const auto open = begin_produce();  // waits for the interval
  const auto closing = close();
  run(milliseconds(300));
  EXPECT_EQ(outcome(stored), "not_leader");
  EXPECT_EQ(outcome(open), "not_leader");
  EXPECT_EQ(budget_.used(), 0u);
  EXPECT_FALSE(closing->done) << "a put is on its way";
  faults_.release();
  run(seconds(3));
  EXPECT_TRUE(closing->done);
  EXPECT_EQ(rows(), 0u) << "its object may be there, and never a row (W3)";
}

TEST_F(SessionScopeTest, WaitsUntilAnAppendThatIsOnItsWayIsKnown) {
  metadata_faults_.hold(Operation::kAppend);
  const auto produced = begin_produce();
  run(milliseconds(100));
  ASSERT_EQ(stored_.object_count(), 1u);
  const auto closing = close(seconds(1));
  run(seconds(3));
  EXPECT_EQ(outcome(produced), "pending") << "nobody knows yet, also past the deadline";
  EXPECT_FALSE(closing->done);
  metadata_faults_.release();
  run(seconds(3));
  EXPECT_EQ(outcome(produced), "ok");
  EXPECT_EQ(rows(), 1u);
  EXPECT_TRUE(closing->done);
  EXPECT_EQ(budget_.used(), 0u);
}

TEST_F(SessionScopeTest, RepeatsAnAppendNoLongerThanItsDeadline) {
  metadata_faults_.set_rates(Operation::kAppend, {.reply_lost = 1});
  const auto produced = begin_produce();
  run(milliseconds(100));
  const auto closing = close(seconds(1));
  run(milliseconds(900));
  EXPECT_FALSE(closing->done);
  run(seconds(10));
  EXPECT_TRUE(closing->done);
  EXPECT_EQ(outcome(produced), "unknown_outcome");
  EXPECT_EQ(budget_.used(), 0u);
  EXPECT_EQ(rows(), 1u);
}

TEST_F(SessionScopeTest, SaysUnknownToAProducerWhosePatienceEndsFirst) {
  metadata_faults_.hold(Operation::kAppend);
  const auto produced = begin_produce(seconds(1));
  run(milliseconds(100));
  close();
  run(seconds(2));
  EXPECT_EQ(outcome(produced), "unknown_outcome");
  metadata_faults_.release();
  run(seconds(3));
  EXPECT_EQ(rows(), 1u) << "it was committed after all (W6)";
}

TEST_F(SessionScopeTest, FailsWhatAnotherHasFenced) {
  ASSERT_TRUE(tables_.seal_session(session_.id()));
  const auto produced = begin_produce();
  run(seconds(1));
  EXPECT_EQ(outcome(produced), "not_leader");
  EXPECT_TRUE(session_.lost()) << "the owner closes the scope then";
  const auto closing = close();
  run(seconds(2));
  EXPECT_TRUE(closing->done);
  EXPECT_EQ(rows(), 1u) << "the seal";
}

}  // namespace
}  // namespace streamhouse::service
