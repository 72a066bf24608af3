#pragma once
/// \file  CoreWorld: the real core on the real runtime, over stores that cost next to nothing, so
/// that what is measured is the core.

#include <chrono>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "agent/agent_core.h"
#include "base/check.h"
#include "blockcache/checked_object_reader.h"
#include "metadata/memory/memory_metadata_store.h"
#include "model/record_batch_builder.h"
#include "runtime/asio_runtime.h"
#include "runtime/run_task.h"

namespace streamhouse::bench {

/// Takes objects and forgets them: whatever is read must come from the tail.
class ForgettingStore final : public objectstore::ObjectStore {
 public:
  using Status = base::Status;
  runtime::Task<Status> put(objectstore::ObjectKey, objectstore::Chunks) override {
    co_return Status{};
  }
  runtime::Task<base::Result<base::Bytes>> get(objectstore::ObjectKey key,
                                               base::ByteRange) override {
    co_return forgotten(key);
  }
  runtime::Task<base::Result<objectstore::ObjectInfo>> head(objectstore::ObjectKey key) override {
    co_return forgotten(key);
  }
  runtime::Task<base::Result<objectstore::ObjectPage>> list(std::string, objectstore::ObjectKey,
                                                            std::size_t) override {
    co_return objectstore::ObjectPage{};
  }
  runtime::Task<Status> remove(objectstore::ObjectKey) override { co_return Status{}; }

 private:
  static base::Error forgotten(const objectstore::ObjectKey& key) {
    return base::make_error(base::Errc::kNotFound, "object " + key + " was forgotten");
  }
};

/// A batch as a client built it, uncompressed.
inline base::ByteVector client_batch(int records, std::size_t value_bytes) {
  model::RecordBatchBuilder builder;
  const std::string value(value_bytes, 'v');
  for (int i = 0; i < records; ++i) {
    const base::Status appended =
        builder.append({.timestamp = 1'000 + i, .value = base::as_bytes(value)});
    SH_CHECK(appended.has_value(), "appended");
  }
  auto batch = std::move(builder).build(model::Codec::kNone);
  SH_CHECK(batch.has_value(), "built");
  return *std::move(batch);
}

class CoreWorld {
 public:
  static constexpr const char* kTopic = "bench";

  explicit CoreWorld(std::int32_t partition_count) {
    runtime_.spawn(live());
    runtime::run_task(runtime_, until_ready());
    service::TopicSpec spec{.name = kTopic, .partition_count = partition_count};
    const auto created = runtime::run_task(runtime_, core_.topic_service().create(spec));
    SH_CHECK(created.has_value(), "created");
  }
  ~CoreWorld() {
    const runtime::MonoTime deadline = runtime_.now() + std::chrono::seconds(10);
    const base::Status stopped = runtime::run_task(runtime_, core_.stop(deadline));
    SH_CHECK(stopped.has_value(), "stopped");
  }
  CoreWorld(const CoreWorld&) = delete;
  CoreWorld& operator=(const CoreWorld&) = delete;

  agent::AgentCore& core() { return core_; }
  template <class T>
  T run(runtime::Task<T> task) {
    return runtime::run_task(runtime_, std::move(task));
  }

 private:
  runtime::Task<void> live() {
    const base::Status ended = co_await core_.run();
    SH_CHECK(ended.has_value(), "the core lives until it is stopped");
  }
  runtime::Task<void> until_ready() {
    while (!core_.ready()) co_await runtime_.sleep(std::chrono::milliseconds(1));
  }

  runtime::AsioRuntime runtime_{1};
  metadata::MemoryMetadata database_{[this] { return runtime_.wall_now(); }, model::TopicId{}};
  metadata::MemoryMetadataStore metadata_{database_};
  ForgettingStore objects_;
  blockcache::CheckedObjectReader blocks_{objects_, 1u << 20};
  agent::AgentCore core_{
      {.runtime = runtime_, .metadata = metadata_, .objects = objects_, .blocks = blocks_},
      {.agent = {.agent_id = "bench", .address = "127.0.0.1:1"}}};
};

}  // namespace streamhouse::bench
