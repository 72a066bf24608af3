// Goal: one load serves all who ask for a key meanwhile, and one that began before its key was
// invalidated is never seen. Method: loads that end when the test says so, on a simulated process.

#include "runtime/cache/flights.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "runtime/sim/sim_scheduler.h"

namespace streamhouse::runtime {
namespace {

using base::Errc;
using Answer = base::Result<int>;

class FlightsTest : public testing::Test {
 protected:
  void TearDown() override { process_.crash(); }

  Task<Answer> load(std::string key) {
    loads_.push_back({std::move(key), OneShot<Answer>(process_)});
    const OneShot<Answer> answer = loads_.back().answer;
    co_return co_await answer.wait();
  }
  Task<void> keep(std::string key, std::shared_ptr<std::optional<Answer>> into) {
    into->emplace(co_await flights_.get(std::move(key)));
  }
  std::shared_ptr<std::optional<Answer>> ask(const std::string& key) {
    auto asked = std::make_shared<std::optional<Answer>>();
    process_.spawn(keep(key, asked));
    run();
    return asked;
  }
  void answer(std::size_t load, const Answer& with) {
    loads_.at(load).answer.set(with);
    run();
  }
  void run() { scheduler_.run_for(std::chrono::milliseconds(1)); }
  static std::string text(const std::shared_ptr<std::optional<Answer>>& asked) {
    if (!*asked) return "pending";
    return **asked ? std::to_string(***asked) : std::string(errc_name((*asked)->error().code));
  }

  struct Load {
    std::string key;
    OneShot<Answer> answer;
  };
  SimScheduler scheduler_{{.seed = 1}};
  SimRuntime& process_ = scheduler_.add_runtime("process");
  TaskGroup group_{process_};
  std::vector<Load> loads_;
  std::vector<std::string> landed_;
  Flights<std::string, int> flights_{
      {.runtime = process_,
       .group = group_,
       .load = [this](std::string key) { return load(std::move(key)); },
       .landed =
           [this](const std::string& key, const Answer& answer) {
             landed_.push_back(key + (answer ? "=" + std::to_string(*answer) : " failed"));
           }}};
};
using Texts = std::vector<std::string>;

TEST_F(FlightsTest, LoadsOnceForAllWhoAskMeanwhile) {
  const auto first = ask("a");
  const auto second = ask("a");
  const auto other = ask("b");
  ASSERT_EQ(loads_.size(), 2u);
  EXPECT_TRUE(flights_.is_loading("a"));
  answer(0, 7);
  EXPECT_EQ(text(first), "7");
  EXPECT_EQ(text(second), "7");
  EXPECT_EQ(text(other), "pending");
  EXPECT_EQ(landed_, Texts{"a=7"});
  EXPECT_FALSE(flights_.is_loading("a"));
}

TEST_F(FlightsTest, WhatWasLoadedBeforeAnInvalidationIsSeenByNobody) {
  const auto before = ask("a");
  flights_.invalidate("a");
  const auto after = ask("a");
  ASSERT_EQ(loads_.size(), 2u) << "what began before serves nobody who asks after";
  answer(0, 1);
  EXPECT_EQ(text(before), "pending") << "nor who asked before";
  EXPECT_EQ(text(after), "pending");
  answer(1, 2);
  EXPECT_EQ(text(before), "2");
  EXPECT_EQ(text(after), "2");
  EXPECT_EQ(landed_, Texts{"a=2"});
}

TEST_F(FlightsTest, NobodyWaitsForALoadThatWasInvalidated) {
  const auto before = ask("a");
  flights_.invalidate("a");
  run();
  ASSERT_EQ(loads_.size(), 2u);
  answer(1, 2);
  EXPECT_EQ(text(before), "2");
  answer(0, 1);
  EXPECT_EQ(landed_, Texts{"a=2"});
}

TEST_F(FlightsTest, WhoAsksWaitsForASecondAtMostHoweverOftenTheKeyIsInvalidated) {
  const auto first = ask("a");
  const auto second = ask("b");
  for (int i = 0; i < 9; ++i) {
    scheduler_.run_for(std::chrono::milliseconds(100));
    flights_.invalidate("a");
  }
  EXPECT_EQ(text(first), "pending");
  EXPECT_EQ(text(second), "pending");
  scheduler_.run_for(std::chrono::milliseconds(100));
  EXPECT_EQ(text(first), "unavailable");
  EXPECT_EQ(text(second), "unavailable");
  EXPECT_TRUE(flights_.is_loading("b")) << "for who comes later";
  answer(1, 5);
  EXPECT_EQ(landed_, Texts{"b=5"});
}

TEST_F(FlightsTest, WhoAsksWhileTheOwnerEndsLoadsAlone) {
  group_.stop();
  const auto first = ask("a");
  const auto second = ask("a");
  ASSERT_EQ(loads_.size(), 2u);
  EXPECT_FALSE(flights_.is_loading("a"));
  answer(1, 2);
  EXPECT_EQ(text(first), "pending");
  EXPECT_EQ(text(second), "2");
  EXPECT_TRUE(landed_.empty());
}

TEST_F(FlightsTest, InvalidatesAllKeysAtOnce) {
  const auto a = ask("a");
  const auto b = ask("b");
  flights_.invalidate_all();
  run();
  ASSERT_EQ(loads_.size(), 4u) << "both are loaded again";
  answer(0, 1);
  answer(1, 1);
  answer(2, 2);
  answer(3, 2);
  EXPECT_EQ(text(a), "2");
  EXPECT_EQ(text(b), "2");
}

TEST_F(FlightsTest, AnErrorIsForThoseWhoWaitForItAlone) {
  const auto first = ask("a");
  const auto second = ask("a");
  answer(0, base::make_error(Errc::kUnavailable, "no"));
  EXPECT_EQ(text(first), "unavailable");
  EXPECT_EQ(text(second), "unavailable");
  const auto later = ask("a");
  answer(1, 3);
  EXPECT_EQ(text(later), "3");
  EXPECT_EQ(landed_, (Texts{"a failed", "a=3"}));
}

}  // namespace
}  // namespace streamhouse::runtime
