// The session log: checkpoint, tail, self-seal (rules P3, P9).
#include <algorithm>

#include "metadata/checked_row.h"
#include "metadata/dynamodb/driver/transaction.h"
#include "metadata/dynamodb/dynamodb_metadata_store.h"
#include "metadata/dynamodb/items/blobs.h"
#include "metadata/dynamodb/items/keys.h"
#include "metadata/dynamodb/tables/sessions.h"
#include "metadata/rules/session_rules.h"

namespace streamhouse::metadata {

using base::Errc;
using base::make_error;
using namespace dynamodb;

namespace {

/// Answers whether older chunks are left over.
struct StoreCheckpoint {
  SessionId session;
  segment::CheckpointTable partitions;
  base::Bytes encoded;
  CheckpointHead wanted;

  Task<Result<bool>> run(Transaction& transaction) const {
    const Key head_key = checkpoint_key(session);
    const Seq upto_seq = wanted.upto_seq;
    SH_CO_TRY_OK(co_await transaction.load({session_key(session), head_key}));
    SH_CO_TRY_OK(check_live(transaction, session));
    const Item* const head = transaction.find(head_key);
    if (head != nullptr) {
      SH_CO_TRY(const bool is_repeat, check_order(checkpoint_head_of(*head)));
      if (is_repeat) co_return false;
    }
    SH_CO_TRY(const auto row, co_await transaction.table().get(row_key(session, upto_seq)));
    if (!row || upto_seq < Seq(0))
      co_return make_error(Errc::kInvalid, row_name(session, upto_seq) + " is not there");
    SH_CO_TRY_OK(co_await store(transaction, head));
    co_return head != nullptr && (!head->text(kPayload).empty() || !head->text(kVisible).empty());
  }

 private:
  /// Whether it is the stored one.
  Result<bool> check_order(const CheckpointHead& newest) const {
    if (newest == wanted) return true;
    if (newest.upto_seq < wanted.upto_seq) return false;
    return make_error(Errc::kConflict, "a checkpoint up to " + row_name(session, newest.upto_seq) +
                                           " is there already");
  }

  Task<Status> store(Transaction& transaction, const Item* head) const {
    Table& table = transaction.table();
    auto read = visible_in(table, session, head ? std::optional(*head) : std::nullopt);
    auto before = co_await std::move(read);
    if (!before && before.error().code != Errc::kCorrupt) co_return before.error();
    const VisibleWatermarks visible = raised(before ? *before : VisibleWatermarks(), partitions);
    const std::string pk = session_blobs_key(session);
    const std::string number = padded(wanted.upto_seq.value());
    SH_CO_TRY(const BlobRef payload,
              co_await store_blob(table, {pk, "C" + number}, encoded, kInlineInTransactionMax));
    base::Bytes shown = encode_visible(visible);
    SH_CO_TRY(const BlobRef seen, co_await store_blob(table, {pk, "V" + number}, std::move(shown),
                                                      kInlineInTransactionMax));
    Item next = item_of(wanted);
    payload.set(next, kPayload);
    seen.set(next, kVisible);
    transaction.put(checkpoint_key(session), std::move(next));
    co_return Status{};
  }
};

struct SealSelf {
  SessionId session;
  Seq seq;

  Task<Result<SelfSeal>> run(Transaction& transaction) const {
    const Key here = row_key(session, seq);
    const Key before = row_key(session, seq - 1);
    SH_CO_TRY_OK(co_await transaction.load({session_key(session), here, before}));
    const Item* const item = transaction.find(session_key(session));
    if (item != nullptr) {
      StoredSession found = session_of(*item);
      const Item* const row = transaction.find(here);
      const bool there = row != nullptr && row_of(*row).row.kind != RowKind::kSeal;
      if (there || seq <= found.session.trimmed_to) co_return SelfSeal::kCommitted;
      if (found.seal && *found.seal <= seq) co_return SelfSeal::kSealed;
      const Item* const previous = transaction.find(before);
      if (found.session.state == SessionState::kLive && previous != nullptr) {
        put_seal(transaction, std::move(found), row_of(*previous));
        co_return SelfSeal::kSealed;
      }
    }
    co_return make_error(Errc::kRegressed,
                         row_name(session, seq) + " has no predecessor: rows are lost");
  }
};

Task<Result<std::optional<CheckpointRow>>> read_checkpoint(Table& table, SessionId session) {
  SH_CO_TRY(auto head, co_await table.get(checkpoint_key(session)));
  if (!head) co_return std::optional<CheckpointRow>();
  const Seq upto_seq = checkpoint_head_of(*head).upto_seq;
  SH_CO_TRY(const base::Bytes payload,
            co_await load_blob(table, session_blobs_key(session), *std::move(head), kPayload));
  auto partitions = segment::decode_checkpoint(payload);
  if (!partitions)
    co_return make_error(Errc::kCorrupt, "checkpoint of session " + to_string(session) + ": " +
                                             partitions.error().text);
  co_return CheckpointRow{upto_seq, *std::move(partitions)};
}

struct Tail {
  SessionId session;
  Seq after = {};
  std::size_t limit = 0;
};

Task<Result<std::vector<LogRow>>> read_tail(Table& table, Tail wanted, Damage damage) {
  const SessionId session = wanted.session;
  SH_CO_TRY(const StoredSession stored, co_await read_session(table, session));
  const Seq last_void = std::max(wanted.after, stored.session.trimmed_to);
  Range range = Range::after(log_key(session), padded(last_void.value())).limited(wanted.limit);
  SH_CO_TRY(auto items, co_await table.query(std::move(range)));
  std::vector<LogRow> rows;
  for (Item& item : items) {
    SH_CO_TRY(rows.emplace_back(), co_await whole_row(table, session, std::move(item), damage));
  }
  co_return rows;
}

}  // namespace

Task<Status> DynamodbMetadataStore::checkpoint(SessionId session, Seq upto_seq,
                                               segment::CheckpointTable partitions) {
  SH_CO_TRY_OK(check_table(partitions));
  const base::Bytes encoded(segment::encode_checkpoint(partitions));
  StoreCheckpoint store{.session = session,
                        .partitions = std::move(partitions),
                        .encoded = encoded,
                        .wanted = CheckpointHead::of(upto_seq, encoded)};
  SH_CO_TRY(const bool has_garbage, co_await transact(table_, std::move(store)));
  if (!has_garbage) co_return Status{};
  const std::string pk = session_blobs_key(session);
  for (const char* kind : {"C", "V"}) {
    Range older = Range::between(pk, kind, kind + padded(upto_seq.value()));
    co_await remove_leftovers(table_, std::move(older));
  }
  co_return Status{};
}

Task<Result<std::optional<CheckpointRow>>> DynamodbMetadataStore::get_checkpoint(
    SessionId session) {
  SH_CO_TRY_OK(co_await read_session(table_, session));
  co_return co_await read_with_blobs([&] { return read_checkpoint(table_, session); });
}

Task<Result<std::vector<LogRow>>> DynamodbMetadataStore::tail(SessionId session, Seq after,
                                                              std::size_t limit) {
  const Tail wanted{.session = session, .after = after, .limit = limit};
  const auto read = [&](Damage damage) { return read_tail(table_, wanted, damage); };
  co_return co_await read_despite_damage(read);
}

Task<Result<SelfSeal>> DynamodbMetadataStore::self_seal(SessionId session, Seq seq) {
  if (seq < Seq(1))
    co_return make_error(Errc::kInvalid, row_name(session, seq) + " cannot be a seal");
  co_return co_await transact(table_, SealSelf{.session = session, .seq = seq});
}

}  // namespace streamhouse::metadata
