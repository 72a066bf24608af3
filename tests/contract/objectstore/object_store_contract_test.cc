// Goal: every store and every wrapper keeps the contract of object_store.h.
// Method: ObjectStoreContract over each of them: the real ones on threads, the others in
// simulation, where the retry wrapper must make a store that loses replies and refuses calls look
// sound.
#include "tests/contract/object_store_contract.h"

#include "objectstore/directory/posix_file_system.h"
#include "objectstore/file_object_store.h"
#include "objectstore/memory_object_store.h"
#include "objectstore/simulation/sim_file_system.h"
#include "objectstore/wrappers/fault_object_store.h"
#include "objectstore/wrappers/latency_object_store.h"
#include "objectstore/wrappers/metrics_object_store.h"
#include "objectstore/wrappers/retry_object_store.h"
#include "runtime/asio_runtime.h"
#include "runtime/run_task.h"
#include "runtime/sim/sim_blocking_pool.h"
#include "runtime/sim/sim_scheduler.h"
#include "runtime/thread_pool.h"
#include "tests/scratch_directory.h"

namespace streamhouse::tests {
namespace {

using namespace objectstore;  // the stores under test
using namespace std::chrono_literals;

constexpr std::uint64_t kSeed = 42;

/// A simulated process, and whatever store a kind builds on it.
class Simulated : public StoreUnderTest {
 public:
  ObjectStore& store() override { return *top_; }
  runtime::Runtime& runtime() override { return runtime_; }
  void run(Task<void> task) override { runtime_.run_until_ended(std::move(task)); }

 protected:
  void set_store(ObjectStore& top) { top_ = &top; }

  runtime::SimScheduler scheduler_{{.seed = kSeed}};
  runtime::SimRuntime& runtime_ = scheduler_.add_runtime("agent");

 private:
  ObjectStore* top_ = nullptr;
};

class InMemory : public Simulated {
 public:
  InMemory() { set_store(memory_); }

 protected:
  MemoryObjectStore memory_;
};

class Slow : public InMemory {
 public:
  Slow() { set_store(slow_); }

 private:
  LatencyObjectStore slow_{memory_, runtime_, {1ms, 50ms, 10'000'000}};
};

class WithoutFaults : public InMemory {
 public:
  WithoutFaults() { set_store(faulty_); }

 protected:
  StoreFaults faults_{runtime_, kSeed};
  FaultObjectStore faulty_{memory_, runtime_, faults_};
};

class RetriedWithFaults : public WithoutFaults {
 public:
  RetriedWithFaults() {
    faults_.set_rates(
        {.refused = 0.1, .throttled = 0.1, .burst = 0.002, .stalled = 0.05, .reply_lost = 0.1});
    set_store(retried_);
  }
  ~RetriedWithFaults() override { EXPECT_GT(faults_.count(StoreFault::kNone), 0u); }

 private:
  RetryObjectStore retried_{
      faulty_, runtime_, {.policy = {.attempts_max = 100, .time_max = 1h, .budget_max = 1e9}}};
};

class Measured : public InMemory {
 public:
  Measured() { set_store(measured_); }

 private:
  runtime::Metrics metrics_;
  MetricsObjectStore measured_{memory_, runtime_, metrics_};
};

class OnSimulatedFiles : public Simulated {
 public:
  OnSimulatedFiles() {
    auto created = runtime::run_task(
        runtime_, FileObjectStore::create(files_, pool_, kSeed, {.path = "data/objects"}));
    EXPECT_TRUE(created) << to_string(created.error());
    store_ = *std::move(created);
    set_store(*store_);
  }

 protected:
  SimDisk disk_{kSeed};
  SimFileSystem files_{disk_};
  runtime::SimBlockingPool pool_{runtime_, {.workers = 4}};
  std::unique_ptr<FileObjectStore> store_;
};

/// All wrappers, in the order of an agent's, over files, with faults in the middle.
class WholeStack : public OnSimulatedFiles {
 public:
  WholeStack() {
    faults_.set_rates({.refused = 0.05, .throttled = 0.05, .stalled = 0.02, .reply_lost = 0.05});
    set_store(retried_);
  }

 private:
  runtime::Metrics metrics_;
  LatencyObjectStore slow_{*store_, runtime_, {1ms, 5ms, 100'000'000}};
  StoreFaults faults_{runtime_, kSeed};
  FaultObjectStore faulty_{slow_, runtime_, faults_};
  MetricsObjectStore measured_{faulty_, runtime_, metrics_};
  RetryObjectStore retried_{
      measured_, runtime_, {.policy = {.attempts_max = 100, .time_max = 1h, .budget_max = 1e9}}};
};

class OnRealFiles : public StoreUnderTest {
 public:
  explicit OnRealFiles(PublishCall call) : files_(call) {
    auto created = runtime::run_task(
        runtime_, FileObjectStore::create(files_, pool_, kSeed, {.path = scratch_.path()}));
    EXPECT_TRUE(created) << to_string(created.error());
    store_ = *std::move(created);
  }
  ObjectStore& store() override { return *store_; }
  runtime::Runtime& runtime() override { return runtime_; }
  void run(Task<void> task) override { runtime_.run_until_ended(std::move(task)); }

 private:
  ScratchDirectory scratch_;
  PosixFileSystem files_;
  runtime::AsioRuntime runtime_{kSeed};
  runtime::ThreadPool pool_{runtime_, {.name = "files", .threads = 8}};
  std::unique_ptr<FileObjectStore> store_;
};

template <class Store>
StoreKind simulated(std::string name) {
  return {std::move(name), [] { return std::make_unique<Store>(); }};
}
/// Fewer objects: each put waits for the disk twice.
StoreKind real(std::string name, PublishCall call) {
  return {std::move(name), [call] { return std::make_unique<OnRealFiles>(call); }, 1'000};
}

INSTANTIATE_TEST_SUITE_P(All, ObjectStoreContract,
                         testing::Values(simulated<InMemory>("Memory"), simulated<Slow>("Latency"),
                                         simulated<WithoutFaults>("FaultIdle"),
                                         simulated<RetriedWithFaults>("RetryOverFaults"),
                                         simulated<Measured>("Metrics"),
                                         simulated<OnSimulatedFiles>("FileSimulated"),
                                         simulated<WholeStack>("WholeStack"),
                                         real("FileRename", PublishCall::kRename),
                                         real("FileLink", PublishCall::kLink)),
                         [](const auto& info) { return info.param.name; });

}  // namespace
}  // namespace streamhouse::tests
