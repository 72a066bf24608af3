// Appending to a session's log (rules P1, P10).
#include "metadata/checked_row.h"
#include "metadata/dynamodb/driver/take_front.h"
#include "metadata/dynamodb/driver/transaction.h"
#include "metadata/dynamodb/dynamodb_metadata_store.h"
#include "metadata/dynamodb/items/blobs.h"
#include "metadata/dynamodb/items/keys.h"
#include "metadata/dynamodb/tables/partition_rows.h"
#include "metadata/rules/session_rules.h"

namespace streamhouse::metadata {

using base::Errc;
using base::make_error;
using namespace dynamodb;

namespace {

constexpr std::size_t kOwnEndsMax = 64;
/// A table is not put back to an earlier state within it.
constexpr DatabaseMs kOwnEndMs = 10'000;

/// What an append leaves: what to answer, and the row as it stands.
struct AppendedRow {
  Appended appended = Appended::kNow;
  std::optional<StoredRow> row = {};  ///< Not of a void row.
  std::vector<Range> garbage = {};
};

StoredRow following(std::int64_t total_objects, std::int64_t total_bytes, const LogRow& row) {
  const bool is_commit = row.kind == RowKind::kCommit;
  StoredRow stored{.row = row};
  stored.row.payload = {};
  stored.total_objects = total_objects + (is_commit ? 1 : 0);
  stored.total_bytes = total_bytes + static_cast<std::int64_t>(row.object_size);
  return stored;
}

Task<Result<BlobRef>> store_payload(Table& table, SessionId session, LogRow row) {
  BlobPlace place{.pk = session_blobs_key(session), .name = "L" + padded(row.seq.value())};
  co_return co_await store_blob(table, std::move(place), row.payload, kInlineBytesMax);
}

/// The row, and the first partitions of a release, in one transaction.
struct AppendRow {
  SessionId session;
  LogRow row;
  BlobRef payload;
  segment::CheckpointTable freed;
  VisibleWatermarks visible;

  Task<Result<AppendedRow>> run(Transaction& transaction) const {
    const Key here = row_key(session, row.seq);
    const Key before = row_key(session, row.seq - 1);
    SH_CO_TRY_OK(co_await transaction.load({here, before}));
    const Item* const previous = transaction.find(before);
    if (transaction.find(here) != nullptr || previous == nullptr ||
        row_of(*previous).row.kind == RowKind::kSeal)
      co_return co_await look(transaction);
    const StoredRow end = row_of(*previous);
    AppendedRow done{.row = following(end.total_objects, end.total_bytes, row)};
    done.row->row.created_ms = transaction.now();
    Item item = item_of(*done.row);
    payload.set(item, kPayload);
    transaction.put(here, std::move(item));
    if (freed.empty()) co_return done;
    SH_CO_TRY(Freed some, co_await free_partitions(transaction, session, freed, visible));
    done.garbage = std::move(some.garbage);
    co_return done;
  }

