#include "fetch/index_loader.h"

#include <algorithm>

#include "runtime/retry/retry.h"

namespace streamhouse::fetch {
namespace {

using base::Errc;
using Log = std::shared_ptr<partition::PartitionLog>;

constexpr std::size_t kPartitionsPerLoad = 10'000;
constexpr auto kLookAgain = std::chrono::milliseconds(500);

/// Spans installed, about, before other work of the core gets its turn.
constexpr std::size_t kSpansPerTurn = 10'000;

}  // namespace

IndexLoader::IndexLoader(Ports ports, runtime::TaskGroup& group, std::size_t bytes_max)
    : ports_(ports),
      group_(group),
      bytes_max_(bytes_max),
      damaged_backoff_({.first = std::chrono::seconds(1), .longest = std::chrono::minutes(1)}) {}

runtime::Task<void> IndexLoader::run() {
  while (!group_.stopping() && !ports_.session.lost()) {
    evict();
    [[maybe_unused]] const base::Status loaded = co_await load_missing();
    if (!wanted_.empty()) continue;
    const runtime::MonoTime deadline = ports_.runtime.now() + kLookAgain;
    co_await ports_.wake.wait_until(deadline);
  }
}

runtime::Task<base::Status> IndexLoader::loaded(Log log, runtime::MonoTime deadline) {
  if (log->index_loaded()) co_return base::Status{};
  log->set_index_used(++uses_);
  const bool on_its_way = loading_.contains(log->key()) || !wanted_.insert(log->key()).second;
  ++(on_its_way ? use_.coalesced : use_.misses);
  ports_.wake.notify_all();
  while (!log->index_loaded()) {
    if (log->index_damage()) co_return base::Status(*log->index_damage());
    const runtime::Woken woken = co_await log->changed().wait_until(deadline);
    if (log->state() == partition::LogState::kClosed) {
      co_return base::Status(Errc::kNotLeader,
                             "partition " + to_string(log->key()) + " is not led here");
    }
    if (woken == runtime::Woken::kDeadline) {
      co_return base::Status(Errc::kUnavailable, "the index of partition " + to_string(log->key()) +
                                                     " is still being loaded");
    }
  }
  co_return base::Status{};
}

void IndexLoader::answered(partition::PartitionLog& log) {
  log.set_index_used(++uses_);
  ++use_.hits;
}

/// What is to be loaded now: what readers wait for, and new partitions while there is room. What is
/// damaged waits for its time, and is no damage until it is found to be again.
std::vector<model::TopicPartition> IndexLoader::missing() {
  const bool damaged_too = damage_ && ports_.runtime.now() >= damaged_due_;
  std::vector<model::TopicPartition> keys;
  for (const Log& log : ports_.partitions.list()) {
    if (log->index_loaded() || keys.size() == kPartitionsPerLoad) continue;
    const bool wanted = wanted_.erase(log->key()) > 0;
    const bool in_advance = !log->index_evicted() && has_room();
    const bool due = log->index_damage() ? damaged_too : wanted || in_advance;
    if (due) keys.push_back(log->key());
  }
  if (keys.size() < kPartitionsPerLoad) wanted_.clear();  // the rest is not led, or not missing
  if (damaged_too) {
    damaged_due_ = ports_.runtime.now() + damaged_backoff_.next(ports_.runtime.random());
    damage_.reset();
  }
  return keys;
}

runtime::Task<base::Status> IndexLoader::load_missing() {
  const std::vector<model::TopicPartition> keys = missing();
  if (keys.empty()) co_return base::Status{};
  loading_ = {keys.begin(), keys.end()};
  const auto load = [this, &keys] { return ports_.metadata.load_partitions(keys); };
  const auto loaded = co_await runtime::retry_until_known(ports_.runtime, group_, load);
  if (!loaded) {
    const bool for_good = base::retryability(loaded.error().code) == base::Retry::kNever;
    if (for_good) set_damage(keys, loaded.error());
    loading_.clear();
    co_return loaded.error();
  }
  std::size_t spans = 0;
  for (const metadata::LoadedPartition& one : *loaded) {
    if (spans >= kSpansPerTurn) {
      spans = 0;
      co_await ports_.runtime.yield();
    }
    spans += one.spans.size();
    install(one);
  }
  loading_.clear();
  co_return base::Status{};
}

void IndexLoader::set_damage(const std::vector<model::TopicPartition>& keys,
                             const base::Error& why) {
  for (const model::TopicPartition& key : keys) {
    const auto log = ports_.partitions.find(key);
    if (log && !log->index_loaded()) log->set_index_damage(why);
  }
  damage_ = why;
}

/// Looks the partition up again: it may have been let go since it was asked for.
void IndexLoader::install(const metadata::LoadedPartition& loaded) {
  const auto log = ports_.partitions.find(loaded.row.key);
  if (!log || log->index_loaded() || log->epoch() != loaded.row.epoch) return;
  std::vector<partition::IndexEntry> entries;
  entries.reserve(loaded.spans.size());
  for (const metadata::SpanLocation& span : loaded.spans) {
    entries.push_back({.offsets = span.offsets,
                       .object = ports_.partitions.objects().add(span.object_key, span.object_size),
                       .length = span.length,
                       .max_timestamp = span.max_timestamp});
  }
  const base::Status installed =
      log->load_index(std::move(entries), loaded.row.log_start, loaded.damage);
  if (!installed) damage_ = installed.error();
}

/// Down to nine tenths of the bound, so that it is seldom done.
void IndexLoader::evict() {
  const partition::ObjectTable& objects = ports_.partitions.objects();
  if (objects.bytes() <= bytes_max_) return;
  std::vector<Log> logs = ports_.partitions.list();
  std::erase_if(logs, [](const Log& log) { return log->index().empty(); });
  std::ranges::sort(logs, {},
                    [](const Log& log) { return std::pair(log->index_used(), log->key()); });
  for (const Log& log : logs) {
    if (objects.bytes() <= bytes_max_ - bytes_max_ / 10) return;
    log->evict_index();
  }
}

}  // namespace streamhouse::fetch
