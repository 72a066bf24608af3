// Where the records of partitions lie: spans of commits and segments (rule P13).
#include <algorithm>

#include "metadata/dynamodb/dynamodb_metadata_store.h"
#include "metadata/dynamodb/items/blobs.h"
#include "metadata/dynamodb/items/keys.h"
#include "metadata/dynamodb/spans/loaded_spans.h"
#include "metadata/dynamodb/tables/object_rows.h"
#include "metadata/dynamodb/tables/partition_rows.h"
#include "metadata/sql/span_collector.h"

namespace streamhouse::metadata {

using base::Errc;
using base::make_error;
using namespace dynamodb;

namespace {

constexpr int kStatesMax = 20;
constexpr int kTornMax = 3;
constexpr auto kTornPause = std::chrono::milliseconds(100);

/// What must be the same before and after many reads: nobody else may have begun to lead a
/// partition, since then its spans go to another log.
using Epochs = std::map<TopicPartition, LeaderEpoch>;

Epochs epochs_of(const std::vector<Partition>& rows) {
  Epochs epochs;
  for (const Partition& row : rows) epochs[row.key] = row.epoch;
  return epochs;
}

/// A segment whose object is not live, as it was read: never committed, or not yet visible.
struct UnlistedSegment {
  std::size_t place = 0;
  model::OffsetRange offsets = {};
};

/// Reads what logs and segments hold of some partitions, logs first: a row that is gone by then has
/// become a segment, or is needed by nobody.
/// Lifetime:  of one attempt; the table outlives it.
class SpanReader {
 public:
  explicit SpanReader(Table& table) : table_(table) {}
  SpanCollector& collector() { return collector_; }
  const std::vector<UnlistedSegment>& unlisted() const { return unlisted_; }

  Task<Status> read() {
    SH_CO_TRY(const auto sessions, co_await list_stored_sessions(table_, SessionId(0), SIZE_MAX));
    for (const StoredSession& one : sessions) {
      const bool may_have_rows = !one.seal || one.session.trimmed_to + 1 < *one.seal;
      if (may_have_rows) SH_CO_TRY_OK(co_await read_log(one.session));
    }
    for (std::size_t place = 0; place < collector_.wanted().size(); ++place)
      SH_CO_TRY_OK(co_await read_segments(place));
    co_return Status{};
  }

 private:
  /// All commits of a log that are not void.
  Task<Status> read_log(Session session) {
    const Range range = Range::after(log_key(session.id), padded(session.trimmed_to.value()));
    std::optional<Key> after;
    do {
      SH_CO_TRY(auto items, co_await table_.page(range, after));
      for (Item& item : items)
        if (row_of(item).row.kind == RowKind::kCommit)
          SH_CO_TRY_OK(co_await read_row(session.id, std::move(item)));
    } while (after);
    co_return Status{};
  }

  Task<Status> read_row(SessionId session, Item item) {
    const Seq seq = row_of(item).row.seq;
    auto row = co_await whole_row(table_, session, item);
    if (!row && row.error().code == Errc::kCorrupt) {
      SH_CO_TRY(const StoredSession now, co_await read_session(table_, session));
      if (seq <= now.session.trimmed_to) co_return Status{};  // it was trimmed meanwhile
      auto damaged = whole_row(table_, session, std::move(item), Damage::kIsHandedOn);
      row = co_await std::move(damaged);
    }
    if (!row) co_return row.error();
    SpanLocation commit{.object_size = row->object_size,
                        .session = session,
                        .seq = row->seq,
                        .created_ms = row->created_ms};
    collector_.take_commit(std::move(commit), row->payload);
    co_return Status{};
  }

  Task<Status> read_segments(std::size_t place) {
    const auto [key, above] =
        std::pair(collector_.wanted()[place].key, collector_.wanted()[place].above);
    const std::string prefix = segments_prefix(key.partition);
    const std::string pk = segments_key(key.topic, chunk_of(key.partition));
    // `$` follows `#`: after the last segment of the partition.
    Range range =
        Range::between(pk, prefix + padded(above.value() + 1), partition_text(key.partition) + "$");
    SH_CO_TRY(const auto items, co_await table_.query(std::move(range)));
    if (items.empty()) co_return Status{};
    SH_CO_TRY(const auto live, co_await live_objects(table_, items));
    for (const Item& item : items) {
      SpanLocation location = segment_of(item).location;
      if (live.contains(location.object_key))
        collector_.take_segment(place, std::move(location));
      else
        unlisted_.push_back(
            {place, {std::max(location.offsets.base, above), location.offsets.next}});
    }
    co_return Status{};
  }

