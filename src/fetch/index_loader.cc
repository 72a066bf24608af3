#include "fetch/index_loader.h"

#include "runtime/retry/retry.h"

namespace streamhouse::fetch {
namespace {

constexpr std::size_t kPartitionsPerLoad = 10'000;
constexpr auto kLookAgain = std::chrono::milliseconds(500);

/// Spans installed, about, before other work of the core gets its turn.
constexpr std::size_t kSpansPerTurn = 10'000;

}  // namespace

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
  std::size_t spans = 0;
  for (const metadata::LoadedPartition& one : *loaded) {
    if (spans >= kSpansPerTurn) {
      spans = 0;
      co_await runtime_.yield();
    }
    spans += one.spans.size();
    install(one);
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
void IndexLoader::install(const metadata::LoadedPartition& loaded) {
  const auto log = partitions_.find(loaded.row.key);
  if (!log || log->index_loaded() || log->epoch() != loaded.row.epoch) return;
  std::vector<partition::IndexEntry> entries;
  entries.reserve(loaded.spans.size());
  for (const metadata::SpanLocation& span : loaded.spans) {
    entries.push_back({.offsets = span.offsets,
                       .object = partitions_.objects().add(span.object_key, span.object_size),
                       .length = span.length,
                       .max_timestamp = span.max_timestamp});
  }
  const base::Status installed = log->load_index(std::move(entries));
  if (!installed) damage_ = installed.error();
}

}  // namespace streamhouse::fetch
