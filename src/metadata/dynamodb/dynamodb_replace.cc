// Compaction's one transaction (rule P15).
#include <algorithm>
#include <set>

#include "metadata/dynamodb/driver/transaction.h"
#include "metadata/dynamodb/dynamodb_metadata_store.h"
#include "metadata/dynamodb/items/keys.h"
#include "metadata/dynamodb/tables/log_prefix.h"
#include "metadata/dynamodb/tables/object_rows.h"
#include "metadata/dynamodb/tables/partition_rows.h"
#include "metadata/rules/session_rules.h"
#include "metadata/rules/setting_rules.h"

namespace streamhouse::metadata {

using base::Errc;
using base::make_error;
using namespace dynamodb;

namespace {

/// Rows of the prefix and new objects that fit into a transaction beside the two sessions and the
/// counts.
constexpr std::size_t kReplacedMax = 95;

/// Segments are written first, each under a key of its own; nobody sees one before its object is
/// live, which the transaction makes it. Two that replace the same rows meet at the log's session.
/// Every attempt writes and counts the same segments, also of partitions that are gone by then:
/// those may have been written before, and whoever removes one counts it off. Answers up to where
/// rows are void now; 0 for a repeat.
struct ReplaceObjects {
  Replacement wanted;

  Task<Result<Seq>> run(Transaction& transaction) const {
    std::vector<Key> keys = {session_key(wanted.compactor), session_key(wanted.log)};
    for (const ObjectRow& object : wanted.objects) {
      keys.push_back(live_object_key(object.key));
      keys.push_back(dead_object_key(object.key));
    }
    if (keys.size() + wanted.inputs.size() > 2 * kReplacedMax) co_return too_large();
    SH_CO_TRY(const auto found,
              co_await transaction.table().get_all({keys.begin() + 2, keys.end()}));
    if (is_repeated(found)) co_return Seq(0);
    keys.resize(2);
    SH_CO_TRY_OK(co_await transaction.load(std::move(keys)));
    SH_CO_TRY(const StoredSession log, check_sessions(transaction));
    Table& table = transaction.table();
    SH_CO_TRY(const Seq covered, co_await covered_to(table, log.session));
    if (wanted.upto_seq > covered)
      co_return make_error(Errc::kConflict,
                           "the end of the replaced prefix is not covered, or the newest");
    const SeqRange range{.first = log.session.trimmed_to + 1, .last = wanted.upto_seq};
    SH_CO_TRY(const auto rows, co_await read_prefix(table, wanted.log, range, SIZE_MAX));
    SpanNeeds needs(table);
    SH_CO_TRY_OK(co_await needs.learn(rows));
    SH_CO_TRY_OK(check_inputs(needs, rows));
    if (!found.empty())
      co_return make_error(Errc::kConflict,
                           "object " + found.front().text("key") + " is there already");
    if (rows.size() + wanted.objects.size() > kReplacedMax) co_return too_large();
    auto task = write(transaction, log, rows);
    co_return co_await std::move(task);
  }

 private:
  static base::Error too_large() {
    return make_error(Errc::kTooLarge, "a replacement of more than " +
                                           std::to_string(kReplacedMax) +
                                           " rows and objects together: replace fewer at once");
  }

  bool is_repeated(const std::vector<Item>& found) const {
    const auto is_own = [this](const Item& item) {
      return object_of(item).session == wanted.compactor;
    };
    return found.size() == wanted.objects.size() && std::ranges::all_of(found, is_own);
  }

  Result<StoredSession> check_sessions(const Transaction& transaction) const {
    SH_TRY_OK(check_live(transaction, wanted.compactor));
    const Item* const log = transaction.find(session_key(wanted.log));
    if (log == nullptr)
      return make_error(Errc::kConflict, "there is no session " + to_string(wanted.log));
    StoredSession stored = session_of(*log);
    if (stored.session.state == SessionState::kFencing)
      return make_error(Errc::kFenced, "session " + to_string(wanted.log) + " is being taken over");
    return stored;
  }

  /// Every commit of the prefix is an input or needed by nobody, and every input is there.
  Status check_inputs(const SpanNeeds& needs, const std::vector<PrefixRow>& rows) const {
    std::set<Seq> inputs(wanted.inputs.begin(), wanted.inputs.end());
    for (const PrefixRow& row : rows) {
      const Seq seq = row.stored.row.seq;
      const bool is_input = inputs.erase(seq) > 0;
      if (is_input && !row.is_commit())
        return make_error(Errc::kConflict, row_name(wanted.log, seq) + " is no commit");
      if (!is_input && row.is_commit() && needs.needs(row))
        return make_error(Errc::kConflict, row_name(wanted.log, seq) + " would be lost");
    }
    if (inputs.empty()) return {};
    return make_error(Errc::kConflict,
                      row_name(wanted.log, *inputs.begin()) + " is missing or void");
  }

