// Goal: a database that fails over and lacks commits that it had acknowledged is noticed before
// anything else is lost: the session whose rows are gone acknowledges nothing more, the loss is
// declared where every agent sees it, and the objects of the lost rows stay in the object store.
// Method: agents under load, their database set back by a second or two, then load again; whatever
// is acknowledged after that is compared with the database as it is now.
#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "actors.h"
#include "cluster/freeze_mark.h"
#include "segment/object_key.h"

namespace streamhouse::sim {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr auto kNoticedMax = seconds(120);

Scenario scenario_of(std::uint64_t seed) {
  runtime::Random random(seed);
  Scenario scenario{.agents = static_cast<int>(random.between(1, 3))};
  scenario.session_timeout = milliseconds(random.between(500, 6'000));
  scenario.checkpoint_interval = milliseconds(random.between(200, 4'000));
  scenario.upkeep_interval = milliseconds(random.between(200, 2'000));
  scenario.deletion_grace = milliseconds(random.between(200, 3'000));
  scenario.database = {.refused = 0.005, .lost_reply = 0.01};
  return scenario;
}

class FailoverTest : public testing::TestWithParam<std::uint64_t> {
 protected:
  FailoverTest() {
    for (int i = 0; i < world_.scenario().agents; ++i) world_.start_process(i);
    Actors creators(world_, promises_);
    creators.start(create_topic());
    EXPECT_TRUE(until([&] { return creators.running() == 0; }));
  }

  runtime::Task<void> create_topic() {
    const CoreCall<cluster::TopicPtr> call = [this](agent::AgentCore& core) {
      return core.topic_service().create(
          {.name = "fixed", .partition_count = world_.scenario().partitions});
    };
    while (true) {
      const auto created = co_await world_.ask<cluster::TopicPtr>(call, seconds(10));
      if (created || created.error().code == base::Errc::kTopicExists) co_return;
      co_await world_.client().sleep(milliseconds(200));
    }
  }

  bool until(const std::function<bool()>& done, runtime::Duration limit = kNoticedMax) {
    const auto over = [this, &done] { return !world_.violations().empty() || done(); };
    const runtime::Duration end = world_.scheduler().elapsed() + limit;
    return world_.scheduler().run_until(over, {.time = end}) == runtime::RunEnd::kDone;
  }
  void go_on_for(runtime::Duration time) {
    until([] { return false; }, time);
  }

  /// Keys of the commits' objects that the standby knows nothing of.
  std::vector<std::string> lost_since(const World::Standby& standby) {
    std::vector<std::string> lost;
    for (const auto& [id, record] : world_.database().tables().sessions) {
      const auto known = standby.tables.sessions.find(id);
      const model::Seq newest =
          known == standby.tables.sessions.end() ? model::Seq(0) : known->second.newest();
      for (const auto& [seq, row] : record.log)
        if (seq > newest && row->row.kind == metadata::RowKind::kCommit)
          lost.push_back(segment::object_key(id, seq));
    }
    return lost;
  }
  bool is_declared() {
    return world_.database().tables().settings.contains(std::string(cluster::FreezeMark::kSetting));
  }
  std::string violations() {
    std::string all;
    for (const auto& violation : world_.violations().list())
      all += violation.invariant + " " + violation.detail + "\n";
    return all;
  }

  Promises promises_{.topics = {"fixed"}};
  World world_{GetParam(), scenario_of(GetParam())};
};

TEST_P(FailoverTest, LostCommitsAreDeclaredAndNothingElseIsLost) {
  Actors before(world_, promises_);
  for (int i = 0; i < 6; ++i) before.start(before.produce(i));
  go_on_for(seconds(4));
  const World::Standby standby = world_.standby();
  go_on_for(milliseconds(static_cast<std::int64_t>(300 + GetParam() % 7 * 300)));
  before.stop();
  ASSERT_TRUE(until([&] { return before.running() == 0; })) << violations();
  const std::vector<std::string> lost = lost_since(standby);
  ASSERT_FALSE(lost.empty());
  const std::size_t acknowledged = promises_.acked.size();
  world_.fail_over(standby);

  Actors after(world_, promises_);
  for (int i = 0; i < 6; ++i) after.start(after.produce(i));
  EXPECT_TRUE(until([this] { return is_declared(); })) << "nobody noticed\n" << violations();
  go_on_for(seconds(30));
  EXPECT_EQ(violations(), "");
  for (const std::string& key : lost)
    EXPECT_TRUE(world_.stored_object(key)) << key << ", the only copy of its records, was removed";
  EXPECT_GE(promises_.acked.size(), acknowledged);
  after.stop();
}

INSTANTIATE_TEST_SUITE_P(Seeds, FailoverTest, testing::Range<std::uint64_t>(1, 41));

}  // namespace
}  // namespace streamhouse::sim
