#include "metadata/dynamodb/tables/log_prefix.h"

#include <algorithm>
#include <limits>

#include "metadata/dynamodb/items/blobs.h"
#include "metadata/dynamodb/items/keys.h"
#include "metadata/dynamodb/tables/partition_rows.h"
#include "metadata/rules/session_rules.h"
#include "segment/object_key.h"

namespace streamhouse::metadata::dynamodb {
namespace {

/// Stands for a partition that is gone: no offset reaches above it.
constexpr Offset kNothingNeeded{std::numeric_limits<std::int64_t>::max()};

}  // namespace

Task<Status> SpanNeeds::learn(std::vector<PrefixRow> rows) {
  std::vector<TopicPartition> unknown;
  for (const PrefixRow& row : rows)
    for (const segment::Span& span : row.spans)
      if (log_starts_.emplace(span.partition, kNothingNeeded).second)
        unknown.push_back(span.partition);
  if (unknown.empty()) co_return Status{};
  PartitionReader reader(table_);
  SH_CO_TRY(const auto found, co_await reader.some(std::move(unknown)));
  for (const Partition& row : found) log_starts_[row.key] = row.log_start;
  co_return Status{};
}

bool SpanNeeds::needs(const PrefixRow& row) const {
  return std::ranges::any_of(row.spans, [&](const segment::Span& span) {
    return span.offsets.next > log_starts_.at(span.partition);
  });
}

Task<Result<std::vector<PrefixRow>>> read_prefix(Table& table, SessionId session, SeqRange rows,
                                                 std::size_t limit) {
  std::vector<PrefixRow> prefix;
  if (rows.first > rows.last) co_return prefix;
  Range range =
      Range::between(log_key(session), padded(rows.first.value()), padded(rows.last.value()));
  SH_CO_TRY(auto items, co_await table.query(std::move(range).limited(limit)));
  for (Item& item : items) {
    PrefixRow& row = prefix.emplace_back();
    row.stored = row_of(item);
    if (!row.is_commit()) continue;
    SH_CO_TRY(const LogRow whole, co_await whole_row(table, session, std::move(item)));
    auto spans = segment::decode_span_table(whole.payload);
    if (!spans)
      co_return base::make_error(base::Errc::kCorrupt,
                                 row_name(session, whole.seq) + ": " + spans.error().text);
    row.spans = *std::move(spans);
  }
  co_return prefix;
}

Task<Result<Seq>> covered_to(Table& table, Session session) {
  SH_CO_TRY(const StoredRow end, co_await newest_row(table, session.id));
  const Seq below_newest = end.row.seq - 1;
  if (session.state == SessionState::kRecovered) co_return below_newest;
  SH_CO_TRY(const auto head, co_await table.get(checkpoint_key(session.id)));
  if (!head) co_return Seq(0);
  co_return std::min(below_newest, checkpoint_head_of(*head).upto_seq);
}

void void_prefix(Transaction& transaction, StoredSession session,
                 const std::vector<PrefixRow>& rows, ObjectCounts& counts) {
  for (const PrefixRow& row : rows) {
    if (!row.is_commit()) continue;
    StoredObject object{.session = session.session.id};
    object.row = {.key = segment::object_key(session.session.id, row.stored.row.seq),
                  .level = 0,
                  .size = row.stored.row.object_size,
                  .state = ObjectState::kDead,
                  .dead_ms = transaction.now()};
    counts.add(object.row);
    transaction.put(dead_object_key(object.row.key), item_of(object));
  }
  const StoredRow& last = rows.back().stored;
  session.session.trimmed_to = last.row.seq;
  session.trimmed_objects = last.total_objects;
  session.trimmed_bytes = last.total_bytes;
  transaction.put(session_key(session.session.id), item_of(session));
}

Task<void> remove_void_rows(Table& table, SessionId session, Seq trimmed_to) {
  const std::string last = padded(trimmed_to.value());
  const Status rows =
      co_await remove_items(table, Range::between(log_key(session), padded(1), last));
  if (!rows) co_return;  // chunks are not to go before their rows
  // `$` follows `#`, so chunks of the last row are among them.
  Range chunks = Range::between(session_blobs_key(session), "L", "L" + last + "$");
  co_await remove_leftovers(table, std::move(chunks));
}

}  // namespace streamhouse::metadata::dynamodb
