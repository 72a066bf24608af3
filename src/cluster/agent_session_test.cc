// Goal: a session is opened once, kept by heartbeats, over at its seal, and takes over whom it
// should and nobody else (P2, P4, P7, P8, P14). Method: agents as simulated processes over one
// in-memory database, with faults on the way there.

#include "cluster/agent_session.h"

#include "tests/core/cluster_world.h"

namespace streamhouse::cluster {
namespace {

using base::Errc;
using core_testing::milliseconds;
using core_testing::seconds;
using metadata::Operation;
using metadata::SessionState;

constexpr auto kTimeout = seconds(6);

class AgentSessionTest : public core_testing::ClusterWorld {
 protected:
  /// Heartbeats, and an eye on the others.
  void live(Process& process) {
    begin(process, process.session.keep_alive());
    begin(process, process.session.watch_others());
  }
  void crash(Process& process) { process.runtime.crash(); }
  metadata::DatabaseMs expires(const std::string& agent_id) {
    return tables_.get_agent(agent_id)->expires_ms;
  }
  std::int64_t now_ms() {
    return std::chrono::duration_cast<milliseconds>(scheduler_.elapsed()).count();
  }
};

TEST_F(AgentSessionTest, HeartbeatsKeepItAlive) {
  Process& a = join("a");
  EXPECT_FALSE(a.session.lost());
  EXPECT_NE(a.session.id(), model::kNoSession);
  live(a);
  run(seconds(60));
  EXPECT_FALSE(a.session.lost());
  EXPECT_GT(expires("a"), now_ms());
  EXPECT_LE(a.runtime.now() - a.session.last_heartbeat(), seconds(2));
}

TEST_F(AgentSessionTest, OpensWhenTheDatabaseCanBeReachedAgain) {
  Process& a = start("a");
  a.metadata_faults.set_rates({.refused = 0.5, .reply_lost = 0.5});
  const auto opened = begin(a, a.session.open());
  run(seconds(30));
  EXPECT_EQ(outcome(opened), "pending");
  EXPECT_TRUE(a.session.lost());
  a.metadata_faults.stop();
  run(seconds(5));
  EXPECT_EQ(outcome(opened), "ok");
  EXPECT_FALSE(a.session.lost());
  ASSERT_TRUE(wait(a, a.session.take_over_predecessors()));
  for (const auto& session : *tables_.list_sessions(model::SessionId(0), 1'000)) {
    const auto expected =
        session.id == a.session.id() ? SessionState::kLive : SessionState::kRecovered;
    EXPECT_EQ(session.state, expected) << "one that was opened without an answer is taken over";
  }
}

TEST_F(AgentSessionTest, OpenEndsWhenTheAgentStops) {
  Process& a = start("a");
  a.metadata_faults.set_rates({.refused = 1});
  const auto opened = begin(a, a.session.open());
  run(seconds(2));
  a.group.stop();
  run(seconds(2));
  EXPECT_EQ(outcome(opened), base::errc_name(Errc::kStopped));
}

TEST_F(AgentSessionTest, TakesOverItsOwnPredecessorAtOnce) {
  Process& first = join("a");
  create_topic(2);
  lease(first.session.id(), 2);
  crash(first);
  Process& second = join("a");
  EXPECT_NE(second.session.id(), first.session.id());
  EXPECT_EQ(state_of(first.session.id()), SessionState::kRecovered);
  EXPECT_EQ(row(0).owner, model::kNoSession);
  EXPECT_EQ(row(1).owner, model::kNoSession);
}

TEST_F(AgentSessionTest, IsHeardByTheOthersWhileItTakesPredecessorsOver) {
  Process& b = join("b");
  live(b);
  run(kTimeout + seconds(2));
  Process& first = join("a");
  crash(first);
  Process& second = start("a");
  ASSERT_TRUE(wait(second, second.session.open()));
  live(second);
  second.metadata_faults.hold(Operation::kLoadRecovery);
  const auto taken = begin(second, second.session.take_over_predecessors());
  run(kTimeout * 3);
  EXPECT_EQ(outcome(taken), "pending");
  EXPECT_FALSE(second.session.lost());
  EXPECT_EQ(state_of(second.session.id()), SessionState::kLive);
  second.metadata_faults.release();
  run(seconds(1));
  EXPECT_EQ(outcome(taken), "ok");
}

TEST_F(AgentSessionTest, ADamagedPredecessorKeepsItFromNoOtherAndIsTriedAgain) {
  Process& damaged = join("a");
  create_topic(2);
  lease(damaged.session.id(), 1);
  commit(damaged.session.id(), 1, 0, 50);  // 0 to 50 are missing
  crash(damaged);
  Process& healthy = join("b");
  crash(healthy);
  Process& a = start("a", {.predecessors = Predecessors::kEveryone});
  ASSERT_TRUE(wait(a, a.session.open()));
  ASSERT_TRUE(wait(a, a.session.take_over_predecessors()));
  EXPECT_EQ(state_of(healthy.session.id()), SessionState::kRecovered);
  EXPECT_EQ(state_of(damaged.session.id()), SessionState::kFencing);
  ASSERT_TRUE(a.session.trouble());
  EXPECT_EQ(a.session.trouble()->code, Errc::kCorrupt);
  live(a);
  run(kTimeout * 2);
  metadata::MemoryTables mended = tables_.tables();
  mended.partitions.at(key(0)).high_watermark = model::Offset(50);
  tables_.restore(std::move(mended));
  run(seconds(10));
  EXPECT_TRUE(a.session.trouble()) << "not tried all the time";
  run(AgentSession::kDamagedRetry);
  EXPECT_FALSE(a.session.trouble());
  EXPECT_EQ(state_of(damaged.session.id()), SessionState::kRecovered);
}

TEST_F(AgentSessionTest, LeavesOthersAliveAtStartUnlessItHoldsTheDatabaseAlone) {
  Process& other = join("b");
  join("a");
  EXPECT_EQ(state_of(other.session.id()), SessionState::kLive);
  Process& holder = join("c", {.predecessors = Predecessors::kEveryone});
  for (const auto& session : *tables_.list_sessions(model::SessionId(0), 100)) {
    if (session.id == holder.session.id()) continue;
    EXPECT_EQ(session.state, SessionState::kRecovered) << session.agent_id;
  }
}

TEST_F(AgentSessionTest, IsLostWhenItsHeartbeatFindsItSealed) {
  Process& a = join("a");
  live(a);
  run(seconds(3));
  ASSERT_TRUE(tables_.seal_session(a.session.id()));
  run(milliseconds(1'500));
  EXPECT_TRUE(a.session.lost());
}

TEST_F(AgentSessionTest, GoesOnUnderANewIdAfterItWasLost) {
  Process& a = join("a");
  const model::SessionId lost = a.session.id();
  ASSERT_TRUE(tables_.seal_session(lost));
  a.session.set_lost();
  const auto opened = wait(a, a.session.open());
  ASSERT_TRUE(opened) << to_string(opened.error());
  EXPECT_NE(*opened, lost);
  ASSERT_TRUE(wait(a, a.session.take_over_predecessors()));
  EXPECT_EQ(state_of(lost), SessionState::kRecovered);
}

TEST_F(AgentSessionTest, ReopeningIsRefusedWhenAnotherProcessHasTheAgentId) {
  Process& first = join("a");
  Process& second = join("a");
  first.session.set_lost();
  const auto refused = wait(first, first.session.open());
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Errc::kConflict);
  EXPECT_NE(refused.error().text.find("a:9090"), std::string::npos) << refused.error().text;
  EXPECT_EQ(state_of(second.session.id()), SessionState::kLive);
}

TEST_F(AgentSessionTest, IsNotOpenedAgainOnceTheDatabaseHasLostRows) {
  Process& a = join("a");
  a.session.freeze(base::make_error(Errc::kRegressed, "row 7 is gone"));
  EXPECT_TRUE(a.session.lost());
  const auto refused = wait(a, a.session.open());
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Errc::kRegressed);
  EXPECT_EQ(tables_.list_sessions(model::SessionId(0), 100)->size(), 1u);
}

TEST_F(AgentSessionTest, TakesOverNobodyWhileALossIsDeclared) {
  Process& a = join("a");
  Process& b = join("b");
  live(a);
  live(b);
  run(kTimeout + seconds(2));
  b.session.freeze(base::make_error(Errc::kRegressed, "row 7 is gone"));
  ASSERT_TRUE(wait(b, b.session.declare_loss("row 7 is gone")));
  crash(b);
  run(seconds(30));
  EXPECT_EQ(state_of(b.session.id()), SessionState::kLive);
  EXPECT_FALSE(a.session.lost()) << "who has lost nothing goes on";
  Process& next = start("b");
  ASSERT_TRUE(wait(next, next.session.open()));
  const auto refused = wait(next, next.session.take_over_predecessors());
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Errc::kRegressed);
  EXPECT_NE(refused.error().text.find("b: row 7 is gone"), std::string::npos)
      << refused.error().text;
  crash(next);
  ASSERT_TRUE(wait(a, FreezeMark(a.metadata).clear()));
  run(seconds(30));
  EXPECT_EQ(state_of(b.session.id()), SessionState::kRecovered);
}

TEST_F(AgentSessionTest, TakesOverWhoDied) {
  Process& a = join("a");
  Process& b = join("b");
  create_topic(1);
  lease(b.session.id(), 1);
  live(a);
  live(b);
  run(seconds(20));
  EXPECT_EQ(state_of(b.session.id()), SessionState::kLive) << "nobody takes over a living one";
  crash(b);
  run(kTimeout - seconds(2));
  EXPECT_EQ(state_of(b.session.id()), SessionState::kLive) << "it may only be slow";
  run(seconds(5));
  EXPECT_EQ(state_of(b.session.id()), SessionState::kRecovered);
  EXPECT_EQ(row(0).owner, model::kNoSession);
  EXPECT_FALSE(a.session.lost());
}

/// Rule P8: it may be the database that is slow, and then everybody looks dead.
TEST_F(AgentSessionTest, TakesOverNobodyUntilItsOwnHeartbeatsWereSteady) {
  Process& a = join("a");
  Process& b = join("b");
  live(a);
  run(kTimeout);
  crash(b);
  a.metadata_faults.hold(Operation::kHeartbeat);
  run(seconds(30));
  EXPECT_EQ(state_of(b.session.id()), SessionState::kLive);
  a.metadata_faults.release();
  run(kTimeout - seconds(1));
  EXPECT_EQ(state_of(b.session.id()), SessionState::kLive) << "not steady for long enough";
  run(seconds(5));
  EXPECT_EQ(state_of(b.session.id()), SessionState::kRecovered);
}

TEST_F(AgentSessionTest, ConfirmWaitsForAHeartbeatThatBeganAfterTheQuestion) {
  Process& a = join("a");
  a.metadata_faults.hold(Operation::kHeartbeat);
  begin(a, a.session.keep_alive());
  run(seconds(1));
  const auto confirmed = begin(a, a.session.confirm(seconds(60)));
  run(milliseconds(500));
  EXPECT_FALSE(confirmed->has_value());
  a.metadata_faults.release();
  run(milliseconds(100));
  EXPECT_FALSE(confirmed->has_value()) << "the heartbeat that just ended began before";
  run(seconds(2));
  ASSERT_TRUE(confirmed->has_value());
  EXPECT_TRUE(**confirmed);
}

TEST_F(AgentSessionTest, ConfirmSaysNoWhenTheSessionIsLostOrNothingIsHeard) {
  Process& a = join("a");
  const auto unheard = begin(a, a.session.confirm(seconds(5)));
  run(seconds(6));
  ASSERT_TRUE(unheard->has_value());
  EXPECT_FALSE(**unheard);
  const auto lost = begin(a, a.session.confirm(seconds(60)));
  run(seconds(1));
  a.session.set_lost();
  run(milliseconds(1));
  ASSERT_TRUE(lost->has_value());
  EXPECT_FALSE(**lost);
}

}  // namespace
}  // namespace streamhouse::cluster
