// Goal: in front of every store there are retries, and in front of one that others use too a bound
// of calls at once and a budget that lets three refused calls of ten succeed.
// Method: a store with faults that says whether it is shared, in virtual time.
#include "objectstore/store_front.h"

#include <algorithm>

#include "objectstore/wrappers/latency_object_store.h"
#include "runtime/task_group.h"
#include "tests/objectstore/store_with_faults.h"

namespace streamhouse::objectstore {
namespace {

using namespace std::chrono_literals;

struct Opened final : OpenedObjectStore {
  Opened(ObjectStore& opened, bool is_a_service) : inner(opened), shared(is_a_service) {}
  ObjectStore& store() override { return inner; }
  bool is_shared() const override { return shared; }

  ObjectStore& inner;
  bool shared;
};

/// Knows how many calls are under way.
class Counted final : public ObjectStore {
 public:
  Counted(ObjectStore& inner, runtime::Runtime& runtime) : inner_(inner), runtime_(runtime) {}

  Task<Status> put(ObjectKey key, Chunks content) override {
    most_ = std::max(most_, ++now_);
    ++calls_;
    co_await runtime_.sleep(20ms);
    Status done = co_await inner_.put(std::move(key), std::move(content));
    --now_;
    co_return done;
  }
  Task<Result<Bytes>> get(ObjectKey key, ByteRange range) override {
    return inner_.get(std::move(key), range);
  }
  Task<Result<ObjectInfo>> head(ObjectKey key) override { return inner_.head(std::move(key)); }
  Task<Result<ObjectPage>> list(std::string prefix, ObjectKey start_after,
                                std::size_t limit) override {
    return inner_.list(std::move(prefix), std::move(start_after), limit);
  }
  Task<Status> remove(ObjectKey key) override { return inner_.remove(std::move(key)); }

  std::size_t most() const { return most_; }
  std::size_t calls() const { return calls_; }

 private:
  ObjectStore& inner_;
  runtime::Runtime& runtime_;
  std::size_t now_ = 0;
  std::size_t most_ = 0;
  std::size_t calls_ = 0;
};

class StoreFrontTest : public StoreWithFaults {
 protected:
  struct Outcome {
    std::size_t stored = 0;
    std::size_t calls = 0;
    std::size_t most_at_once = 0;
  };

  /// So many callers at once put five objects each, one after the other.
  Outcome put_all(std::size_t callers, bool shared) {
    Counted counted(faulty_, agent_);
    const Opened opened(faulty_, shared);
    StoreFront front(counted, opened, agent_);
    Outcome outcome;
    runtime::TaskGroup group(agent_);
    const auto call = [&](std::size_t caller) -> Task<void> {
      for (std::size_t number = 0; number < 5; ++number) {
        const std::string key = "k" + std::to_string(caller) + "/" + std::to_string(number);
        const Status done = co_await front.store().put(key, text("x"));
        if (done) ++outcome.stored;
      }
    };
    for (std::size_t caller = 0; caller < callers; ++caller) group.spawn(call(caller));
    wait(group.close());
    outcome.calls = counted.calls();
    outcome.most_at_once = counted.most();
    return outcome;
  }
};

TEST_F(StoreFrontTest, AStoreOfOursAloneTakesAllCallsAtOnce) {
  const Outcome outcome = put_all(200, false);
  EXPECT_EQ(outcome.stored, 1'000u);
  EXPECT_EQ(outcome.most_at_once, 200u);
}

TEST_F(StoreFrontTest, AServiceIsSentABoundedNumberOfCallsAtOnce) {
  const Outcome outcome = put_all(200, true);
  EXPECT_EQ(outcome.stored, 1'000u);
  EXPECT_LE(outcome.most_at_once, ConcurrencyPolicy::Options{}.limit_max);
  EXPECT_EQ(memory_.object_count(), 1'000u);
}

TEST_F(StoreFrontTest, AServiceMayRefuseThreeCallsOfTen) {
  faults_.set_rates({.throttled = 0.3});
  const Outcome outcome = put_all(100, true);
  EXPECT_EQ(outcome.stored, 500u);
  EXPECT_EQ(memory_.object_count(), 500u);
  EXPECT_GT(outcome.calls, 600u);
  EXPECT_LT(outcome.calls, 800u);
}

TEST_F(StoreFrontTest, ADiskThatFailsThreeCallsOfTenIsNotHiddenForLong) {
  faults_.set_rates({.refused = 0.3});
  const Outcome outcome = put_all(100, false);
  EXPECT_LT(outcome.stored, 500u) << "the budget of a store of our own is smaller";
  EXPECT_LT(outcome.calls, 660u);
  EXPECT_EQ(memory_.object_count(), outcome.stored);
}

TEST_F(StoreFrontTest, WhatCannotBeCuredIsAnsweredAtOnce) {
  const Opened opened(faulty_, true);
  StoreFront front(faulty_, opened, agent_);
  EXPECT_EQ(outcome(wait(front.store().head("missing"))), "not_found");
  EXPECT_EQ(outcome(wait(front.store().put("No Key", text("x")))), "invalid");
  EXPECT_EQ(scheduler_.elapsed(), 0s);
}

}  // namespace
}  // namespace streamhouse::objectstore
