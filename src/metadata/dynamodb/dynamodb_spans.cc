// Where the records of partitions lie: spans of commits and segments (rule P13).
#include <algorithm>

#include "metadata/dynamodb/dynamodb_metadata_store.h"
#include "metadata/dynamodb/items/blobs.h"
#include "metadata/dynamodb/items/keys.h"
#include "metadata/dynamodb/tables/object_rows.h"
#include "metadata/dynamodb/tables/partition_rows.h"
#include "metadata/sql/span_collector.h"

namespace streamhouse::metadata {

using base::Errc;
using base::make_error;
using namespace dynamodb;

namespace {

constexpr int kStatesMax = 20;

/// What must be the same before and after many reads, so that they are as good as one moment's:
/// nobody else may have begun to lead a partition, since then its spans go to another log, and no
/// log may have been trimmed, since then spans have become segments.
struct WatchedState {
  std::map<TopicPartition, LeaderEpoch> epochs = {};
  std::map<SessionId, Seq> trimmed = {};
  friend bool operator==(const WatchedState&, const WatchedState&) = default;
};

Task<Result<WatchedState>> watched(Table& table, std::vector<Partition> rows) {
  WatchedState state;
  for (const Partition& row : rows) state.epochs[row.key] = row.epoch;
  SH_CO_TRY(const auto sessions, co_await list_stored_sessions(table, SessionId(0), SIZE_MAX));
  for (const StoredSession& one : sessions) {
    // A new session matters once it leads one of the partitions; then that one's epoch is another.
    const bool may_have_rows = !one.seal || one.session.trimmed_to + 1 < *one.seal;
    if (may_have_rows) state.trimmed[one.session.id] = one.session.trimmed_to;
  }
  co_return state;
}

/// All commits of a log that are not void.
Task<Status> collect_log(Table& table, SessionId session, Seq trimmed_to,
                         SpanCollector& collector) {
  const Range range = Range::after(log_key(session), padded(trimmed_to.value()));
  std::optional<Key> after;
  do {
    SH_CO_TRY(auto items, co_await table.page(range, after));
    for (Item& item : items) {
      if (row_of(item).row.kind != RowKind::kCommit) continue;
      auto whole = whole_row(table, session, std::move(item), Damage::kIsHandedOn);
      SH_CO_TRY(const LogRow row, co_await std::move(whole));
      SpanLocation commit{.object_size = row.object_size,
                          .session = session,
                          .seq = row.seq,
                          .created_ms = row.created_ms};
      collector.take_commit(std::move(commit), row.payload);
    }
  } while (after);
  co_return Status{};
}

/// Segments of one partition whose objects are live: others were never committed.
Task<Status> collect_segments(Table& table, std::size_t place, SpanCollector& collector) {
  const auto [key, above] =
      std::pair(collector.wanted()[place].key, collector.wanted()[place].above);
  const std::string prefix = segments_prefix(key.partition);
  const std::string pk = segments_key(key.topic, chunk_of(key.partition));
  // `$` follows `#`: after the last segment of the partition.
  Range range =
      Range::between(pk, prefix + padded(above.value() + 1), partition_text(key.partition) + "$");
  SH_CO_TRY(const auto items, co_await table.query(std::move(range)));
  if (items.empty()) co_return Status{};
  SH_CO_TRY(const auto live, co_await live_objects(table, items));
  for (const Item& item : items)
    if (live.contains(item.text("object")))
      collector.take_segment(place, segment_of(item).location);
  co_return Status{};
}

Task<Status> collect(Table& table, WatchedState state, SpanCollector& collector) {
  for (const auto& [session, trimmed_to] : state.trimmed)
    SH_CO_TRY_OK(co_await collect_log(table, session, trimmed_to, collector));
  for (std::size_t place = 0; place < collector.wanted().size(); ++place)
    SH_CO_TRY_OK(co_await collect_segments(table, place, collector));
  co_return Status{};
}

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

/// What was collected above `above`, and whether it is one state.
struct Collected {
  std::vector<LoadedPartition> loaded = {};
  bool is_one_state = false;
};
using Bounds = std::map<TopicPartition, Offset>;

Task<Result<Collected>> collect_once(Table& table, std::vector<TopicPartition> keys, Bounds least) {
  SH_CO_TRY(auto before, co_await read_rows(table, keys));
  SH_CO_TRY(const WatchedState state, co_await watched(table, before));
  SpanCollector collector;
  for (const Partition& row : before)
    collector.want(row.key, std::max(row.log_start, least[row.key]));
  // A row that was trimmed meanwhile has lost its chunks, and counts as damaged.
  SH_CO_TRY_OK(co_await collect(table, state, collector));
  SH_CO_TRY(auto rows, co_await read_rows(table, std::move(keys)));
  SH_CO_TRY(WatchedState later, co_await watched(table, rows));
  std::erase_if(later.trimmed, [&](const auto& one) { return !state.trimmed.contains(one.first); });
  Collected collected{.is_one_state = later == state};
  if (!collected.is_one_state) co_return collected;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    collected.loaded.push_back(
        {.row = std::move(rows[i]), .spans = collector.spans(i), .damage = collector.damage()});
    drop_below_log_start(collected.loaded.back());
  }
  co_return collected;
}

Task<Result<std::vector<LoadedPartition>>> collect_in_one_state(Table& table,
                                                                std::vector<TopicPartition> keys,
                                                                Bounds least) {
  for (int attempt = 0; attempt < kStatesMax; ++attempt) {
    SH_CO_TRY(Collected collected, co_await collect_once(table, keys, least));
    if (collected.is_one_state) co_return std::move(collected.loaded);
  }
  co_return make_error(Errc::kUnavailable,
                       "leaders and logs change too fast to be read: try again");
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
