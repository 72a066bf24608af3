#include "metadata/dynamodb/tables/sessions.h"

#include <algorithm>

#include "metadata/dynamodb/items/blobs.h"
#include "metadata/dynamodb/items/keys.h"
#include "metadata/rules/session_rules.h"

namespace streamhouse::metadata::dynamodb {

using base::Errc;

Task<Result<std::optional<StoredSession>>> find_session(Transaction& transaction,
                                                        SessionId session) {
  SH_CO_TRY(const Item* const item, co_await transaction.get(session_key(session)));
  if (item == nullptr) co_return std::optional<StoredSession>();
  co_return std::optional(session_of(*item));
}

Task<Result<StoredSession>> require_session(Transaction& transaction, SessionId session) {
  SH_CO_TRY(auto found, co_await find_session(transaction, session));
  if (!found) co_return session_not_found(session);
  co_return *std::move(found);
}

Status check_live(const Transaction& transaction, SessionId session) {
  const Item* const item = transaction.find(session_key(session));
  const bool is_live = item && session_of(*item).session.state == SessionState::kLive;
  if (!is_live) return session_not_live(session);
  return {};
}

Task<Result<StoredSession>> read_session(Table& table, SessionId session) {
  SH_CO_TRY(const auto item, co_await table.get(session_key(session)));
  if (!item) co_return session_not_found(session);
  co_return session_of(*item);
}

Task<Result<std::vector<StoredSession>>> list_stored_sessions(Table& table, SessionId after,
                                                              std::size_t limit) {
  Range range = Range::after(kSessionsKey, session_key(after).sk);
  SH_CO_TRY(const auto items, co_await table.query(std::move(range).limited(limit)));
  std::vector<StoredSession> sessions;
  for (const Item& item : items) sessions.push_back(session_of(item));
  co_return sessions;
}

Task<Result<StoredRow>> newest_row(Table& table, SessionId session) {
  Range range = Range::whole(log_key(session)).limited(1);
  SH_CO_TRY(const auto rows, co_await table.query(std::move(range).backward()));
  if (rows.empty())
    co_return base::make_error(Errc::kCorrupt,
                               "the log of session " + to_string(session) + " has no row");
  co_return row_of(rows.front());
}

void put_seal(Transaction& transaction, StoredSession session, const StoredRow& end) {
  const SessionId id = session.session.id;
  StoredRow seal{.total_objects = end.total_objects, .total_bytes = end.total_bytes};
  seal.row = {.seq = end.row.seq + 1, .kind = RowKind::kSeal, .created_ms = transaction.now()};
  Item row = item_of(seal);
  row.set(kPayload, base::Bytes());
  transaction.put_new(row_key(id, seal.row.seq), std::move(row));
  session.session.state = SessionState::kFencing;
  session.seal = seal.row.seq;
  session.total_objects = end.total_objects;
  session.total_bytes = end.total_bytes;
  transaction.put(session_key(id), item_of(session));
}

Task<Result<LogRow>> whole_row(Table& table, SessionId session, Item item, Damage damage) {
  LogRow row = row_of(item).row;
  auto payload = co_await load_blob(table, session_blobs_key(session), std::move(item), kPayload);
  if (payload) {
    row.payload = *std::move(payload);
  } else if (payload.error().code != Errc::kCorrupt || damage == Damage::kIsAnError) {
    co_return payload.error();
  }
  co_return row;
}

base::Bytes encode_visible(const VisibleWatermarks& visible) {
  segment::CheckpointTable entries;
  for (const auto& [partition, epoch, high_watermark] : visible)
    entries.push_back({.partition = partition, .epoch = epoch, .high_watermark = high_watermark});
  return base::Bytes(segment::encode_checkpoint(entries));
}

Task<Result<VisibleWatermarks>> visible_in(Table& table, SessionId session,
                                           std::optional<Item> head) {
  VisibleWatermarks visible;
  if (!head) co_return visible;
  SH_CO_TRY(const base::Bytes bytes,
            co_await load_blob(table, session_blobs_key(session), *std::move(head), kVisible));
  SH_CO_TRY(const auto entries, segment::decode_checkpoint(bytes));
  co_return raised(visible, entries);
}

namespace {

Task<Result<VisibleWatermarks>> read_visible(Table& table, SessionId session) {
  SH_CO_TRY(auto head, co_await table.get(checkpoint_key(session)));
  co_return co_await visible_in(table, session, std::move(head));
}

}  // namespace

Task<Result<VisibleWatermarks>> visible_of(Table& table, SessionId session) {
  auto visible = co_await read_with_blobs([&] { return read_visible(table, session); });
  if (!visible && visible.error().code == Errc::kCorrupt) co_return VisibleWatermarks();
  co_return visible;
}

}  // namespace streamhouse::metadata::dynamodb
