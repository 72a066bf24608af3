// Goal: a partition's batches are appended in the order of submission, each at most once; what is
// not known to be refused is never sent again; what is on its way is bounded.
// Method: scripted answers, and a random run against agents whose leadership moves.
#include "cli/produce/produce_window.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <deque>
#include <random>

namespace streamhouse::cli {
namespace {

using base::Errc;
using base::Error;
using std::chrono::milliseconds;
using testing::ElementsAre;
using testing::HasSubstr;

Batch batch(std::int32_t partition, std::int64_t line = 1, int records = 1) {
  Batch made;
  made.request.set_topic("t");
  made.request.set_partition(partition);
  for (int i = 0; i < records; ++i) made.request.add_records()->set_value(std::to_string(line + i));
  made.bytes = 100;
  made.first_line = line;
  return made;
}

class ProduceWindowTest : public testing::Test {
 protected:
  std::vector<std::int64_t> send_all(const std::set<std::string>& busy = {}) {
    std::vector<std::int64_t> sent;
    while (const auto send = window_.next(busy, now_)) {
      sent.push_back(send->sequence);
      address_[send->sequence] = send->address;
    }
    return sent;
  }
  Error not_leader(const std::string& leader = {}) {
    return {Errc::kNotLeader, "led elsewhere", leader};
  }

