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
    [[maybe_unused]] const base::Status loaded = co_await load_missing();
    const runtime::MonoTime deadline = runtime_.now() + kLookAgain;
    co_await leadership_changed.wait_until(deadline);
  }
}

/// What is to be loaded now. What is damaged waits for its time, and is no damage until it is found
/// to be again.
std::vector<model::TopicPartition> IndexLoader::missing() {
  const bool damaged_too = damage_ && runtime_.now() >= damaged_due_;
  std::vector<model::TopicPartition> keys;
  for (const auto& log : partitions_.list()) {
    if (log->index_loaded() || keys.size() == kPartitionsPerLoad) continue;
    if (!log->index_damage() || damaged_too) keys.push_back(log->key());
  }
  if (damaged_too) {
    damaged_due_ = runtime_.now() + damaged_backoff_.next(runtime_.random());
    damage_.reset();
  }
  return keys;
}

runtime::Task<base::Status> IndexLoader::load_missing() {
  const std::vector<model::TopicPartition> keys = missing();
  if (keys.empty()) co_return base::Status{};
  const auto load = [this, &keys] { return metadata_.load_partitions(keys); };
  const auto loaded = co_await runtime::retry_until_known(runtime_, group_, load);
  if (!loaded) {
    const bool for_good = base::retryability(loaded.error().code) == base::Retry::kNever;
    if (for_good) set_damage(keys, loaded.error());
    co_return loaded.error();
  }
  EntryMaker maker;
  std::size_t spans = 0;
  for (const metadata::LoadedPartition& one : *loaded) {
    if (spans >= kSpansPerTurn) {
      spans = 0;
      co_await runtime_.yield();
    }
    spans += one.spans.size();
    install(one, maker);
  }
  co_return base::Status{};
}

void IndexLoader::set_damage(const std::vector<model::TopicPartition>& keys,
                             const base::Error& why) {
  for (const model::TopicPartition& key : keys) {
    const auto log = partitions_.find(key);
    if (log && !log->index_loaded()) log->set_index_damage(why);
  }
  damage_ = why;
}

/// Looks the partition up again: it may have been let go since it was asked for.
void IndexLoader::install(const metadata::LoadedPartition& loaded, EntryMaker& maker) {
  const auto log = partitions_.find(loaded.row.key);
  if (!log || log->index_loaded() || log->epoch() != loaded.row.epoch) return;
  const base::Status installed = log->load_index(maker.entries_of(loaded.spans));
  if (!installed) damage_ = installed.error();
}

}  // namespace streamhouse::fetch
