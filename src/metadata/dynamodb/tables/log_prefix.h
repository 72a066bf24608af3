#pragma once
/// \file  The prefix of a log that may go (rule P3), and its removal.

#include <set>
#include <unordered_map>

#include "metadata/dynamodb/tables/object_rows.h"
#include "metadata/dynamodb/tables/sessions.h"
#include "segment/span.h"

namespace streamhouse::metadata::dynamodb {

/// A row of a log, as far as it says who needs it.
struct PrefixRow {
  StoredRow stored = {};
  segment::SpanTable spans = {};  ///< Of a commit.
  bool is_commit() const { return stored.row.kind == RowKind::kCommit; }
};

/// Whether anyone may still need the spans of a commit. Log starts only rise and topics only go, so
/// what is not needed never is again, and need not be guarded.
/// Lifetime:  within one operation: what it read once it remembers.
class SpanNeeds {
 public:
  explicit SpanNeeds(Table& table) : table_(table) {}

  /// Reads the durable log starts of all partitions of the rows, for needs().
  Task<Status> learn(std::vector<PrefixRow> rows);
  /// Whether some span reaches above the durable log start of a partition that is there. Requires:
  /// learn() of the row.
  bool needs(const PrefixRow& row) const;

 private:
  Table& table_;
  std::unordered_map<TopicPartition, Offset> log_starts_;
};

/// Both ends belong to it.
struct SeqRange {
  Seq first = {};
  Seq last = {};
};
/// Those that are there, in order, at most `limit`. Errors: kCorrupt naming the row.
Task<Result<std::vector<PrefixRow>>> read_prefix(Table& table, SessionId session, SeqRange rows,
                                                 std::size_t limit);

/// Up to where the rows of a log are covered: a live one's newest checkpoint, a recovered one's
/// seal; and below its newest row in any case. It only rises.
Task<Result<Seq>> covered_to(Table& table, Session session);

/// Notes that the rows of the log up to the last of `rows` are void, and dead objects for their
/// commits. Requires: the session was read in the transaction; `rows` are all that are not void up
/// to there, at least one.
void void_prefix(Transaction& transaction, StoredSession session,
                 const std::vector<PrefixRow>& rows, ObjectCounts& counts);
/// Removes void rows; a failure, or a crash before it, leaves them to the next time.
Task<void> remove_void_rows(Table& table, SessionId session, Seq trimmed_to);

}  // namespace streamhouse::metadata::dynamodb
