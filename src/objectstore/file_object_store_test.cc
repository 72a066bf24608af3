// Goal: what FileObjectStore adds to DirectoryStore: it remembers directories within a bound,
// pushes back when its pool is full, and dies with its process only.
// Method: a simulated process, disk and pool, whose steps can be counted.
#include "objectstore/file_object_store.h"

#include <gtest/gtest.h>

#include <optional>

#include "objectstore/simulation/sim_file_system.h"
#include "runtime/run_task.h"
#include "runtime/sim/sim_blocking_pool.h"
#include "runtime/sim/sim_scheduler.h"

namespace streamhouse::objectstore {
namespace {

class FileObjectStoreTest : public testing::Test {
 protected:
  std::unique_ptr<FileObjectStore> open(FileObjectStore::Options options) {
    auto store = wait(FileObjectStore::create(files_, pool_, 1, std::move(options)));
    EXPECT_TRUE(store) << to_string(store.error());
    return *std::move(store);
  }
  template <class T>
  T wait(Task<T> task) {
    return runtime::run_task(process_, std::move(task));
  }
  /// File-system calls that putting a new object under `key` takes.
  std::uint64_t cost_of_put(FileObjectStore& store, const ObjectKey& key) {
    const std::uint64_t before = files_.steps();
    EXPECT_TRUE(wait(store.put(key, {Bytes(std::string("x"))})));
    return files_.steps() - before;
  }

  SimDisk disk_{1};
  SimFileSystem files_{disk_};
  runtime::SimScheduler scheduler_{{.seed = 1}};
  runtime::SimRuntime& process_ = scheduler_.add_runtime("agent");
  runtime::SimBlockingPool pool_{process_, {.workers = 2, .queue_max = 4}};
};

TEST_F(FileObjectStoreTest, FailsToOpenWithTheReason) {
  files_.fail_at(1, EACCES);
  const auto store = wait(FileObjectStore::create(files_, pool_, 1, {.path = "data/objects"}));
  ASSERT_FALSE(store);
  EXPECT_EQ(store.error().text, "open root data/objects: Permission denied");
}

TEST_F(FileObjectStoreTest, KnowsADirectoryAfterItsFirstPut) {
  const auto store = open({.path = "data"});
  const std::uint64_t first = cost_of_put(*store, "ab/01/1");
  const std::uint64_t second = cost_of_put(*store, "ab/01/2");
  EXPECT_EQ(second, 6u) << "create, write, sync, publish, sync directory, no temporary file left";
  EXPECT_EQ(first, second + 6) << "two directories are made, opened, and synced into their parents";
}

TEST_F(FileObjectStoreTest, ForgetsDirectoriesBeyondItsBound) {
  const auto store = open({.path = "data", .directories_max = 2});
  const std::uint64_t walked = cost_of_put(*store, "a/1");
  EXPECT_LT(cost_of_put(*store, "a/2"), walked);
  cost_of_put(*store, "b/1");
  cost_of_put(*store, "c/1");
  EXPECT_EQ(cost_of_put(*store, "a/3"), walked);
}

TEST_F(FileObjectStoreTest, RefusesCallsThatWouldWaitTooLong) {
  const auto store = open({.path = "data"});
  std::vector<std::optional<Status>> results(12);
  const auto put = [](FileObjectStore& on, int number, std::optional<Status>* result) -> Task<> {
    Chunks content{Bytes(std::string("x"))};
    *result = co_await on.put(std::to_string(number), std::move(content));
  };
  for (std::size_t i = 0; i < results.size(); ++i)
    process_.spawn(put(*store, static_cast<int>(i), &results[i]));
  scheduler_.run_until([&] { return process_.task_count() == 0; });
  int throttled = 0;
  for (const auto& result : results) {
    ASSERT_TRUE(result);
    if (!*result) EXPECT_EQ(result->error().code, base::Errc::kThrottled);
    throttled += *result ? 0 : 1;
  }
  EXPECT_GT(throttled, 0);
  EXPECT_EQ(wait(store->list("", "", 100))->objects.size(),
            results.size() - std::size_t(throttled));
}

TEST_F(FileObjectStoreTest, ACrashInsideACallEndsTheProcessAndNothingElse) {
  const auto store = open({.path = "data"});
  files_.crash_at(files_.steps() + 4, [&] { process_.crash(); });
  bool answered = false;
  const auto put = [](FileObjectStore& on, bool* answered_to) -> Task<> {
    Chunks content{Bytes(std::string("x"))};
    static_cast<void>(co_await on.put("a", std::move(content)));
    *answered_to = true;
  };
  process_.spawn(put(*store, &answered));
  scheduler_.run_until([&] { return !process_.alive(); });
  scheduler_.run_for(std::chrono::seconds(1));
  EXPECT_FALSE(answered);
  EXPECT_FALSE(files_.is_alive());
  SimFileSystem restarted(disk_);
  const auto after = DirectoryStore::open(restarted, "data", 2);
  ASSERT_TRUE(after);
  EXPECT_FALSE((*after)->head("a")) << "it died before it published";
}

}  // namespace
}  // namespace streamhouse::objectstore
