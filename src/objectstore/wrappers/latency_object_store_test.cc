// Goal: calls take the time they are told to, and a caller that dies while it waits may have been
// heard or not.
// Method: virtual time, over many seeds.
#include "objectstore/wrappers/latency_object_store.h"

#include <algorithm>
#include <set>

#include "tests/objectstore/store_with_faults.h"

namespace streamhouse::objectstore {
namespace {

using namespace std::chrono_literals;
using runtime::Duration;

class LatencyObjectStoreTest : public StoreWithFaults {
 protected:
  template <class T>
  Duration time_of(Task<T> task) {
    const Duration start = scheduler_.elapsed();
    static_cast<void>(wait(std::move(task)));
    return scheduler_.elapsed() - start;
  }

  LatencyObjectStore slow_{memory_, agent_, {.min = 10ms, .max = 20ms}};
};

TEST_F(LatencyObjectStoreTest, CallsTakeBetweenTheLeastAndTheMostTime) {
  Duration least = 1h;
  Duration most = 0s;
  for (int i = 0; i < 200; ++i) {
    const Duration time = time_of(slow_.put("a", text("x")));
    least = std::min(least, time);
    most = std::max(most, time);
  }
  EXPECT_GE(least, 10ms);
  EXPECT_LT(least, 11ms);
  EXPECT_LE(most, 20ms);
  EXPECT_GT(most, 19ms);
}

TEST_F(LatencyObjectStoreTest, EachOperationHasItsOwn) {
  slow_.set_latency(StoreOperation::kList, {.min = 3s, .max = 3s});
  EXPECT_EQ(time_of(slow_.list("", "", 1)), 3s);
  EXPECT_LE(time_of(slow_.head("a")), 20ms);
  slow_.set_latency({});
  EXPECT_EQ(time_of(slow_.remove("a")), 0s);
}

TEST_F(LatencyObjectStoreTest, BytesTakeTimeBothWays) {
  slow_.set_latency({.bytes_per_second = 1000});
  EXPECT_EQ(time_of(slow_.put("a", text(std::string(500, 'x')))), 500ms);
  EXPECT_EQ(time_of(slow_.get("a", {0, 250})), 250ms);
  EXPECT_EQ(time_of(slow_.get("a", {0, UINT64_MAX})), 0s) << "a refusal has no bytes";
}

TEST_F(LatencyObjectStoreTest, ADyingCallerMayHaveBeenHeardOrNot) {
  std::set<std::size_t> seen;
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    runtime::SimScheduler scheduler({.seed = seed});
    auto& process = scheduler.add_runtime("process");
    MemoryObjectStore memory;
    LatencyObjectStore slow(memory, process, {.min = 10ms, .max = 10ms});
    const auto put = [](LatencyObjectStore& store) -> Task<void> {
      Chunks content = text("x");
      static_cast<void>(co_await store.put("a", std::move(content)));
    };
    process.spawn(put(slow));
    scheduler.run_for(5ms);
    process.crash();
    scheduler.run_for(1s);
    seen.insert(memory.object_count());
  }
  EXPECT_EQ(seen, (std::set<std::size_t>{0, 1}));
}

}  // namespace
}  // namespace streamhouse::objectstore
