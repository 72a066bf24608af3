#pragma once
/// \file  Sessions and their logs: the commit protocol's home in the database.
/// docs/design/0001-commit-protocol.md has the rules P1-P18 that these operations keep and says
/// why.

#include <optional>
#include <variant>
#include <vector>

#include "metadata/topics.h"
#include "segment/checkpoint.h"
#include "segment/span.h"

namespace streamhouse::metadata {

enum class SessionState : std::uint8_t { kLive, kFencing, kRecovered };

struct Session {
  SessionId id = {};
  std::string agent_id = {};
  SessionState state = SessionState::kLive;
  /// Rows at or below it are void for every reader. Row 0 is void from the start.
  Seq trimmed_to = {};
  DatabaseMs opened_ms = 0;
  friend bool operator==(const Session&, const Session&) = default;
};

/// A flushed object becomes real. Its key is segment::object_key(session, seq).
struct CommitEntry {
  std::uint64_t object_size = 0;
  std::uint32_t object_crc = 0;
  base::Bytes spans = {};  ///< segment::encode_span_table()
  friend bool operator==(const CommitEntry&, const CommitEntry&) = default;
};

/// The owner lets partitions go, with their final state (rule P10).
struct ReleaseEntry {
  segment::CheckpointTable partitions = {};
  friend bool operator==(const ReleaseEntry&, const ReleaseEntry&) = default;
};

using LogEntry = std::variant<CommitEntry, ReleaseEntry>;

enum class RowKind : std::uint8_t { kOpen, kCommit, kRelease, kSeal };

struct LogRow {
  Seq seq = {};
  RowKind kind = RowKind::kOpen;
  /// Commit: the object's CRC-32C; release: of the encoded payload; else 0.
  std::uint32_t crc = 0;
  std::uint64_t object_size = 0;
  base::Bytes payload = {};  ///< Commit: span table; release: checkpoint table; else empty.
  DatabaseMs created_ms = 0;
};

/// kBefore: this very row was there already.
enum class Appended : std::uint8_t { kNow, kBefore };

struct CheckpointRow {
  Seq upto_seq = {};  ///< Every row up to and including it is covered.
  segment::CheckpointTable partitions = {};
};

/// What a recoverer needs of a sealed session, read in one snapshot of the primary after the seal
/// (rule P5).
struct RecoveryView {
  Session session = {};
  Seq seal = {};
  std::optional<CheckpointRow> checkpoint = {};  ///< The newest.
  std::vector<Partition> owned = {};             ///< Partitions whose owner is the session.
  /// Commits and releases that `owned` may need, in seq order. A partition needs rows from its
  /// since_seq on, and of those only the ones after the checkpoint if that has an entry of its
  /// epoch; the rows begin at the smallest such seq (none if nothing is owned) and end before the
  /// seal. Void rows are left out.
  std::vector<LogRow> rows = {};
};

enum class SelfSeal : std::uint8_t { kSealed, kCommitted };

/// Errors, all calls: kUnavailable (certainly not applied), kThrottled, kInternal. Unknown outcomes
/// are resolved by the caller repeating the call: each is repeatable and finds its own earlier
/// success; the store answers kUnknownOutcome where it cannot know. A session that the store never
/// saw: kRegressed in append and self_seal, kFenced in checkpoint, else kNotFound.
class SessionLog {
 public:
  virtual ~SessionLog() = default;

  /// Adds row `seq` if row seq-1 is there and is no seal (rule P1). A commit makes its spans
  /// visible; a release also frees its partitions `where owner = session and epoch = the entry's`,
  /// epoch + 1, high watermark and producers as in the entry, log start never lowered. If it
  /// inserts nothing, it looks: kBefore if row seq is there with the same kind and CRC, or seq <=
  /// trimmed_to. (A late copy may find row seq-1 and insert a row at or below trimmed_to again,
  /// which answers kNow; such a row is void for every reader.) Errors: kInvalid (seq < 1; spans
  /// that do not decode; a release that is empty or has a checkpoint_fault); kFenced (a seal at or
  /// before seq); kRegressed (anything else: the database lost rows, or row seq has other content).
  virtual Task<Result<Appended>> append(SessionId session, Seq seq, LogEntry entry) = 0;

