#include "fetch/index_loader.h"

#include <map>

#include "runtime/retry/retry.h"

namespace streamhouse::fetch {
namespace {

constexpr std::size_t kPartitionsPerLoad = 10'000;
constexpr auto kLookAgain = std::chrono::milliseconds(500);

/// Turns locations into index entries that share one name per object.
std::vector<partition::IndexEntry> entries_of(const std::vector<metadata::SpanLocation>& spans) {
  std::map<std::string_view, std::shared_ptr<const partition::StoredObject>> objects;
  std::vector<partition::IndexEntry> entries;
  entries.reserve(spans.size());
  for (const metadata::SpanLocation& span : spans) {
    auto& object = objects[span.object_key];
    if (!object) {
      object = std::make_shared<const partition::StoredObject>(
          partition::StoredObject{.key = span.object_key, .size = span.object_size});
    }
    entries.push_back({.offsets = span.offsets,
                       .object = object,
                       .position = span.position,
                       .length = span.length,
                       .max_timestamp = span.max_timestamp});
  }
  return entries;
}

}  // namespace

runtime::Task<void> IndexLoader::run(runtime::Signal& leadership_changed) {
  while (!group_.stopping() && !session_.lost()) {
    const base::Status loaded = co_await load_missing();
    if (!loaded && base::retryability(loaded.error().code) == base::Retry::kNever) {
      damage_ = loaded.error();
    }
    const runtime::MonoTime deadline = runtime_.now() + kLookAgain;
    co_await leadership_changed.wait_until(deadline);
  }
}

runtime::Task<base::Status> IndexLoader::load_missing() {
  std::vector<model::TopicPartition> keys;
  for (const auto& log : partitions_.list()) {
    if (!log->index_loaded() && keys.size() < kPartitionsPerLoad) keys.push_back(log->key());
  }
  if (keys.empty()) co_return base::Status{};
  const auto load = [this, &keys] { return metadata_.load_partitions(keys); };
  SH_CO_TRY(const auto loaded, co_await runtime::retry_until_known(runtime_, group_, load));
  for (const metadata::LoadedPartition& one : loaded) install(one);
  co_return base::Status{};
}

void IndexLoader::install(const metadata::LoadedPartition& loaded) {
  const auto log = partitions_.find(loaded.row.key);
  if (!log || log->index_loaded() || log->epoch() != loaded.row.epoch) return;
  const base::Status installed = log->load_index(entries_of(loaded.spans));
  if (!installed) {
    damage_ = base::make_error(
        base::Errc::kCorrupt, "partition " + to_string(log->key()) + ": " + installed.error().text);
  }
}

}  // namespace streamhouse::fetch
