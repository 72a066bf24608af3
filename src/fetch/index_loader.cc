#include "fetch/index_loader.h"

#include <string_view>
#include <unordered_map>

#include "runtime/retry/retry.h"

namespace streamhouse::fetch {
namespace {

constexpr std::size_t kPartitionsPerLoad = 10'000;
constexpr auto kLookAgain = std::chrono::milliseconds(500);

/// Spans installed, about, before other work of the core gets its turn.
constexpr std::size_t kSpansPerTurn = 10'000;

}  // namespace

/// Turns the locations of many partitions into index entries. An object that holds spans of several
/// of them is named once.
class IndexLoader::EntryMaker {
 public:
  std::vector<partition::IndexEntry> entries_of(const std::vector<metadata::SpanLocation>& spans) {
    std::vector<partition::IndexEntry> entries;
    entries.reserve(spans.size());
    for (const metadata::SpanLocation& span : spans) {
      entries.push_back({.offsets = span.offsets,
                         .object = object_of(span),
                         .position = span.position,
                         .length = span.length,
                         .max_timestamp = span.max_timestamp});
    }
    return entries;
  }

 private:
  using Object = std::shared_ptr<const partition::StoredObject>;

  const Object& object_of(const metadata::SpanLocation& span) {
    const auto found = objects_.find(span.object_key);
    if (found != objects_.end()) return found->second;
    auto object = std::make_shared<const partition::StoredObject>(
        partition::StoredObject{.key = span.object_key, .size = span.object_size});
    const std::string_view key = object->key;
    return objects_.emplace(key, std::move(object)).first->second;
  }

  std::unordered_map<std::string_view, Object> objects_;  ///< By their own keys.
};

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
  EntryMaker maker;
  std::size_t spans = 0;
  for (const metadata::LoadedPartition& one : loaded) {
    if (spans >= kSpansPerTurn) {
      spans = 0;
      co_await runtime_.yield();
    }
    spans += one.spans.size();
    install(one, maker);
  }
  co_return base::Status{};
}

/// Looks the partition up again: it may have been let go since it was asked for.
void IndexLoader::install(const metadata::LoadedPartition& loaded, EntryMaker& maker) {
  const auto log = partitions_.find(loaded.row.key);
  if (!log || log->index_loaded() || log->epoch() != loaded.row.epoch) return;
  const base::Status installed = log->load_index(maker.entries_of(loaded.spans));
  if (!installed) {
    damage_ = base::make_error(
        base::Errc::kCorrupt, "partition " + to_string(log->key()) + ": " + installed.error().text);
  }
}

}  // namespace streamhouse::fetch
