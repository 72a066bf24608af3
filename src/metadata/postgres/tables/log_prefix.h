#pragma once
/// \file  The prefix of a log that may go (rule P3), and its removal.

#include <unordered_map>

#include "metadata/metadata_store.h"
#include "metadata/postgres/driver/connection.h"
#include "metadata/postgres/tables/object_rows.h"

namespace streamhouse::metadata::postgres {

/// A row of a log, as far as it says who needs it.
struct PrefixRow {
  Seq seq = {};
  RowKind kind = RowKind::kOpen;
  segment::SpanTable spans = {};  ///< Of a commit.
};

/// Whether anyone may still need the spans of a commit. What is not needed never is again.
/// Lifetime:  within one transaction: what it read once it remembers.
class SpanNeeds {
 public:
  explicit SpanNeeds(Connection& db) : db_(db) {}

  /// Reads the durable log starts of all partitions of the rows, for needs().
  Status learn(const std::vector<PrefixRow>& rows);
  /// Whether some span reaches above the durable log start of a partition that is there. Requires:
  /// learn() of the row.
  bool needs(const PrefixRow& row) const;

 private:
  Connection& db_;
  std::unordered_map<TopicPartition, Offset> log_starts_;
};

/// Rows after `after`, up to `upto`, in order: as many as are worth one round trip, none at the
/// end. Errors: kCorrupt naming the row.
Result<std::vector<PrefixRow>> read_prefix(Connection& db, SessionId session, Seq after, Seq upto);

/// Up to where the rows of a log are covered: a live one's newest checkpoint, a recovered one's
/// seal; and below its newest row in any case.
Result<Seq> covered_to(Connection& db, const Session& session);

/// Voids and removes the rows of the log up to `upto_seq` and leaves dead object rows for commits
/// that were not void. Requires: the session's row is locked.
Status drop_prefix(Connection& db, const Session& session, Seq upto_seq, ObjectCounts& counts);

}  // namespace streamhouse::metadata::postgres
