#include "metadata/dynamodb/tables/group_rows.h"

#include <algorithm>

#include "base/varint.h"
#include "metadata/dynamodb/driver/take_front.h"
#include "metadata/dynamodb/items/blobs.h"
#include "metadata/dynamodb/items/keys.h"
#include "metadata/dynamodb/tables/changes.h"
#include "metadata/dynamodb/tables/partition_rows.h"

namespace streamhouse::metadata::dynamodb {

using base::Errc;

base::Error does_not_follow(const std::string& group_id, std::int64_t commit_no,
                            std::int64_t stored) {
  return base::make_error(Errc::kConflict, "group '" + group_id + "' is at commit number " +
                                               std::to_string(stored) + ", which " +
                                               std::to_string(commit_no) + " does not follow");
}

void write_offset(Transaction& transaction, const StoredGroup& group, const OffsetWrite& write) {
  const Key key = offset_key(group.group.group_id, write.key);
  if (write.offset)
    transaction.put(key, item_of(*write.offset, group.incarnation));
  else
    transaction.remove(key);
}

namespace {

/// Takes values off the front of bytes; remembers whether there were enough.
class Decoder {
 public:
  explicit Decoder(base::BytesView bytes) : rest_(bytes) {}
  bool ended() const { return rest_.empty() || failed_; }
  bool failed() const { return failed_; }
  std::int64_t number() {
    const auto value = base::take_zigzag(rest_);
    failed_ = failed_ || !value;
    return value.value_or(0);
  }
  std::string text() {
    const auto size = static_cast<std::uint64_t>(number());
    failed_ = failed_ || size > rest_.size();
    if (failed_) return {};
    std::string text = base::to_string(rest_.first(size));
    rest_ = rest_.subspan(size);
    return text;
  }

 private:
  base::BytesView rest_;
  bool failed_ = false;
};

enum Flags : std::int64_t { kRemoved = 0, kForEver = 1, kExpires = 2 };

OffsetWrite take_offset(Decoder& decoder) {
  OffsetWrite write;
  write.key.topic = model::TopicNo(static_cast<std::uint32_t>(decoder.number()));
  write.key.partition = model::PartitionIndex(static_cast<std::int32_t>(decoder.number()));
  const std::int64_t flags = decoder.number();
  if (flags == kRemoved) return write;
  CommittedOffset offset{.key = write.key};
  offset.offset = Offset(decoder.number());
  offset.leader_epoch = LeaderEpoch(static_cast<std::int32_t>(decoder.number()));
  offset.committed_ms = decoder.number();
  if (flags == kExpires) offset.expires_ms = decoder.number();
  offset.metadata = decoder.text();
  write.offset = std::move(offset);
  return write;
}

/// Spreads one batch, the last one together with the end of it all.
struct SpreadSome {
  std::string group_id;
  std::string revision;  ///< Of the group's item when it was read.
  std::vector<OffsetWrite> writes;
  bool is_last = false;

