#pragma once
/// \file  PendingRow: a row of the session's log that has its seq but is not yet known to be
/// written.

#include <memory>
#include <optional>
#include <vector>

#include "ingest/open_object.h"
#include "metadata/session_log.h"
#include "objectstore/object_store.h"

namespace streamhouse::ingest {

struct PendingRow {
  PendingRow(model::Seq row_seq, ObjectOutcome row_outcome)
      : seq(row_seq), outcome(std::move(row_outcome)) {}

  model::Seq seq;
  ObjectOutcome outcome;  ///< Commit: of its batches; release: of the release.

  // A commit:
  std::vector<OpenSpan> spans;  ///< Empty for a release.
  std::string object_key;
  objectstore::Chunks content;  ///< Dropped once stored.
  metadata::CommitEntry commit;
  std::size_t buffered_bytes = 0;
  runtime::MonoTime closed_at{};
  bool stored = false;                 ///< The object is durable (W1).
  std::optional<base::Error> refused;  ///< The store will never take it.

  // A release:
  std::vector<std::shared_ptr<partition::PartitionLog>> released;

  bool is_release() const { return spans.empty(); }
  bool ready() const { return is_release() || stored; }
};

}  // namespace streamhouse::ingest
