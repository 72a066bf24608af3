#include "cluster/catalog/change_feed.h"

#include <algorithm>
#include <charconv>

namespace streamhouse::cluster {
namespace {

constexpr std::size_t kChangesPerPoll = 1'000;
constexpr auto kPollInterval = std::chrono::milliseconds(500);
/// What a change is about may be readable a moment later than the change itself (design/0005): who
/// read it too early reads it once more.
constexpr auto kTellAgainAfter = std::chrono::seconds(5);
/// More batches than this are told again as one of which everything was missed.
constexpr std::size_t kTellAgainMax = 100;

}  // namespace

std::optional<model::TopicNo> topic_of(const metadata::Change& change) {
  const std::string_view key = change.key;
  std::uint32_t number = 0;
  const auto [end, error] = std::from_chars(key.data(), key.data() + key.size(), number);
  const std::string_view rest = key.substr(static_cast<std::size_t>(end - key.data()));
  const bool lease = change.kind == metadata::ChangeKind::kLease;
  const bool whole = lease ? rest.starts_with('/') : rest.empty();
  if (error != std::errc() || !whole) return std::nullopt;
  return model::TopicNo(number);
}

runtime::Task<void> ChangeFeed::run() {
  while (!group_.stopping()) {
    const auto more = co_await read_on();
    if (more && *more) continue;
    [[maybe_unused]] const base::Status told = co_await tell_again();  // else after the next poll
    co_await group_.sleep_until_stop(kPollInterval);
  }
}

/// Returns whether there is more to read.
runtime::Task<base::Result<bool>> ChangeFeed::read_on() {
  const runtime::MonoTime asked_at = runtime_.now();
  const std::int64_t after = std::max<std::int64_t>(version_, 0);
  SH_CO_TRY(auto read, co_await metadata_.watch_changes(after, kChangesPerPoll));
  const bool missed_some =
      version_ < 0 || version_ < read.oldest_kept - 1 || version_ > read.latest;
  // A feed that was missed is not read through: whoever drops everything needs none of it.
  const bool last = missed_some || read.changes.empty();
  const std::int64_t told = last ? read.latest : read.changes.back().version;
  if (told != version_) {
    const auto batch = std::make_shared<const ChangeBatch>(
        ChangeBatch{.changes = std::move(read.changes), .missed_some = missed_some});
    SH_CO_TRY_OK(co_await tell(batch));
    version_ = told;
    note_to_tell_again(batch);
  }
  const bool more = version_ < read.latest;
  if (!more) told_at_ = asked_at;
  co_return more;
}

runtime::Task<base::Status> ChangeFeed::tell(ChangeBatchPtr batch) {
  for (ChangeListener* const listener : listeners_) SH_CO_TRY_OK(co_await listener->apply(batch));
  co_return base::Status{};
}

void ChangeFeed::note_to_tell_again(ChangeBatchPtr batch) {
  if (again_.size() == kTellAgainMax) {
    again_.clear();
    batch = std::make_shared<const ChangeBatch>(ChangeBatch{.missed_some = true});
  }
  again_.push_back({.due = runtime_.now() + kTellAgainAfter, .batch = std::move(batch)});
}

runtime::Task<base::Status> ChangeFeed::tell_again() {
  while (!again_.empty() && again_.front().due <= runtime_.now()) {
    SH_CO_TRY_OK(co_await tell(again_.front().batch));
    again_.pop_front();
  }
  co_return base::Status{};
}

}  // namespace streamhouse::cluster
