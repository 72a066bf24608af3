// Goal: whatever sessions did before their database was lost, every record that could be read is
// rebuilt at its offset. Method: random steps of several sessions, with take-overs, trims,
// compactions that win, lose or end halfway, and removals, in a bucket beside a database in memory
// that knows the truth; every few steps another database is rebuilt and every batch read back.
#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "tests/upkeep/rebuild_world.h"

namespace streamhouse::upkeep {
namespace {

using model::Offset;
using model::Seq;
using model::SessionId;

/// Sessions come, write, move partitions, are compacted, trimmed and taken over.
class RandomHistory : public upkeep_testing::RebuildWorld {
 protected:
  void SetUp() override {
    create_topic("orders", 2);
    create_topic("events", 2);
    live_.push_back(open(0xa1));
    for (const auto& key : all_) acquire(live_.front(), key);
  }
  void step(std::mt19937_64& chance) {
    const auto draw = [&chance](std::size_t count) { return chance() % count; };
    if (live_.empty() || (live_.size() < 3 && draw(10) == 0)) {
      live_.push_back(open(chance() | 1));
    }
    Writer& writer = live_[draw(live_.size())];
    const std::size_t what = draw(24);
    const auto key = all_[draw(all_.size())];
    if (what < 4) {
      if (is_free(key)) acquire(writer, key);
    } else if (what < 14) {
      const auto runs = some_runs(writer, chance);
      if (!runs.empty()) commit(writer, runs);
    } else if (what == 14) {
      if (writer.leads.contains(key)) release(writer, key);
    } else if (what == 15) {
      const auto newest = truth_.get_checkpoint(writer.id);
      if (writer.next > Seq(1) && (!*newest || (*newest)->upto_seq < writer.next - 1)) {
        checkpoint(writer);
      }
    } else if (what == 16) {
      if (writer.leads.contains(key)) {
        const auto end = static_cast<std::size_t>(committed_[key]);
        raise_log_start(key, static_cast<std::int64_t>(draw(end + 1)));
      }
    } else if (what == 17) {
      for (const auto& [id, record] : truth_.tables().sessions) ids_.insert(id);
      for (const SessionId id : ids_) trim(id);
    } else if (what < 20) {
      remove_dead(draw(4));
    } else if (what < 23) {
      compact_some(writer, chance);
    } else {
      if (const auto runs = some_runs(writer, chance); !runs.empty()) put_object(writer, runs);
      take_over(writer);
      live_.erase(live_.begin() + (&writer - live_.data()));
    }
  }
  std::vector<Run> some_runs(const Writer& writer, std::mt19937_64& chance) {
    std::vector<Run> runs;
    for (const auto& [key, epoch] : writer.leads) {
      if (chance() % 2 == 0) continue;
      runs.push_back({.key = key,
                      .batches = 1 + static_cast<int>(chance() % 2),
                      .spec = {.count = 1 + static_cast<int>(chance() % 3)}});
    }
    return runs;
  }
  /// A prefix of some log that is covered: of a recovered session, or up to a checkpoint.
  void compact_some(const Writer& compactor, std::mt19937_64& chance) {
    const auto& sessions = truth_.tables().sessions;
    auto at = sessions.begin();
    std::advance(at, chance() % sessions.size());
    const metadata::SessionRecord& record = at->second;
    Seq upto = record.newest() - 1;
    if (record.session.state == metadata::SessionState::kLive) {
      if (!record.checkpoint) return;
      upto = std::min(upto, record.checkpoint->upto_seq);
    }
    if (upto <= record.session.trimmed_to) return;
    const auto drawn = chance() % 8;
    const auto how = drawn == 0   ? Compact::kPut
                     : drawn == 1 ? Compact::kPutSome
                                  : Compact::kReplace;
    compact(compactor, record.session.id, upto, how);
  }
  /// Every record that may still be read is there, at its offset.
  void expect_truth() {
    rebuild();
    for (const auto& key : all_) {
      SCOPED_TRACE(to_string(key));
      const Offset log_start = truth_.get_partition(key)->log_start;
      EXPECT_LE(rebuilt_log_start(key), std::max(log_start, Offset(0)));
      EXPECT_GE(rebuilt_end(key), Offset(is_known(key) ? committed_[key] : 0));
      EXPECT_LE(rebuilt_end(key), Offset(placed_[key]));
      expect_contents(key);
    }
    for (const RebuildFinding& finding : found_) {
      ASSERT_EQ(finding.fault, RebuildFault::kHole) << finding.detail;
      EXPECT_LE(finding.offsets->next, truth_.get_partition(*finding.partition)->log_start)
          << "a hole in what may still be read";
    }
  }
  /// Whether some object still says where the partition's log ends.
  bool is_known(model::TopicPartition key) {
    return committed_[key] > truth_.get_partition(key)->log_start.value();
  }

  std::vector<model::TopicPartition> all_{key(1, 0), key(1, 1), key(2, 0), key(2, 1)};
  std::vector<Writer> live_;
  std::set<SessionId> ids_;
};

class RandomHistories : public RandomHistory, public testing::WithParamInterface<int> {};

TEST_P(RandomHistories, AreRebuiltAsTheyWere) {
  std::mt19937_64 chance(static_cast<std::uint64_t>(GetParam()));
  for (int steps = 0; steps < 120; ++steps) {
    step(chance);
    if (steps % 10 == 9) expect_truth();
    ASSERT_FALSE(HasFailure()) << "step " << steps;
  }
}

INSTANTIATE_TEST_SUITE_P(Seeds, RandomHistories, testing::Range(0, 300));

}  // namespace
}  // namespace streamhouse::upkeep
