// Goal: never more calls at once than the server takes; and what the whole stack promises while a
// server throttles: few attempts, less at once, nothing lost.
// Method: a store whose faults are switched on and off in virtual time.
#include "objectstore/wrappers/limit_object_store.h"

#include <algorithm>

#include "objectstore/wrappers/latency_object_store.h"
#include "objectstore/wrappers/retry_object_store.h"
#include "runtime/task_group.h"
#include "tests/objectstore/store_with_faults.h"

namespace streamhouse::objectstore {
namespace {

using namespace std::chrono_literals;

/// Counts the calls that are under way.
class CountingStore final : public ObjectStore {
 public:
  CountingStore(ObjectStore& inner, runtime::Runtime& runtime) : inner_(inner), runtime_(runtime) {}

  Task<Status> put(ObjectKey key, Chunks content) override {
    return counted(inner_.put(std::move(key), std::move(content)));
  }
  Task<Result<Bytes>> get(ObjectKey key, ByteRange range) override {
    return counted(inner_.get(std::move(key), range));
  }
  Task<Result<ObjectInfo>> head(ObjectKey key) override {
    return counted(inner_.head(std::move(key)));
  }
  Task<Result<ObjectPage>> list(std::string prefix, ObjectKey start_after,
                                std::size_t limit) override {
    return counted(inner_.list(std::move(prefix), std::move(start_after), limit));
  }
  Task<Status> remove(ObjectKey key) override { return counted(inner_.remove(std::move(key))); }

  std::size_t most() const { return most_; }
  std::uint64_t calls() const { return calls_; }

 private:
  template <class T>
  Task<Result<T>> counted(Task<Result<T>> call) {
    ++calls_;
    most_ = std::max(most_, ++now_);
    co_await runtime_.sleep(20ms);
    Result<T> result = co_await std::move(call);
    --now_;
    co_return result;
  }

  ObjectStore& inner_;
  runtime::Runtime& runtime_;
  std::size_t now_ = 0;
  std::size_t most_ = 0;
  std::uint64_t calls_ = 0;
};

class LimitObjectStoreTest : public StoreWithFaults {
 protected:
  CountingStore counting_{faulty_, agent_};
  LimitObjectStore limited_{counting_, agent_, {.limit_first = 4, .limit_max = 8}};
};

TEST_F(LimitObjectStoreTest, HoldsBackWhatIsTooMuch) {
  wait([](LimitObjectStore& store, runtime::Runtime& runtime) -> Task<int> {
    runtime::TaskGroup group(runtime);
    for (int i = 0; i < 100; ++i) {
      group.spawn([](LimitObjectStore& one, int number) -> Task<void> {
        const Status put = co_await one.put("a/" + std::to_string(number), text("x"));
        EXPECT_TRUE(put);
      }(store, i));
    }
    co_await group.close();
    co_return 0;
  }(limited_, agent_));
  EXPECT_EQ(memory_.object_count(), 100u);
  EXPECT_LE(counting_.most(), 8u);
  EXPECT_GE(counting_.most(), 4u);
  EXPECT_EQ(limited_.in_use(), 0u);
}

TEST_F(LimitObjectStoreTest, EveryOperationTakesAPlaceAndGivesItBack) {
  ASSERT_TRUE(wait(limited_.put("a", text("x"))));
  EXPECT_EQ(base::to_string(*wait(limited_.get("a", {0, 1}))), "x");
  EXPECT_TRUE(wait(limited_.head("a")));
  EXPECT_EQ(wait(limited_.list("", "", 1))->objects.size(), 1u);
  EXPECT_TRUE(wait(limited_.remove("a")));
  EXPECT_TRUE(wait(limited_.remove_many({"a", "b"})));
  EXPECT_EQ(outcome(wait(limited_.head("a"))), "not_found");
  EXPECT_EQ(counting_.calls(), 8u) << "many are removed one by one below";
  EXPECT_EQ(limited_.in_use(), 0u);
}

/// Puts objects one after the other until `until`; a failed put is made again, as the commit loop
/// does.
Task<void> put_all(ObjectStore& store, runtime::Runtime& runtime, int writer,
                   runtime::MonoTime until, std::vector<ObjectKey>* acknowledged) {
  for (int i = 0; runtime.now() < until; ++i) {
    const ObjectKey key = "w" + std::to_string(writer) + "/" + std::to_string(i);
    while (true) {
      Chunks content{Bytes(std::string(key))};
      const Status put = co_await store.put(key, std::move(content));
      if (put) break;
      co_await runtime.sleep(100ms);
    }
    acknowledged->push_back(key);
  }
}

TEST_F(LimitObjectStoreTest, AMinuteOfThrottlingCostsFewAttemptsAndLosesNothing) {
  constexpr int kWriters = 24;
  LimitObjectStore limited(counting_, agent_, {});
  RetryObjectStore retrying(limited, agent_, {.policy = {.budget_per_call = 0.5}});
  faults_.set_rates({.throttled = 0.3});
  std::vector<ObjectKey> acknowledged;
  wait([](RetryObjectStore& store, runtime::Runtime& runtime,
          std::vector<ObjectKey>* keys) -> Task<int> {
    runtime::TaskGroup group(runtime);
    const runtime::MonoTime until = runtime.now() + 60s;
    for (int writer = 0; writer < kWriters; ++writer)
      group.spawn(put_all(store, runtime, writer, until, keys));
    co_await group.close();
    co_return 0;
  }(retrying, agent_, &acknowledged));
  ASSERT_GT(acknowledged.size(), 100u);
  const double attempts =
      static_cast<double>(counting_.calls()) / static_cast<double>(acknowledged.size());
  RecordProperty("attempts_per_put", std::to_string(attempts));
  EXPECT_LE(attempts, 2.0);
  EXPECT_GE(limited.policy().halving_count(), 1u);
  for (const ObjectKey& key : acknowledged) {
    const auto stored = memory_.peek(key);
    ASSERT_TRUE(stored) << key;
    EXPECT_EQ(base::to_string(*stored), key);
  }
}

TEST_F(LimitObjectStoreTest, AServerThatRecoversGetsMoreAgain) {
  LimitObjectStore limited(counting_, agent_, {.limit_first = 16, .limit_max = 32});
  faults_.set_rates({.throttled = 1});
  for (int i = 0; i < 200; ++i) EXPECT_FALSE(wait(limited.head("a")));
  const std::size_t low = limited.policy().limit();
  EXPECT_LE(low, 4u);
  faults_.set_rates({});
  std::vector<ObjectKey> acknowledged;
  wait([](LimitObjectStore& store, runtime::Runtime& runtime,
          std::vector<ObjectKey>* keys) -> Task<int> {
    runtime::TaskGroup group(runtime);
    const runtime::MonoTime until = runtime.now() + 5s;
    for (int writer = 0; writer < 32; ++writer)
      group.spawn(put_all(store, runtime, writer, until, keys));
    co_await group.close();
    co_return 0;
  }(limited, agent_, &acknowledged));
  EXPECT_GT(limited.policy().limit(), 2 * low);
}

}  // namespace
}  // namespace streamhouse::objectstore
