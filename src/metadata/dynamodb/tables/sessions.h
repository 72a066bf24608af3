#pragma once
/// \file  Sessions, the ends of their logs and their checkpoints, as several operations read them.

#include "metadata/dynamodb/driver/transaction.h"
#include "metadata/dynamodb/items/blobs.h"
#include "metadata/dynamodb/items/rows.h"
#include "metadata/rules/visible_watermarks.h"

namespace streamhouse::metadata::dynamodb {

Task<Result<std::optional<StoredSession>>> find_session(Transaction& transaction,
                                                        SessionId session);
/// Errors: kNotFound.
Task<Result<StoredSession>> require_session(Transaction& transaction, SessionId session);
/// Errors: kFenced unless it is live. Requires: its key was loaded.
Status check_live(const Transaction& transaction, SessionId session);
/// As require_session(), outside of a transaction.
Task<Result<StoredSession>> read_session(Table& table, SessionId session);
/// Of sessions with an id greater than `after`, at most `limit`, by id.
Task<Result<std::vector<StoredSession>>> list_stored_sessions(Table& table, SessionId after,
                                                              std::size_t limit);

/// The newest row of a log, without its payload: it is never removed, and a seal is never followed.
/// Errors: kCorrupt if there is none.
Task<Result<StoredRow>> newest_row(Table& table, SessionId session);
/// Sets the session fencing and notes the seal behind `end`, the newest row. Requires: the session
/// was read in the transaction, and is live. If a row stands at the seal's place, the transaction
/// is lost.
void put_seal(Transaction& transaction, StoredSession session, const StoredRow& end);

/// What becomes of an item whose chunks are missing or damaged: kCorrupt; or it is handed on with
/// bytes that nobody can decode, so that who needs them finds out, and nobody else.
enum class Damage : std::uint8_t { kIsAnError, kIsHandedOn };
/// A row with its payload, which is empty if it is damaged.
Task<Result<LogRow>> whole_row(Table& table, SessionId session, Item item,
                               Damage damage = Damage::kIsAnError);
// Attributes that hold blobs: what a row or a checkpoint says, and what checkpoints have shown.
inline constexpr char kPayload[] = "payload";
inline constexpr char kVisible[] = "visible";

/// Reads by `start`, as read_with_blobs(); what is really damaged is handed on.
template <class Start>
auto read_despite_damage(Start start) -> decltype(start(Damage::kIsAnError)) {
  auto read = co_await read_with_blobs([&] { return start(Damage::kIsAnError); });
  if (read || read.error().code != base::Errc::kCorrupt) co_return read;
  auto rest = start(Damage::kIsHandedOn);
  co_return co_await std::move(rest);
}

/// What the session's checkpoints have shown; empty if there is none, or if it is damaged: the next
/// one shows them again.
Task<Result<VisibleWatermarks>> visible_of(Table& table, SessionId session);
/// The same, from the item of the checkpoint. Errors: kCorrupt.
Task<Result<VisibleWatermarks>> visible_in(Table& table, SessionId session,
                                           std::optional<Item> head);
base::Bytes encode_visible(const VisibleWatermarks& visible);

}  // namespace streamhouse::metadata::dynamodb