  Task<Result<Seq>> write(Transaction& transaction, StoredSession log,
                          std::vector<PrefixRow> rows) const {
    Table& table = transaction.table();
    SH_CO_TRY(const auto there, co_await partitions_there(table));
    for (const Segment& segment : wanted.segments)
      if (there.contains(segment.key)) SH_CO_TRY_OK(co_await check_end(table, segment));
    const auto counts = segment_counts(there);
    SH_CO_TRY_OK(co_await table.write_all(segment_writes(table.now(), counts)));
    ObjectCounts changes;
    put_objects(transaction, counts, changes);
    if (!rows.empty()) void_prefix(transaction, log, rows, changes);
    SH_CO_TRY_OK(co_await changes.store(transaction));
    co_return wanted.upto_seq;
  }

  Task<Result<std::set<TopicPartition>>> partitions_there(Table& table) const {
    std::vector<TopicPartition> keys;
    for (const Segment& segment : wanted.segments) keys.push_back(segment.key);
    PartitionReader reader(table);
    SH_CO_TRY(const auto rows, co_await reader.some(std::move(keys)));
    std::set<TopicPartition> there;
    for (const Partition& row : rows) there.insert(row.key);
    co_return there;
  }

  /// Of each object that some partition needs.
  std::map<std::string, std::int64_t> segment_counts(const std::set<TopicPartition>& there) const {
    std::map<std::string, std::int64_t> counts;
    for (const Segment& segment : wanted.segments)
      if (there.contains(segment.key)) counts[segment.location.object_key] = 0;
    for (const Segment& segment : wanted.segments) {
      const auto count = counts.find(segment.location.object_key);
      if (count != counts.end()) ++count->second;
    }
    return counts;
  }

  std::vector<Write> segment_writes(DatabaseMs now,
                                    const std::map<std::string, std::int64_t>& counts) const {
    std::map<std::string, std::uint64_t> sizes;
    for (const ObjectRow& object : wanted.objects) sizes[object.key] = object.size;
    std::vector<Write> writes;
    for (Segment segment : wanted.segments) {
      SpanLocation& location = segment.location;
      if (!counts.contains(location.object_key)) continue;
      location.object_size = sizes[location.object_key];
      location.created_ms = now;
      const Key key = segment_key(segment.key, location.offsets.next, location.object_key);
      writes.push_back({.key = key, .item = item_of(segment)});
    }
    return writes;
  }

  void put_objects(Transaction& transaction, const std::map<std::string, std::int64_t>& counts,
                   ObjectCounts& changes) const {
    for (const ObjectRow& object : wanted.objects) {
      const auto count = counts.find(object.key);
      StoredObject stored{.row = {.key = object.key, .level = 1, .size = object.size},
                          .session = wanted.compactor,
                          .segment_count = count == counts.end() ? 0 : count->second};
      if (stored.segment_count == 0) {
        stored.row.state = ObjectState::kDead;
        stored.row.dead_ms = transaction.now();
      }
      changes.add(stored.row);
      const Key key =
          stored.segment_count == 0 ? dead_object_key(object.key) : live_object_key(object.key);
      transaction.put_new(key, item_of(stored));
    }
  }

  /// No live segment of the partition ends where this one does.
  static Task<Status> check_end(Table& table, Segment segment) {
    const Key key = segment_key(segment.key, segment.location.offsets.next, "");
    SH_CO_TRY(const auto items, co_await table.query(Range::prefix(key.pk, key.sk)));
    if (items.empty()) co_return Status{};
    SH_CO_TRY(const auto live, co_await live_objects(table, items));
    if (live.empty()) co_return Status{};
    co_return make_error(Errc::kConflict, "a segment of partition " + to_string(segment.key) +
                                              " with that end is there already");
  }
};

}  // namespace

Task<Status> DynamodbMetadataStore::replace_objects(Replacement replacement) {
  SH_CO_TRY_OK(check_replacement_form(replacement));
  const SessionId log = replacement.log;
  std::vector<Segment> segments = replacement.segments;
  ReplaceObjects replace{.wanted = std::move(replacement)};
  SH_CO_TRY(const Seq trimmed_to, co_await transact(table_, std::move(replace)));
  if (trimmed_to > Seq(0)) co_await remove_void_rows(table_, log, trimmed_to);
  // A topic that was purged meanwhile may not have seen its new segments.
  const Status forgotten = co_await forget_segments_of_gone(std::move(segments));
  if (!forgotten) co_return behind_applied(forgotten.error());
  co_return Status{};
}

}  // namespace streamhouse::metadata
