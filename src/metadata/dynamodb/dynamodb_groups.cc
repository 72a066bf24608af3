// Consumer groups (rule P18).
#include <algorithm>
#include <set>

#include "metadata/dynamodb/dynamodb_metadata_store.h"
#include "metadata/dynamodb/items/blobs.h"
#include "metadata/dynamodb/items/keys.h"
#include "metadata/dynamodb/tables/changes.h"
#include "metadata/dynamodb/tables/group_rows.h"
#include "metadata/dynamodb/tables/partition_rows.h"

namespace streamhouse::metadata {

using base::Errc;
using base::make_error;
using namespace dynamodb;

namespace {

constexpr int kLoadsMax = 20;

struct SaveGroup {
  ShardGuard guard;
  Group group;

  Task<Status> run(Transaction& transaction) const {
    SH_CO_TRY_OK(co_await check_guard(transaction, guard, group.group_id));
    auto check = check_commit_no(transaction, guard, StoredGroup{.group = group});
    SH_CO_TRY(const GroupWrite write, co_await std::move(check));
    if (write == GroupWrite::kDone) co_return Status{};
    StoredGroup next = next_group(transaction, guard, group.group_id, group.commit_no);
    const Group stored = next.group;
    next.group = group;
    next.group.created_ms = stored.created_ms;
    next.group.updated_ms = stored.updated_ms;
    co_return co_await store_group(transaction, write, std::move(next), Item());
  }
};

struct DeleteGroup {
  ShardGuard guard;
  std::string group_id;
  std::int64_t commit_no;

