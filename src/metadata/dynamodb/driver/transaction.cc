#include "metadata/dynamodb/driver/transaction.h"

#include <algorithm>
#include <utility>

#include "base/check.h"

namespace streamhouse::metadata::dynamodb {

using base::Errc;

namespace {

constexpr auto kContentionMax = std::chrono::seconds(10);

}  // namespace

Task<Status> Transaction::load(std::vector<Key> keys) {
  std::ranges::sort(keys);
  const auto repeated = std::ranges::unique(keys);
  keys.erase(repeated.begin(), repeated.end());
  std::erase_if(keys, [this](const Key& key) {
    const auto found = entries_.find(key);
    return found != entries_.end() && found->second.was_read;
  });
  if (keys.empty()) co_return Status{};
  SH_CO_TRY(auto items, co_await table_.get_all(keys));
  for (Key& key : keys) entries_[std::move(key)].was_read = true;
  for (Item& item : items) {
    const Key key{item.text(kPartitionKey), item.text(kSortKey)};
    entries_[key].read = std::move(item);
  }
  co_return Status{};
}

const Item* Transaction::find(const Key& key) const {
  const auto found = entries_.find(key);
  SH_CHECK(found != entries_.end() && found->second.was_read, "the key was loaded");
  return found->second.read ? &*found->second.read : nullptr;
}

Task<Result<const Item*>> Transaction::get(Key key) {
  SH_CO_TRY_OK(co_await load({key}));
  co_return find(key);
}

void Transaction::put(const Key& key, Item item) {
  entries_[key].write = Write{.kind = Write::Kind::kPut, .key = key, .item = std::move(item)};
}

void Transaction::put_new(const Key& key, Item item) {
  put(key, std::move(item));
  entries_[key].write->guard = {.kind = Guard::Kind::kAbsent};
}

void Transaction::remove(const Key& key) {
  entries_[key].write = Write{.kind = Write::Kind::kRemove, .key = key};
}

Guard Transaction::guard_of(const Entry& entry) const {
  if (!entry.was_read) return {};
  if (!entry.read) return {.kind = Guard::Kind::kAbsent};
  return {.kind = Guard::Kind::kRevision, .revision = entry.read->text(kRevision)};
}

Task<Result<Written>> Transaction::commit(Writes writes) {
  std::vector<Write> all;
  for (const auto& [key, entry] : entries_) {
    const bool is_written = writes == Writes::kApply && entry.write;
    if (!is_written && !entry.was_read) continue;
    all.push_back(is_written ? *entry.write : Write{.kind = Write::Kind::kCheck, .key = key});
    if (all.back().guard.kind == Guard::Kind::kNone) all.back().guard = guard_of(entry);
  }
  const bool only_checks = std::ranges::all_of(
      all, [](const Write& write) { return write.kind == Write::Kind::kCheck; });
  // A single read saw one moment; whoever only reads may not write, not even checks.
  const bool is_known = only_checks && (all.size() < 2 || all.size() > kTransactionItemsMax ||
                                        table_.access() == Access::kReadOnly);
  if (is_known) co_return Written::kDone;
  if (all.size() > kTransactionItemsMax)
    co_return base::make_error(Errc::kTooLarge, "a transaction of " + std::to_string(all.size()) +
                                                    " items: DynamoDB takes 100");
  co_return co_await table_.transact(std::move(all));
}

Task<bool> Contention::wait() {
  const runtime::Duration pause = backoff_.next(table_.runtime().random());
  if (table_.runtime().now() - started_ + pause > kContentionMax) co_return false;
  co_await table_.runtime().sleep(pause);
  co_return true;
}

base::Error Contention::given_up() {
  return base::make_error(Errc::kUnavailable, "lost against other transactions for too long");
}

bool tells(Errc code) {
  return code != Errc::kUnavailable && code != Errc::kThrottled && code != Errc::kUnknownOutcome &&
         code != Errc::kUnsupported && code != Errc::kInternal && code != Errc::kTooLarge;
}

base::Error behind_applied(base::Error error) {
  if (error.code != Errc::kUnavailable && error.code != Errc::kThrottled) return error;
  return base::make_error(Errc::kUnknownOutcome, "was begun; then " + error.text);
}

}  // namespace streamhouse::metadata::dynamodb