  /// Inserts a checkpoint; rising upto_seq, session live (rule P3). A repeat of the newest, same
  /// content, is success. Also raises visible_high_watermark of the partitions that still have the
  /// entry's owner and epoch. Errors, in this order: kInvalid if the table has a checkpoint_fault;
  /// kFenced if the session is not live; kConflict if a newer checkpoint or another with this
  /// upto_seq is there; kInvalid if row upto_seq is not.
  virtual Task<Status> checkpoint(SessionId session, Seq upto_seq,
                                  segment::CheckpointTable partitions) = 0;
  /// The newest; nullopt if there is none, as of every recovered session. Errors: kNotFound;
  /// kCorrupt.
  virtual Task<Result<std::optional<CheckpointRow>>> get_checkpoint(SessionId session) = 0;

  /// Removes the longest prefix of the log up to `upto_seq` that rule P3 allows: session live
  /// (covered by its newest checkpoint) or recovered; every span of a removed commit below the
  /// durable log start or of a topic that is gone (purged); never the newest row or the seal. Dead
  /// object rows for the removed commits that were not void are written in the same transaction.
  /// Returns the new trimmed_to, which may be the old one.
  /// Errors: kFenced if the session is fencing.
  virtual Task<Result<Seq>> trim(SessionId session, Seq upto_seq) = 0;

  /// Rows after `after`, in order, at most `limit`; void rows (row 0 among them) are left out.
  virtual Task<Result<std::vector<LogRow>>> tail(SessionId session, Seq after,
                                                 std::size_t limit) = 0;

  /// Sessions that are live or fencing and whose agent's heartbeat row is expired, missing, or
  /// names another session (rule P4); with `agent_id`, every live or fencing session of that agent
  /// instead. By id. A heartbeat row is expired from expires_ms on.
  virtual Task<Result<std::vector<Session>>> list_due_sessions(
      std::optional<std::string> agent_id) = 0;
  /// Errors: kNotFound.
  virtual Task<Result<Session>> get_session(SessionId session) = 0;
  /// By id, greater than `after`, at most `limit`.
  virtual Task<Result<std::vector<Session>>> list_sessions(SessionId after, std::size_t limit) = 0;

  /// Take-over, first half (rule P4): one transaction sets the session fencing and adds the seal
  /// after its newest row. Repeatable; returns the seal's seq. A recovered session answers its seal
  /// too.
  virtual Task<Result<Seq>> seal_session(SessionId session) = 0;
  /// Rule P5. Errors: kInvalid if the session is not sealed.
  virtual Task<Result<RecoveryView>> load_recovery(SessionId session) = 0;
  /// Rule P6: for each entry, guarded by owner = session and epoch = the entry's: high watermark,
  /// producers, owner none, epoch + 1, log start never lowered. Entries whose guard fails are
  /// skipped. Returns how many were written (a repeat writes none). Errors: kInvalid if the session
  /// is not sealed, or the table has a checkpoint_fault.
  virtual Task<Result<std::size_t>> recover_partitions(SessionId session,
                                                       segment::CheckpointTable final_states) = 0;
  /// Sets a fencing session recovered; its checkpoint goes. Repeatable. Errors: kInvalid if the
  /// session is live; kConflict while a partition has it as owner.
  virtual Task<Status> finish_recovery(SessionId session) = 0;

  /// Rule P9: sets my live session fencing and seals it at `seq`, in one transaction. kCommitted:
  /// row seq is a commit or release, or seq <= trimmed_to. kSealed: sealed at or before seq, by me
  /// or another. Errors: kInvalid (seq < 1); kRegressed (neither, and row seq-1 is missing).
  virtual Task<Result<SelfSeal>> self_seal(SessionId session, Seq seq) = 0;
};

}  // namespace streamhouse::metadata