  Table& table_;
  SpanCollector collector_;
  std::vector<UnlistedSegment> unlisted_;
};

/// Log starts only rise; the newest counts.
void drop_below_log_start(LoadedPartition& loaded) {
  std::erase_if(loaded.spans, [&](const SpanLocation& span) {
    return span.offsets.next <= loaded.row.log_start;
  });
}

Task<Result<std::vector<Partition>>> read_rows(Table& table, std::vector<TopicPartition> keys) {
  PartitionReader reader(table);
  co_return co_await reader.some(std::move(keys));
}

/// What was collected above `above`, whether it is one state, and whether segments that have
/// replaced rows may be missing.
struct Collected {
  std::vector<LoadedPartition> loaded = {};
  bool is_one_state = false;
  bool is_torn = false;
};
using Bounds = std::map<TopicPartition, Offset>;

/// A replacement that is being applied may have taken rows away and not yet made its object live.
/// One that never was has left its rows, or another replacement has their offsets.
bool is_missing(const LoadedPartition& loaded, model::OffsetRange range) {
  range.base = std::max(range.base, loaded.row.log_start);
  return range.base < range.next && !cover(loaded.spans, range);
}

Task<Result<Collected>> collect_once(Table& table, std::vector<TopicPartition> keys, Bounds least) {
  SH_CO_TRY(auto before, co_await read_rows(table, keys));
  SpanReader reader(table);
  SpanCollector& collector = reader.collector();
  for (const Partition& row : before)
    collector.want(row.key, std::max(row.log_start, least[row.key]));
  SH_CO_TRY_OK(co_await reader.read());
  SH_CO_TRY(auto rows, co_await read_rows(table, std::move(keys)));
  Collected collected{.is_one_state = epochs_of(rows) == epochs_of(before)};
  if (!collected.is_one_state) co_return collected;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    collected.loaded.push_back(
        {.row = std::move(rows[i]), .spans = collector.spans(i), .damage = collector.damage()});
    drop_replaced(collected.loaded.back().spans);
    drop_below_log_start(collected.loaded.back());
  }
  for (const UnlistedSegment& one : reader.unlisted())
    collected.is_torn = collected.is_torn || is_missing(collected.loaded[one.place], one.offsets);
  co_return collected;
}

Task<Result<std::vector<LoadedPartition>>> collect_in_one_state(Table& table,
                                                                std::vector<TopicPartition> keys,
                                                                Bounds least) {
  int torn = 0;
  for (int attempt = 0; attempt < kStatesMax; ++attempt) {
    SH_CO_TRY(Collected collected, co_await collect_once(table, keys, least));
    // What stays so was left over, and what it lacks is lost: the damage, or a check, says it.
    const bool is_whole = !collected.is_torn || ++torn > kTornMax;
    if (collected.is_one_state && is_whole) co_return std::move(collected.loaded);
    if (collected.is_torn) co_await table.runtime().sleep(kTornPause);
  }
  co_return make_error(Errc::kUnavailable, "leaders change too fast to be read: try again");
}

}  // namespace

Task<Result<std::vector<LoadedPartition>>> DynamodbMetadataStore::load_partitions(
    std::vector<TopicPartition> keys) {
  co_return co_await collect_in_one_state(table_, std::move(keys), Bounds{});
}

Task<Result<std::vector<SpanLocation>>> DynamodbMetadataStore::list_segments(TopicPartition key,
                                                                             Offset from,
                                                                             std::size_t limit) {
  SH_CO_TRY_OK(co_await get_partition(key));
  std::vector<TopicPartition> keys = {key};
  SH_CO_TRY(auto loaded,
            co_await collect_in_one_state(table_, std::move(keys), Bounds{{key, from}}));
  if (loaded.empty()) co_return std::vector<SpanLocation>();
  if (!loaded.front().damage.empty()) co_return make_error(Errc::kCorrupt, loaded.front().damage);
  std::vector<SpanLocation> spans = std::move(loaded.front().spans);
  if (spans.size() > limit) spans.resize(limit);
  co_return spans;
}

Task<Result<SpanLocation>> DynamodbMetadataStore::find_segment(TopicPartition key, Offset offset) {
  SH_CO_TRY(std::vector<SpanLocation> spans, co_await list_segments(key, offset, 1));
  if (!spans.empty() && spans.front().offsets.contains(offset)) co_return std::move(spans.front());
  co_return make_error(Errc::kNotFound, "no segment of partition " + to_string(key) +
                                            " holds offset " + std::to_string(offset.value()));
}

}  // namespace streamhouse::metadata