  ProduceWindow window_{"first", "t", {}};
  ProduceWindow::TimePoint now_{};
  std::map<std::int64_t, std::string> address_;
};

TEST_F(ProduceWindowTest, SendsInOrderAndCountsWhatIsAcknowledged) {
  window_.submit(batch(0, 1, 3));
  window_.submit(batch(1, 4, 2));
  EXPECT_THAT(send_all(), ElementsAre(0, 1));
  EXPECT_EQ(window_.in_flight(), 2u);
  window_.acknowledged(0, 100);
  window_.acknowledged(1, 0);
  EXPECT_TRUE(window_.empty());
  EXPECT_EQ(window_.summary().record_count, 5);
  EXPECT_EQ(window_.summary().partitions.at(0).last_offset, 102);
  EXPECT_EQ(window_.failure(), std::nullopt);
}

TEST_F(ProduceWindowTest, IsFullAtItsBatchesOrItsBytes) {
  ProduceWindow::Limits limits;
  limits.batches = 3;
  limits.bytes = 250;
  ProduceWindow window("first", "t", limits);
  window.submit(batch(0));
  window.submit(batch(0));
  EXPECT_FALSE(window.full());
  window.submit(batch(0));
  EXPECT_TRUE(window.full());
  ASSERT_TRUE(window.next({}, now_));
  window.acknowledged(0, 0);
  EXPECT_FALSE(window.full());
}

TEST_F(ProduceWindowTest, LeavesOutBusyAddresses) {
  window_.submit(batch(0));
  EXPECT_THAT(send_all({"first"}), ElementsAre());
  EXPECT_THAT(send_all({"other"}), ElementsAre(0));
}

TEST_F(ProduceWindowTest, SendsARefusedBatchToTheLeaderInANewRound) {
  window_.submit(batch(0));
  send_all();
  window_.refused(0, not_leader("second"), now_);
  EXPECT_THAT(send_all(), ElementsAre(0));
  EXPECT_EQ(address_[0], "second");
  EXPECT_EQ(window_.round(), 1);
  window_.acknowledged(0, 0);
  window_.submit(batch(0));
  EXPECT_THAT(send_all(), ElementsAre(1));
  EXPECT_EQ(address_[1], "second");  // remembered
}

TEST_F(ProduceWindowTest, SettlesWhatIsOnItsWayBeforeItSendsAgain) {
  for (int i = 0; i < 3; ++i) window_.submit(batch(0));
  send_all();
  window_.submit(batch(0));
  window_.refused(0, not_leader("second"), now_);
  EXPECT_THAT(send_all(), ElementsAre());  // 1 and 2 are still out there
  window_.refused(1, not_leader("second"), now_);
  EXPECT_THAT(send_all(), ElementsAre());
  window_.refused(2, not_leader("second"), now_);
  EXPECT_THAT(send_all(), ElementsAre(0, 1, 2, 3));
}

TEST_F(ProduceWindowTest, AsksTheFirstServerAgainAfterAPauseWhenNobodyLeads) {
  window_.submit(batch(0));
  send_all();
  window_.refused(0, not_leader(), now_);
  EXPECT_THAT(send_all(), ElementsAre());
  ASSERT_TRUE(window_.resume_at());
  now_ = *window_.resume_at();
  EXPECT_THAT(send_all(), ElementsAre(0));
  EXPECT_EQ(address_[0], "first");
}

TEST_F(ProduceWindowTest, AnAgentThatNamesItselfIsAskedAfterAPauseToo) {
  window_.submit(batch(0));
  send_all();
  window_.refused(0, not_leader("first"), now_);
  EXPECT_THAT(send_all(), ElementsAre());
  EXPECT_TRUE(window_.resume_at());
}

TEST_F(ProduceWindowTest, GivesUpLookingForALeaderWhenItsPatienceEnds) {
  window_.submit(batch(0, 42));
  for (int i = 0; i < 1000 && !window_.failure(); ++i) {
    if (!send_all().empty()) window_.refused(0, not_leader(), now_);
    now_ += milliseconds(100);
  }
  ASSERT_TRUE(window_.failure());
  EXPECT_EQ(window_.failure()->code, Errc::kNotLeader);
  EXPECT_THAT(window_.failure()->text, HasSubstr("from line 42 on"));
  EXPECT_GE(now_.time_since_epoch(), milliseconds(30'000));
  EXPECT_LE(now_.time_since_epoch(), milliseconds(31'000));
}

TEST_F(ProduceWindowTest, AnAcknowledgementRenewsItsPatience) {
  window_.submit(batch(0));
  for (int i = 0; i < 1000; ++i) {
    window_.submit(batch(1));
    for (const auto sequence : send_all()) {
      if (sequence == 0) {
        window_.refused(0, not_leader(), now_);
      } else {
        window_.acknowledged(sequence, i);
      }
    }
    now_ += milliseconds(100);
    if (window_.full()) break;
  }
  EXPECT_EQ(window_.failure(), std::nullopt);
}

TEST_F(ProduceWindowTest, AnyOtherRefusalIsFinal) {
  window_.submit(batch(0, 1, 2));
  window_.submit(batch(0, 3, 2));
  window_.submit(batch(0, 5, 2));
  window_.next({}, now_);
  window_.next({}, now_);
  window_.refused(0, {Errc::kTooLarge, "batch of 2 MiB"}, now_);
  EXPECT_THAT(send_all(), ElementsAre());  // the third one stays
  window_.acknowledged(1, 0);
  EXPECT_EQ(window_.in_flight(), 0u);
  EXPECT_EQ(window_.failure()->code, Errc::kTooLarge);
  EXPECT_EQ(window_.failure()->text, "t/0, from line 1 on: batch of 2 MiB; 2 records are appended");
}

TEST_F(ProduceWindowTest, NeverSendsAgainWhatMayHaveBeenAppended) {
  for (int i = 0; i < 3; ++i) window_.submit(batch(0, 1 + i));
  send_all();
  window_.acknowledged(0, 0);
  window_.lost("first", {Errc::kUnknownOutcome, "first: connection lost"});
  EXPECT_EQ(window_.in_flight(), 0u);
  EXPECT_THAT(send_all(), ElementsAre());
  EXPECT_EQ(window_.failure()->code, Errc::kUnknownOutcome);
  EXPECT_EQ(window_.failure()->text,
            "t/0, from line 2 on: first: connection lost; 1 records are appended, 2 may or may "
            "not be");
}

TEST_F(ProduceWindowTest, AnUnknownOutcomeThatTheAgentReportsCountsAsSuch) {
  window_.submit(batch(0, 1, 5));
  send_all();
  window_.refused(0, {Errc::kUnknownOutcome, "stalled"}, now_);
  EXPECT_THAT(window_.failure()->text, HasSubstr("0 records are appended, 5 may or may not be"));
}

TEST_F(ProduceWindowTest, LosesOnlyWhatWentToThatAgent) {
  window_.submit(batch(0));
  send_all();
  window_.refused(0, not_leader("second"), now_);
  window_.submit(batch(1));
  send_all();
  window_.lost("first", {Errc::kUnknownOutcome, "gone"});
  EXPECT_EQ(window_.in_flight(), 1u);
  EXPECT_TRUE(window_.awaits(0, "second"));
  EXPECT_FALSE(window_.awaits(1, "first"));
  window_.acknowledged(0, 0);
  EXPECT_TRUE(window_.empty());
}

TEST_F(ProduceWindowTest, AwaitsOnlyWhatItSentThere) {
  window_.submit(batch(0));
  EXPECT_FALSE(window_.awaits(0, "first"));
  send_all();
  EXPECT_TRUE(window_.awaits(0, "first"));
  EXPECT_FALSE(window_.awaits(0, "second"));
  EXPECT_FALSE(window_.awaits(1, "first"));
}

/// Agents that answer in order on each stream, keep a partition refused until the stream's end, and
/// lose and gain leadership at random.
TEST_F(ProduceWindowTest, KeepsEveryPartitionsOrderWhileLeadersMove) {
  constexpr int kPartitions = 4;
  const std::vector<std::string> agents = {"first", "second", "third"};
  for (unsigned seed = 0; seed < 200; ++seed) {
    std::mt19937 random(seed);
    const auto any = [&](int count) { return static_cast<int>(random() % unsigned(count)); };
    ProduceWindow window("first", "t", {});
    ProduceWindow::TimePoint now{};
    std::map<int, int> leaders;
    struct Stream {
      std::deque<std::pair<std::int64_t, const v1::ProduceBatchRequest*>> sent;
      std::set<int> refused;
    };
    std::map<std::pair<std::string, std::int64_t>, Stream> streams;
    std::map<int, std::vector<int>> submitted;
    std::map<int, std::vector<int>> appended;
    for (int step = 0; step < 400; ++step, now += milliseconds(10)) {
      if (any(8) == 0) leaders[any(kPartitions)] = any(3);
      if (!window.full() && any(2) == 0) {
        const auto partition = any(kPartitions);
        submitted[partition].push_back(step);
        window.submit(batch(partition, step));
      }
      if (any(2) == 0) {
        if (const auto send = window.next({}, now)) {
          streams[{send->address, window.round()}].sent.emplace_back(send->sequence, send->batch);
        }
      }
      for (auto& [key, stream] : streams) {
        if (stream.sent.empty() || any(2) == 0) continue;
        const auto [sequence, request] = stream.sent.front();
        stream.sent.pop_front();
        const auto partition = request->partition();
        const auto& leader = agents[static_cast<std::size_t>(leaders[partition])];
        if (leader != key.first) stream.refused.insert(partition);
        if (stream.refused.contains(partition)) {
          window.refused(sequence, not_leader(any(3) == 0 ? "" : leader), now);
        } else {
          appended[partition].push_back(std::stoi(request->records(0).value()));
          window.acknowledged(sequence, 0);
        }
      }
      ASSERT_EQ(window.failure(), std::nullopt);
    }
    for (const auto& [partition, lines] : appended) {
      ASSERT_LE(lines.size(), submitted[partition].size());
      const std::vector<int> expected(submitted[partition].begin(),
                                      submitted[partition].begin() + std::ssize(lines));
      EXPECT_EQ(lines, expected) << "seed " << seed << ", partition " << partition;
    }
    EXPECT_GT(window.round(), 0) << seed;
  }
}

}  // namespace
}  // namespace streamhouse::cli
