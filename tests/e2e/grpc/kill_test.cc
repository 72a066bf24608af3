// Goal: an agent may be killed at any moment; nothing that it acknowledged is lost or doubled, what
// it refused never appears, and readers never saw what is not there afterwards (L1, L2, L3, L6, R1,
// W2, W3). Method: rounds of produces of every kind against a real agent, SIGKILL, `streamctl fsck`
// on what is left behind, restart, and everything read back. Every so many rounds a new agent on an
// empty folder, so that a round does not grow dearer for ever.
// E2E_SEED chooses the moments and the load, E2E_ROUNDS how many there are.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <csignal>
#include <iostream>

#include "tests/e2e/client/agent_process.h"
#include "tests/e2e/client/command.h"
#include "tests/e2e/client/environment.h"
#include "tests/e2e/client/follower.h"
#include "tests/e2e/client/load.h"

namespace streamhouse::e2e {
namespace {

using std::chrono::milliseconds;
using testing::IsEmpty;

constexpr int kRoundsPerLife = 50;
constexpr int kRoundsPerReading = 10;  ///< Between readings from the beginning.

void sleep(std::int64_t ms) { std::this_thread::sleep_for(milliseconds(ms)); }

/// One agent on one folder, with all that was ever sent to it.
class Rounds {
 public:
  explicit Rounds(runtime::Random random) : random_(random) {
    Client client(agent_.address());
    for (const TestTopic& topic : ledger_.topics()) {
      std::map<std::string, std::string> config;
      if (topic.buffered) config["streamhouse.ack"] = "buffered";
      EXPECT_EQ(verdict(client.create_topic(topic.name, topic.partitions, config)), "OK");
    }
  }

  void run(int rounds) {
    for (int round = 1; round <= rounds && ledger_.violations().empty(); ++round) {
      produce_and_kill();
      expect_clean();
      restart();
      read(round % kRoundsPerReading == 0 || round == rounds);
      EXPECT_THAT(ledger_.violations(), IsEmpty()) << "round " << round << "\n" << agent_.log();
    }
  }

  void stop() { EXPECT_EQ(agent_.stop(), 0) << agent_.log(); }
  const Ledger& ledger() const { return ledger_; }

 private:
  void produce_and_kill() {
    const TestTopic& topic = ledger_.topics()[random_.below(2)];
    const auto partition =
        static_cast<int>(random_.below(static_cast<std::uint64_t>(topic.partitions)));
    follower_ = std::make_unique<Follower>(agent_.address(), topic.name, partition,
                                           ledger_.end_of(topic.name, partition));
    load_.begin(agent_.address());
    sleep(random_.between(20, 250));
    agent_.kill();
    ledger_.enter(load_.end());
  }

  void expect_clean() const {
    const Finished fsck = run_command("DATABASE_URL=" + agent_.database_url() +
                                      " OBJECT_STORE=" + agent_.object_store_url() +
                                      " " SH_STREAMCTL " fsck --direct");
    EXPECT_EQ(fsck.code, 0) << fsck.output;
  }

  /// Every few rounds it is killed while it recovers, too.
  void restart() {
    while (random_.chance(0.15)) {
      agent_.launch();
      sleep(random_.between(0, 150));
      agent_.kill();
    }
    agent_.start();
  }

  void read(bool everything) {
    Client client(agent_.address());
    ledger_.read_on(client);
    ledger_.expect_all_read(Ledger::Buffered::kMayBeLost);
    for (const v1::ConsumedRecord& record : follower_->end())
      ledger_.expect_there(follower_->topic(), follower_->partition(), record);
    if (everything) ledger_.read_again(client);
  }

  runtime::Random random_;
  AgentProcess agent_;
  Ledger ledger_{{{"orders", 4}, {"clicks", 3}, {"noise", 2, true}}};
  Load load_{ledger_.topics(), {}, random_.next()};
  std::unique_ptr<Follower> follower_;
};

TEST(KillTest, NothingAcknowledgedIsLostOrDoubled) {
  const std::uint64_t seed = chosen_seed();
  SCOPED_TRACE("E2E_SEED=" + std::to_string(seed));
  auto left = static_cast<int>(number_from_environment("E2E_ROUNDS", 200));
  runtime::Random random(seed);
  std::size_t acknowledged = 0;
  while (left > 0 && !HasFailure()) {
    Rounds rounds(random.fork());
    rounds.run(std::min(left, kRoundsPerLife));
    rounds.stop();
    left -= kRoundsPerLife;
    acknowledged += rounds.ledger().acknowledged();
    std::cout << rounds.ledger().acknowledged() << " acknowledged, " << rounds.ledger().buffered()
              << " buffered, " << rounds.ledger().read() << " read; " << std::max(left, 0)
              << " rounds left" << std::endl;
  }
  EXPECT_GT(acknowledged, 1000u);
}

}  // namespace
}  // namespace streamhouse::e2e