  Task<Status> run(Transaction& transaction) const {
    SH_CO_TRY_OK(co_await check_guard(transaction, guard, group_id));
    const auto found = group_in(transaction, group_id);
    if (!found) co_return Status{};
    if (found->group.commit_no != commit_no - 1)
      co_return does_not_follow(group_id, commit_no, found->group.commit_no);
    SH_CO_TRY(const std::int64_t floor, co_await floor_of(transaction, guard));
    const StoredGroupFloor raised{guard.shard, guard.epoch, std::max(floor, commit_no)};
    transaction.put(floor_key(guard.shard), item_of(raised));
    transaction.remove(group_key(group_id));
    transaction.remove(group_list_key(group_id));
    co_return co_await add_change(transaction, ChangeKind::kGroup, group_id);
  }
};

/// A group's offsets as they are shown, by key.
using Offsets = std::map<TopicPartition, CommittedOffset>;

void overlay(Offsets& offsets, std::vector<OffsetWrite> writes) {
  for (OffsetWrite& write : writes) {
    if (write.offset)
      offsets[write.key] = *std::move(write.offset);
    else
      offsets.erase(write.key);
  }
}

/// A group with its offsets, or with those of some partitions.
struct SeenGroup {
  Group group = {};
  Offsets offsets = {};
};
using Wanted = std::optional<std::set<TopicPartition>>;

Task<Result<std::vector<Item>>> offset_items(Table& table, std::string group_id, Wanted wanted) {
  if (!wanted)
    co_return co_await table.query(Range::prefix(group_items_key(group_id), kOffsetsPrefix));
  std::vector<Key> places;
  for (const TopicPartition& key : *wanted) places.push_back(offset_key(group_id, key));
  co_return co_await table.get_all(std::move(places));
}

/// The group is read again behind its offsets, which so are of one moment, also while a large
/// commit is spread. nullopt if there is none.
Task<Result<std::optional<SeenGroup>>> see_group(Table& table, std::string group_id,
                                                 Wanted wanted) {
  for (int attempt = 0; attempt < kLoadsMax; ++attempt) {
    SH_CO_TRY(const auto item, co_await table.get(group_key(group_id)));
    if (!item) co_return std::optional<SeenGroup>();
    const StoredGroup stored = group_of(*item);
    SeenGroup seen{.group = stored.group};
    SH_CO_TRY(const auto items, co_await offset_items(table, group_id, wanted));
    for (const Item& one : items) {
      const CommittedOffset offset = offset_of(one);
      if (one.text(kIncarnation) == stored.incarnation) seen.offsets[offset.key] = offset;
    }
    Result<std::vector<OffsetWrite>> pending = std::vector<OffsetWrite>();
    if (has_pending(*item)) pending = co_await load_pending(table, group_id, *item);
    SH_CO_TRY(const auto again, co_await table.get(group_key(group_id)));
    if (!again || again->text(kRevision) != item->text(kRevision)) continue;
    if (!pending) co_return pending.error();
    if (wanted)
      std::erase_if(*pending, [&](const OffsetWrite& one) { return !wanted->contains(one.key); });
    overlay(seen.offsets, *std::move(pending));
    co_return std::optional(std::move(seen));
  }
  co_return make_error(Errc::kUnavailable, "group '" + group_id + "' changes too fast to be read");
}

/// Without those of topics that are gone.
Task<Result<std::vector<CommittedOffset>>> shown(Table& table, Offsets offsets) {
  std::vector<model::TopicNo> topics;
  for (const auto& [key, offset] : offsets) topics.push_back(key.topic);
  PartitionReader reader(table);
  SH_CO_TRY_OK(co_await reader.learn(std::move(topics)));
  std::vector<CommittedOffset> list;
  for (auto& [key, offset] : offsets)
    if (reader.find_topic(key.topic) != nullptr) list.push_back(std::move(offset));
  co_return list;
}

}  // namespace

Task<Status> DynamodbMetadataStore::save_group(ShardGuard guard, Group group) {
  SH_CO_TRY_OK(check_group_form(group.group_id, group.commit_no));
  SH_CO_TRY_OK(co_await spread_pending(table_, group.group_id));
  co_return co_await transact(table_, SaveGroup{.guard = guard, .group = std::move(group)});
}

/// Offsets that are left over bear the name of a life of the group that is over. Also those that an
/// earlier call has left go.
Task<Status> DynamodbMetadataStore::delete_group(ShardGuard guard, std::string group_id,
                                                 std::int64_t commit_no) {
  SH_CO_TRY_OK(check_group_form(group_id, commit_no));
  DeleteGroup wanted{.guard = guard, .group_id = group_id, .commit_no = commit_no};
  SH_CO_TRY_OK(co_await transact(table_, std::move(wanted)));
  const Status removed = co_await remove_old_offsets(table_, group_id);
  if (!removed) co_return behind_applied(removed.error());
  co_return Status{};
}

Task<Result<LoadedGroup>> DynamodbMetadataStore::load_group(std::string group_id) {
  if (group_id.empty()) co_return make_error(Errc::kGroupNotFound, "a group needs an id");
  SH_CO_TRY(auto seen, co_await see_group(table_, group_id, std::nullopt));
  if (!seen) co_return make_error(Errc::kGroupNotFound, "there is no group '" + group_id + "'");
  SH_CO_TRY(auto offsets, co_await shown(table_, std::move(seen->offsets)));
  co_return LoadedGroup{.group = std::move(seen->group), .offsets = std::move(offsets)};
}

Task<Result<std::vector<CommittedOffset>>> DynamodbMetadataStore::fetch_offsets(
    std::string group_id, std::vector<TopicPartition> keys) {
  if (group_id.empty() || keys.empty()) co_return std::vector<CommittedOffset>();
  std::set<TopicPartition> wanted(keys.begin(), keys.end());
  SH_CO_TRY(auto seen, co_await see_group(table_, std::move(group_id), std::move(wanted)));
  if (!seen) co_return std::vector<CommittedOffset>();
  co_return co_await shown(table_, std::move(seen->offsets));
}

Task<Result<std::vector<Group>>> DynamodbMetadataStore::list_groups(std::string after,
                                                                    std::size_t limit) {
  std::vector<Group> groups;
  while (groups.size() < limit) {
    const std::size_t wanted = limit - groups.size();
    Range range = Range::after(kGroupsKey, of_user(after)).limited(wanted);
    SH_CO_TRY(const auto listed, co_await table_.query(std::move(range)));
    std::vector<Key> keys;
    for (const Item& item : listed) keys.push_back(group_key(item.text("id")));
    SH_CO_TRY(const auto items, co_await table_.get_all(std::move(keys)));
    for (const Item& item : items) groups.push_back(group_of(item).group);
    if (listed.size() < wanted) break;
    after = listed.back().text("id");  // some may be gone by now: the page is filled up
  }
  std::ranges::sort(groups, {}, &Group::group_id);
  co_return groups;
}

}  // namespace streamhouse::metadata
