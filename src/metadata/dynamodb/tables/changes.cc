#include "metadata/dynamodb/tables/changes.h"

#include <charconv>

#include "metadata/dynamodb/items/blobs.h"
#include "metadata/dynamodb/items/keys.h"

namespace streamhouse::metadata::dynamodb {

using base::Errc;

namespace {

constexpr char kList[] = "changes";

/// Takes `NUMBER:` off the front of `text`; -1 if there is none.
std::int64_t take_number(std::string_view& text) {
  std::int64_t value = -1;
  const auto colon = text.find(':');
  if (colon == std::string_view::npos) return -1;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + colon, value);
  if (failure != std::errc() || end != text.data() + colon) return -1;
  text.remove_prefix(colon + 1);
  return value;
}

}  // namespace

std::string lease_text(TopicPartition key) {
  return std::to_string(key.topic.value()) + "/" + std::to_string(key.partition.value());
}

Changes head_of(const Item* item) {
  if (item == nullptr) return {};
  return {.changes = {}, .latest = item->number("latest"), .oldest_kept = item->number("oldest")};
}

Item changes_item(const NewChanges& changes) {
  std::string list;
  for (const auto& [kind, key] : changes)
    list += std::to_string(static_cast<int>(kind)) + ":" + std::to_string(key.size()) + ":" + key;
  return {{kList, std::move(list)}};
}

Result<std::vector<Change>> changes_of(const Item& item) {
  const std::string first = item.text(kSortKey);
  std::int64_t version = 0;
  std::from_chars(first.data(), first.data() + first.size(), version);
  const std::string list = item.text(kList);
  std::string_view rest = list;
  std::vector<Change> changes;
  while (!rest.empty()) {
    const std::int64_t kind = take_number(rest);
    const std::int64_t size = take_number(rest);
    if (kind < 0 || kind > 3 || size < 0 || static_cast<std::size_t>(size) > rest.size())
      return {Errc::kCorrupt, "change " + first + " of the feed is malformed"};
    const auto bytes = static_cast<std::size_t>(size);
    changes.push_back({.version = version++,
                       .kind = static_cast<ChangeKind>(kind),
                       .key = std::string(rest.substr(0, bytes))});
    rest.remove_prefix(bytes);
  }
  return changes;
}

Task<Status> add_changes(Transaction& transaction, NewChanges changes) {
  if (changes.empty()) co_return Status{};
  SH_CO_TRY(const Item* const item, co_await transaction.get(change_head_key()));
  const Changes head = head_of(item);
  const std::int64_t latest = head.latest + static_cast<std::int64_t>(changes.size());
  const bool is_long = latest - head.oldest_kept >= kChangesKeptMin + kChangesDroppedMin;
  const std::int64_t oldest = is_long ? latest - kChangesKeptMin : head.oldest_kept;
  transaction.put(change_head_key(), {{"latest", latest}, {"oldest", oldest}});
  transaction.put_new(change_key(head.latest + 1), changes_item(changes));
  co_return Status{};
}

Task<Status> add_change(Transaction& transaction, ChangeKind kind, std::string key) {
  NewChanges changes;
  changes.emplace_back(kind, std::move(key));
  co_return co_await add_changes(transaction, std::move(changes));
}

Task<Status> remove_dropped_changes(Table& table, std::int64_t oldest_kept) {
  const std::int64_t last = oldest_kept - kChangesPerItemMax;
  if (last < 1) co_return Status{};
  co_return co_await remove_items(table, Range::between(kChangesKey, padded(1), padded(last)));
}

Task<Status> add_topic_change(Transaction& transaction, model::TopicNo topic) {
  return add_change(transaction, ChangeKind::kTopic, std::to_string(topic.value()));
}

}  // namespace streamhouse::metadata::dynamodb
