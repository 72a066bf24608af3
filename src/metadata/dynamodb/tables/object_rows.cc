#include "metadata/dynamodb/tables/object_rows.h"

#include <array>

#include "metadata/dynamodb/driver/take_front.h"
#include "metadata/dynamodb/items/keys.h"

namespace streamhouse::metadata::dynamodb {
namespace {

struct CountNames {
  int level;
  ObjectState state;
  const char* objects;
  const char* bytes;
};
constexpr std::array<CountNames, 3> kNames = {{
    {0, ObjectState::kDead, "dead_flushed", "dead_flushed_bytes"},
    {1, ObjectState::kLive, "live_compacted", "live_compacted_bytes"},
    {1, ObjectState::kDead, "dead_compacted", "dead_compacted_bytes"},
}};

}  // namespace

Key object_counts_key() { return counter_key("objects"); }

void ObjectCounts::change(const ObjectRow& row, std::int64_t sign) {
  Change& change = changes_[{row.level, row.state}];
  change.objects += sign;
  change.bytes += sign * static_cast<std::int64_t>(row.size);
}

Task<Status> ObjectCounts::store(Transaction& transaction) const {
  if (changes_.empty()) co_return Status{};
  SH_CO_TRY(const Item* const item, co_await transaction.get(object_counts_key()));
  Item next;
  for (const CountNames& names : kNames) {
    const auto found = changes_.find({names.level, names.state});
    const Change change = found == changes_.end() ? Change{} : found->second;
    next.set(names.objects, (item ? item->number(names.objects) : 0) + change.objects);
    next.set(names.bytes, (item ? item->number(names.bytes) : 0) + change.bytes);
  }
  transaction.put(object_counts_key(), std::move(next));
  co_return Status{};
}

std::vector<ObjectCount> ObjectCounts::of(const Item* item) {
  std::vector<ObjectCount> counts;
  if (item == nullptr) return counts;
  for (const CountNames& names : kNames) {
    const auto objects = static_cast<std::uint64_t>(item->number(names.objects));
    const auto bytes = static_cast<std::uint64_t>(item->number(names.bytes));
    if (objects > 0) counts.push_back({names.level, names.state, objects, bytes});
  }
  return counts;
}

namespace {

/// Puts a dead object in the place of a live one. Requires: its key was loaded.
void kill_object(Transaction& transaction, StoredObject object, ObjectCounts& counts) {
  counts.remove(object.row);
  transaction.remove(live_object_key(object.row.key));
  object.row.state = ObjectState::kDead;
  object.row.dead_ms = transaction.now();
  object.segment_count = 0;
  counts.add(object.row);
  transaction.put(dead_object_key(object.row.key), item_of(object));
}

/// Each segment, its object and that one's successor among the dead, beside the counts.
constexpr std::size_t kForgottenMax = 32;

struct ForgetSome {
  std::vector<ForgottenSegment> segments;

  Task<Status> run(Transaction& transaction) const {
    std::vector<Key> keys;
    for (const ForgottenSegment& segment : segments) {
      keys.push_back(segment.key);
      keys.push_back(live_object_key(segment.object_key));
    }
    SH_CO_TRY_OK(co_await transaction.load(std::move(keys)));
    std::map<std::string, std::int64_t> forgotten;
    for (const ForgottenSegment& segment : segments) {
      if (transaction.find(segment.key) == nullptr) continue;
      transaction.remove(segment.key);
      ++forgotten[segment.object_key];
    }
    ObjectCounts counts;
    for (const auto& [object_key, count] : forgotten) {
      const Item* const item = transaction.find(live_object_key(object_key));
      if (item == nullptr) continue;
      StoredObject object = object_of(*item);
      object.segment_count -= count;
      if (object.segment_count > 0)
        transaction.put(live_object_key(object_key), item_of(object));
      else
        kill_object(transaction, std::move(object), counts);
    }
    co_return co_await counts.store(transaction);
  }
};

/// Who forgets a segment changes the object with it. So if the object is as it was when the
/// segments are counted behind it, at most a removal that is not visible yet is missing.
struct Recount {
  std::string object_key;
  std::vector<Key> segments;

  Task<Status> run(Transaction& transaction) const {
    const Key key = live_object_key(object_key);
    SH_CO_TRY(const Item* const item, co_await transaction.get(key));
    if (item == nullptr) co_return Status{};
    SH_CO_TRY(const auto there, co_await transaction.table().get_all(segments));
    StoredObject object = object_of(*item);
    const auto count = static_cast<std::int64_t>(there.size());
    if (object.segment_count == count) co_return Status{};
    object.segment_count = count;
    ObjectCounts counts;
    if (count > 0)
      transaction.put(key, item_of(object));
    else
      kill_object(transaction, std::move(object), counts);
    co_return co_await counts.store(transaction);
  }
};

}  // namespace

Task<Status> recount_segments(Table& table, std::string object_key, std::vector<Key> segments) {
  Recount recount{.object_key = std::move(object_key), .segments = std::move(segments)};
  co_return co_await transact(table, std::move(recount));
}

Task<Status> forget_segments(Table& table, std::vector<ForgottenSegment> segments) {
  std::span<const ForgottenSegment> rest(segments);
  while (!rest.empty()) {
    ForgetSome some{.segments = take_front(rest, kForgottenMax)};
    SH_CO_TRY_OK(co_await transact(table, std::move(some)));
  }
  co_return Status{};
}

Task<Result<std::set<std::string>>> live_objects(Table& table, std::vector<Item> segments) {
  std::set<Key> keys;
  for (const Item& segment : segments) keys.insert(live_object_key(segment.text("object")));
  SH_CO_TRY(const auto items, co_await table.get_all({keys.begin(), keys.end()}));
  std::set<std::string> live;
  for (const Item& item : items) live.insert(item.text("key"));
  co_return live;
}

}  // namespace streamhouse::metadata::dynamodb