  Task<Result<bool>> run(Transaction& transaction) const {
    SH_CO_TRY(const Item* const group, co_await transaction.get(group_key(group_id)));
    if (group == nullptr || group->text(kRevision) != revision) co_return false;
    const StoredGroup stored = group_of(*group);
    for (const OffsetWrite& write : writes) write_offset(transaction, stored, write);
    if (!is_last) co_return true;
    Item done = *group;
    for (const char* name : {"pending", "pending_size"}) done.erase(name);
    transaction.put(group_key(group_id), std::move(done));
    co_return true;
  }
};

}  // namespace

Status check_group_form(const std::string& group_id, std::int64_t commit_no) {
  if (group_id.empty()) return base::make_error(Errc::kInvalid, "a group needs an id");
  if (commit_no >= 1) return {};
  return base::make_error(Errc::kInvalid, "commit number " + std::to_string(commit_no) +
                                              " of group '" + group_id + "' is below 1");
}

Task<Status> check_guard(Transaction& transaction, ShardGuard guard, std::string group_id) {
  const Key shard = partition_key(guard.shard);
  SH_CO_TRY_OK(co_await transaction.load({shard, group_key(group_id)}));
  const Item* const item = transaction.find(shard);
  const bool holds = item != nullptr && session_of(item->text("owner")) == guard.owner &&
                     item->number("epoch") == guard.epoch.value();
  if (holds) co_return Status{};
  co_return base::make_error(Errc::kFenced,
                             "shard " + to_string(guard.shard) + " has another coordinator");
}

std::optional<StoredGroup> group_in(const Transaction& transaction, const std::string& group_id) {
  const Item* const item = transaction.find(group_key(group_id));
  return item ? std::optional(group_of(*item)) : std::nullopt;
}

Task<Result<std::int64_t>> floor_of(Transaction& transaction, ShardGuard guard) {
  SH_CO_TRY(const Item* const item, co_await transaction.get(floor_key(guard.shard)));
  const bool counts = item != nullptr && item->number("epoch") == guard.epoch.value();
  co_return counts ? item->number("commit_no") : 0;
}

Task<Result<GroupWrite>> check_commit_no(Transaction& transaction, ShardGuard guard,
                                         StoredGroup wanted) {
  const std::int64_t commit_no = wanted.group.commit_no;
  const auto group = group_in(transaction, wanted.group.group_id);
  if (group) {
    const std::int64_t stored = group->group.commit_no;
    // One of the coordinator before, which was under way when this one loaded the group.
    const bool is_own = group->written_under == guard.epoch;
    if (stored == commit_no && is_own) co_return GroupWrite::kDone;
    const Item* const item = transaction.find(group_key(wanted.group.group_id));
    if (stored == commit_no - 1 && has_pending(*item))
      co_return base::make_error(Errc::kUnavailable, "offsets of group '" + wanted.group.group_id +
                                                         "' are being spread: try again");
    if (stored == commit_no - 1) co_return GroupWrite::kApply;
    co_return does_not_follow(wanted.group.group_id, commit_no, stored);
  }
  SH_CO_TRY(const std::int64_t floor, co_await floor_of(transaction, guard));
  if (floor < commit_no) co_return GroupWrite::kCreate;
  co_return does_not_follow(wanted.group.group_id, commit_no, floor);
}

StoredGroup next_group(const Transaction& transaction, const ShardGuard& guard,
                       const std::string& group_id, std::int64_t commit_no) {
  const DatabaseMs now = transaction.now();
  StoredGroup stored =
      group_in(transaction, group_id)
          .value_or(
              StoredGroup{.group = {.group_id = group_id, .state = "Empty", .created_ms = now}});
  stored.group.commit_no = commit_no;
  stored.group.updated_ms = now;
  stored.written_under = guard.epoch;
  return stored;
}

Task<Status> store_group(Transaction& transaction, GroupWrite write, StoredGroup group,
                         Item others) {
  const std::string group_id = group.group.group_id;
  if (group.incarnation.empty()) group.incarnation = transaction.table().new_revision();
  Item item = item_of(group);
  for (const auto& [name, value] : others.values()) item.set(name, value);
  transaction.put(group_key(group_id), std::move(item));
  if (write != GroupWrite::kCreate) co_return Status{};
  transaction.put(group_list_key(group_id), {{"id", group_id}});
  co_return co_await add_change(transaction, ChangeKind::kGroup, group_id);
}

base::Bytes encode_offsets(const std::vector<OffsetWrite>& writes) {
  base::ByteVector bytes;
  for (const OffsetWrite& write : writes) {
    base::append_zigzag(bytes, write.key.topic.value());
    base::append_zigzag(bytes, write.key.partition.value());
    if (!write.offset) {
      base::append_zigzag(bytes, kRemoved);
      continue;
    }
    const CommittedOffset& offset = *write.offset;
    base::append_zigzag(bytes, offset.expires_ms ? kExpires : kForEver);
    base::append_zigzag(bytes, offset.offset.value());
    base::append_zigzag(bytes, offset.leader_epoch.value());
    base::append_zigzag(bytes, offset.committed_ms);
    if (offset.expires_ms) base::append_zigzag(bytes, *offset.expires_ms);
    base::append_zigzag(bytes, static_cast<std::int64_t>(offset.metadata.size()));
    const base::BytesView text = base::as_bytes(offset.metadata);
    bytes.insert(bytes.end(), text.begin(), text.end());
  }
  return base::Bytes(std::move(bytes));
}

Result<std::vector<OffsetWrite>> decode_offsets(base::BytesView bytes) {
  Decoder decoder(bytes);
  std::vector<OffsetWrite> writes;
  while (!decoder.ended()) writes.push_back(take_offset(decoder));
  if (!decoder.failed()) return writes;
  return {Errc::kCorrupt, "pending offsets of a group cannot be read"};
}

namespace {

struct RemoveOld {
  std::string group_id;
  std::vector<Key> keys;

