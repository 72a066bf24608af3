#pragma once
/// \file  The prefix of a log that may go (rule P3), and its removal.

#include <unordered_map>

#include "metadata/metadata_store.h"
#include "metadata/sqlite/driver/connection.h"

namespace streamhouse::metadata::sqlite {

/// Whether anyone may still need the spans of a commit.
/// Lifetime:  within one transaction: what it read once it remembers.
class SpanNeeds {
 public:
  explicit SpanNeeds(Connection& db) : db_(db) {}

  /// Whether some span of the commit's table reaches above the durable log start of a partition
  /// that is there. Errors: kCorrupt naming the row.
  Result<bool> needs(SessionId session, Seq seq, base::BytesView span_table);

 private:
  Result<Offset> log_start(TopicPartition key);

  Connection& db_;
  std::unordered_map<TopicPartition, Offset> log_starts_;
};

/// Up to where the rows of a log are covered: a live one's newest checkpoint, a recovered one's
/// seal; and below its newest row in any case.
Result<Seq> covered_to(Connection& db, const Session& session);

/// Voids and removes the rows of the log up to `upto_seq` and leaves dead object rows for commits
/// that were not void.
Status drop_prefix(Connection& db, const Session& session, Seq upto_seq, DatabaseMs now);

}  // namespace streamhouse::metadata::sqlite
