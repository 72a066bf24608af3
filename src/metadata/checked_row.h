#pragma once
/// \file  CheckedRow: what an append asks for, checked and encoded as its row. Every store begins
/// an append with it, so that all refuse the same entries in the same words.

#include "metadata/session_log.h"

namespace streamhouse::metadata {

struct CheckedRow {
  LogRow row = {};                ///< created_ms is the store's to fill in.
  segment::SpanTable spans = {};  ///< Of a commit, decoded.
};

/// Errors: kInvalid, as append has them. Cost: a commit's spans are decoded, a release encoded.
Result<CheckedRow> check_row(Seq seq, const LogEntry& entry);

/// Errors: kInvalid, for a table with a checkpoint_fault.
Status check_table(const segment::CheckpointTable& table);

}  // namespace streamhouse::metadata
