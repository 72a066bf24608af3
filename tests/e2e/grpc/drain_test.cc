// Goal: SIGTERM and SIGINT lose nothing: with produces in flight and buffered acknowledgements
// outstanding, all that was acknowledged in either way is committed, and the exit code is 0.
// Method: rounds of load against a real agent that is told to stop in the midst of it; what is
// there afterwards is held against what was said. E2E_SEED chooses the moments.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>

#include "tests/e2e/client/agent_process.h"
#include "tests/e2e/client/environment.h"
#include "tests/e2e/client/load.h"

namespace streamhouse::e2e {
namespace {

using testing::IsEmpty;

TEST(DrainTest, WhatWasAcknowledgedInEitherWayIsCommitted) {
  constexpr int kRounds = 20;
  const std::uint64_t seed = chosen_seed();
  SCOPED_TRACE("E2E_SEED=" + std::to_string(seed));
  runtime::Random random(seed);
  AgentProcess agent;
  Ledger ledger({{"orders", 4}, {"noise", 3, true}});
  Load load(ledger.topics(), {}, random.next());
  {
    Client client(agent.address());
    ASSERT_EQ(verdict(client.create_topic("orders", 4)), "OK");
    ASSERT_EQ(verdict(client.create_topic("noise", 3, {{"streamhouse.ack", "buffered"}})), "OK");
  }
  for (int round = 0; round < kRounds && !HasFailure(); ++round) {
    load.begin(agent.address());
    std::this_thread::sleep_for(std::chrono::milliseconds(random.between(5, 150)));
    agent.signal(random.chance(0.5) ? SIGTERM : SIGINT);
    EXPECT_EQ(agent.wait(), 0) << agent.log();
    ledger.enter(load.end());
    agent.start();
    Client client(agent.address());
    ledger.read_on(client);
    ledger.expect_all_read(Ledger::Buffered::kMustBeThere);
    EXPECT_THAT(ledger.violations(), IsEmpty()) << "round " << round << "\n" << agent.log();
  }
  EXPECT_GT(ledger.acknowledged(), 100u);
  EXPECT_GT(ledger.buffered(), 100u);
  EXPECT_EQ(agent.stop(), 0);
}

}  // namespace
}  // namespace streamhouse::e2e