 private:
  /// Rule P1: why it inserts nothing.
  Task<Result<AppendedRow>> look(Transaction& transaction) const {
    SH_CO_TRY(const auto found, co_await find_session(transaction, session));
    if (!found)
      co_return make_error(Errc::kRegressed,
                           "session " + to_string(session) + " of an append is unknown");
    const Item* const item = transaction.find(row_key(session, row.seq));
    if (item != nullptr) {
      const StoredRow there = row_of(*item);
      if (there.row.kind == row.kind && there.row.crc == row.crc)
        co_return AppendedRow{.appended = Appended::kBefore, .row = there};
    }
    if (row.seq <= found->session.trimmed_to) co_return AppendedRow{.appended = Appended::kBefore};
    const std::string name = row_name(session, row.seq);
    if (found->seal && *found->seal <= row.seq)
      co_return make_error(Errc::kFenced, name + " lies behind the seal");
    co_return make_error(Errc::kRegressed,
                         name + " has no predecessor, or other content: rows are lost");
  }
};

}  // namespace

void DynamodbMetadataStore::remember_end(SessionId session, OwnEnd end) {
  if (own_ends_.size() >= kOwnEndsMax && !own_ends_.contains(session)) own_ends_.clear();
  end.written_ms = table_.now();
  OwnEnd& known = own_ends_[session];
  if (end.seq >= known.seq) known = end;
}

Task<Result<std::optional<Written>>> DynamodbMetadataStore::append_behind_own(SessionId session,
                                                                              LogRow row) {
  const auto found = own_ends_.find(session);
  if (found == own_ends_.end() || found->second.seq + 1 != row.seq) co_return std::nullopt;
  // It is known again once this row is written; whatever goes wrong, the row before is looked at.
  const OwnEnd end = found->second;
  own_ends_.erase(found);
  const DatabaseMs age = table_.now() - end.written_ms;
  if (age < 0 || age >= kOwnEndMs) co_return std::nullopt;
  StoredRow stored = following(end.total_objects, end.total_bytes, row);
  stored.row.created_ms = table_.now();
  SH_CO_TRY(const BlobRef payload, co_await store_payload(table_, session, row));
  Write write{.key = row_key(session, row.seq), .guard = {.kind = Guard::Kind::kAbsent}};
  write.item = item_of(stored);
  payload.set(write.item, kPayload);
  SH_CO_TRY(const Written written, co_await table_.put(std::move(write)));
  if (written == Written::kDone)
    remember_end(session, {row.seq, stored.total_objects, stored.total_bytes});
  co_return written;
}

Task<Result<Appended>> DynamodbMetadataStore::append_commit(SessionId session, LogRow row) {
  SH_CO_TRY(const auto tried, co_await append_behind_own(session, row));
  if (tried == Written::kDone) co_return Appended::kNow;
  const Earlier earlier =
      tried == Written::kLostOrDone ? Earlier::kMayBeApplied : Earlier::kNothing;
  auto payload = co_await store_payload(table_, session, row);
  if (!payload)
    co_return earlier == Earlier::kNothing ? payload.error() : behind_applied(payload.error());
  AppendRow append{.session = session, .row = row, .payload = *std::move(payload)};
  SH_CO_TRY(const AppendedRow done, co_await transact(table_, std::move(append), earlier));
  if (done.row) remember_end(session, {row.seq, done.row->total_objects, done.row->total_bytes});
  co_return done.appended;
}

/// The row comes first: until it is there nothing is freed, and once it is there whoever sends it
/// again, or takes the session over, finishes. Nobody else can acquire a partition that is not
/// freed.
Task<Result<Appended>> DynamodbMetadataStore::append_release(SessionId session, LogRow row,
                                                             segment::CheckpointTable partitions) {
  SH_CO_TRY(VisibleWatermarks visible, co_await visible_of(table_, session));
  SH_CO_TRY(BlobRef payload, co_await store_payload(table_, session, row));
  std::span<const segment::PartitionCheckpoint> rest(partitions);
  AppendRow append{.session = session,
                   .row = row,
                   .payload = std::move(payload),
                   .freed = take_front(rest, kFreedMax),
                   .visible = std::move(visible)};
  SH_CO_TRY(AppendedRow done, co_await transact(table_, std::move(append)));
  co_await remove_garbage(table_, std::move(done.garbage));
  if (!done.row) co_return done.appended;
  remember_end(session, {row.seq, done.row->total_objects, done.row->total_bytes});
  const bool is_whole = done.appended == Appended::kNow && rest.empty();
  if (is_whole) co_return done.appended;
  const auto freed = co_await free_all(table_, session, std::move(partitions));
  if (!freed) co_return behind_applied(freed.error());
  co_return done.appended;
}

Task<Result<Appended>> DynamodbMetadataStore::append(SessionId session, Seq seq, LogEntry entry) {
  SH_CO_TRY(CheckedRow checked, check_row(seq, entry));
  if (auto* const release = std::get_if<ReleaseEntry>(&entry)) {
    auto task = append_release(session, std::move(checked.row), std::move(release->partitions));
    co_return co_await std::move(task);
  }
  co_return co_await append_commit(session, std::move(checked.row));
}

}  // namespace streamhouse::metadata