  Task<Status> run(Transaction& transaction) const {
    std::vector<Key> all = keys;
    all.push_back(group_key(group_id));
    SH_CO_TRY_OK(co_await transaction.load(std::move(all)));
    const auto group = group_in(transaction, group_id);
    for (const Key& key : keys) {
      const Item* const item = transaction.find(key);
      if (item == nullptr) continue;
      if (!group || item->text(kIncarnation) != group->incarnation) transaction.remove(key);
    }
    co_return Status{};
  }
};

}  // namespace

Task<Status> remove_old_offsets(Table& table, std::string group_id) {
  const std::string pk = group_items_key(group_id);
  SH_CO_TRY(const auto items, co_await table.query(Range::prefix(pk, kOffsetsPrefix)));
  std::vector<Key> keys;
  for (const Item& item : items) keys.push_back({pk, item.text(kSortKey)});
  std::span<const Key> rest(keys);
  while (!rest.empty()) {
    RemoveOld some{.group_id = group_id, .keys = take_front(rest, kOffsetsMax)};
    SH_CO_TRY_OK(co_await transact(table, std::move(some)));
  }
  co_return Status{};
}

bool has_pending(const Item& group) { return group.has(kPending); }

Task<Result<std::vector<OffsetWrite>>> load_pending(Table& table, std::string group_id,
                                                    Item group) {
  auto load = load_blob(table, group_items_key(group_id), std::move(group), kPending);
  SH_CO_TRY(const base::Bytes bytes, co_await std::move(load));
  co_return decode_offsets(bytes);
}

namespace {

/// Puts what was read as pending of a group's item where it belongs. Answers whether that item was
/// still the group's to the end.
Task<Result<bool>> spread(Table& table, std::string group_id, Item group,
                          std::vector<OffsetWrite> writes) {
  std::span<const OffsetWrite> rest(writes);
  while (!rest.empty()) {
    SpreadSome some{.group_id = group_id, .revision = group.text(kRevision)};
    some.writes = take_front(rest, kOffsetsMax);
    some.is_last = rest.empty();
    SH_CO_TRY(const bool was_ours, co_await transact(table, std::move(some)));
    if (!was_ours) co_return false;
  }
  co_return true;
}

}  // namespace

Task<Status> spread_pending(Table& table, std::string group_id) {
  while (true) {
    SH_CO_TRY(const auto group, co_await table.get(group_key(group_id)));
    if (!group || !has_pending(*group)) co_return Status{};
    auto writes = co_await load_pending(table, group_id, *group);
    if (!writes) {
      SH_CO_TRY(const auto now, co_await table.get(group_key(group_id)));
      const bool is_same = now && now->text(kRevision) == group->text(kRevision);
      if (is_same) co_return writes.error();
      continue;  // another has spread it, and removed the chunks
    }
    SH_CO_TRY(const bool was_ours, co_await spread(table, group_id, *group, *std::move(writes)));
    const std::string chunks = group->text(kPending);
    if (was_ours && !chunks.empty())
      co_await remove_leftovers(table, Range::prefix(group_items_key(group_id), chunks));
    co_return Status{};
  }
}

}  // namespace streamhouse::metadata::dynamodb
