// Goal: while the disk of the objects, of the database or of both is full, produce gets an error
// that says so; nothing acknowledged is lost or doubled, and service resumes by itself when there
// is room again. Method: a real agent on a small file system; producers of every kind before,
// while and after it is full; what is there in the end is held against what was said.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/e2e/client/agent_process.h"
#include "tests/e2e/client/command.h"
#include "tests/e2e/client/environment.h"
#include "tests/e2e/client/http_get.h"
#include "tests/e2e/client/load.h"
#include "tests/e2e/client/small_disk.h"

namespace streamhouse::e2e {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using std::chrono::steady_clock;
using testing::AnyOf;
using testing::HasSubstr;
using testing::IsEmpty;

enum class OnDisk : std::uint8_t { kObjects, kDatabase, kBoth };

class FullDiskTest : public testing::TestWithParam<OnDisk> {
 protected:
  AgentSetup setup() const {
    AgentSetup chosen{.flags = {"--produce-timeout=3s"}, .prefix = disk_.prefix()};
    if (GetParam() != OnDisk::kObjects) chosen.database_folder = disk_.path();
    if (GetParam() != OnDisk::kDatabase) chosen.object_folder = disk_.path();
    return chosen;
  }
  /// The trouble that the disk makes.
  Outcome produce_in_vain(Client& client) {
    const auto deadline = steady_clock::now() + seconds(60);
    while (true) {
      Outcome outcome = client.produce("extra", "in vain");
      const bool refused = outcome.error == "unavailable";
      if (refused || steady_clock::now() > deadline) return outcome;
    }
  }
  void expect_ready(const std::string& http, bool ready) {
    const auto deadline = steady_clock::now() + seconds(60);
    std::string said;
    do {
      said = http_get(http, "/readyz");
      std::this_thread::sleep_for(milliseconds(20));
    } while ((said == "ready") != ready && steady_clock::now() < deadline);
    EXPECT_EQ(said == "ready", ready) << said;
  }

  SmallDisk disk_{128};
};

TEST_P(FullDiskTest, IsAnsweredAndOutlived) {
  if (!disk_.refusal().empty()) GTEST_SKIP() << "no namespace with a mount: " << disk_.refusal();
  AgentProcess agent(setup());
  Client client(agent.address());
  Ledger ledger({{"orders", 4}, {"noise", 2, true}});
  ASSERT_EQ(verdict(client.create_topic("orders", 4)), "OK");
  ASSERT_EQ(verdict(client.create_topic("noise", 2, {{"streamhouse.ack", "buffered"}})), "OK");
  ASSERT_EQ(verdict(client.create_topic("extra")), "OK");
  Load load(ledger.topics(), {.streams = 1, .value_bytes_max = 200}, chosen_seed());
  load.begin(agent.address());
  std::this_thread::sleep_for(milliseconds(300));
  disk_.fill();
  const Outcome refused = produce_in_vain(client);
  EXPECT_EQ(verdict(refused), "UNAVAILABLE unavailable");
  EXPECT_THAT(refused.status.error_message(),
              AnyOf(HasSubstr("disk full"), HasSubstr("disk is full")));
  expect_ready(agent.http(), false);
  disk_.free();
  expect_ready(agent.http(), true);
  EXPECT_TRUE(load.goes_on());
  ledger.enter(load.end());
  EXPECT_EQ(verdict(client.produce("extra", "again")), "OK");
  ledger.read_on(client);
  ledger.expect_all_read(Ledger::Buffered::kMustBeThere);
  EXPECT_EQ(client.values("extra").back(), "again");
  const Finished fsck = run_command(SH_STREAMCTL " fsck --server " + agent.address());
  EXPECT_EQ(fsck.code, 0) << fsck.output;
  agent.kill();
  agent.start();
  Client next(agent.address());
  ledger.read_again(next);
  EXPECT_THAT(ledger.violations(), IsEmpty()) << agent.log();
  EXPECT_EQ(agent.stop(), 0);
}

std::string name_of(const testing::TestParamInfo<OnDisk>& info) {
  const char* const names[] = {"Objects", "Database", "Both"};
  return names[static_cast<int>(info.param)];
}
INSTANTIATE_TEST_SUITE_P(EachDisk, FullDiskTest,
                         testing::Values(OnDisk::kObjects, OnDisk::kDatabase, OnDisk::kBoth),
                         name_of);

}  // namespace
}  // namespace streamhouse::e2e
