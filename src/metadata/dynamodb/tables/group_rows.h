#pragma once
/// \file  What every write of a group reads, checks and stores (rule P18), and offsets on their way
/// from one item, where a large commit puts them all at once, to items of their own.

#include "metadata/dynamodb/driver/transaction.h"
#include "metadata/dynamodb/items/rows.h"

namespace streamhouse::metadata::dynamodb {

enum class GroupWrite : std::uint8_t {
  kCreate,  ///< There is no such group.
  kApply,
  kDone,  ///< This very write was applied before, under the guard's epoch.
};

/// Errors: kInvalid.
Status check_group_form(const std::string& group_id, std::int64_t commit_no);
/// Reads the shard's row and the group. Errors: kFenced unless the row has the guard's owner and
/// epoch.
Task<Status> check_guard(Transaction& transaction, ShardGuard guard, std::string group_id);
/// nullopt if there is no such group. Requires: check_guard().
std::optional<StoredGroup> group_in(const Transaction& transaction, const std::string& group_id);
/// Errors: kConflict unless `commit_no` is the number that the guard's coordinator stored itself or
/// follows the stored one, or, without a group, lies above the shard's floor; kUnavailable while
/// offsets are pending. Requires: check_guard().
Task<Result<GroupWrite>> check_commit_no(Transaction& transaction, ShardGuard guard,
                                         StoredGroup wanted);
/// kConflict: `commit_no` is not the one behind `stored`.
base::Error does_not_follow(const std::string& group_id, std::int64_t commit_no,
                            std::int64_t stored);
/// The group as it is to be stored: a new one (state Empty), or the stored one with the next commit
/// number. Requires: check_commit_no() said so.
StoredGroup next_group(const Transaction& transaction, const ShardGuard& guard,
                       const std::string& group_id, std::int64_t commit_no);
/// Notes it; comes last of what reads: a group that appears stands in the change feed.
Task<Status> store_group(Transaction& transaction, GroupWrite write, StoredGroup group,
                         Item others);

/// The highest number that a group of the shard was deleted with under the guard's epoch.
Task<Result<std::int64_t>> floor_of(Transaction& transaction, ShardGuard guard);

/// An offset that is written, or, without one, removed.
struct OffsetWrite {
  TopicPartition key = {};
  std::optional<CommittedOffset> offset = {};
};
/// Notes it, as one of the group as it is to be.
void write_offset(Transaction& transaction, const StoredGroup& group, const OffsetWrite& write);
/// How many stand in one transaction beside the guard, the group, its list item, floor and feed.
inline constexpr std::size_t kOffsetsMax = 90;

/// Removes the offsets that deleted groups of that name left behind; those of the present one stay.
Task<Status> remove_old_offsets(Table& table, std::string group_id);

base::Bytes encode_offsets(const std::vector<OffsetWrite>& writes);
/// Errors: kCorrupt.
Result<std::vector<OffsetWrite>> decode_offsets(base::BytesView bytes);
/// What a group's item names while a large commit is spread.
inline constexpr char kPending[] = "pending";
bool has_pending(const Item& group);
/// Reads what is pending.
Task<Result<std::vector<OffsetWrite>>> load_pending(Table& table, std::string group_id, Item group);
/// Puts pending offsets where they belong. Fenced by the group's item: once another has finished,
/// or the group is gone, nothing is written any more.
Task<Status> spread_pending(Table& table, std::string group_id);

}  // namespace streamhouse::metadata::dynamodb
