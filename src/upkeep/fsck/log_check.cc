#include "upkeep/fsck/log_check.h"

#include "base/crc32c.h"
#include "metadata/rules/session_rules.h"
#include "segment/object_key.h"

namespace streamhouse::upkeep {

using metadata::LogRow;
using metadata::row_name;
using metadata::RowKind;

Findings LogCheck::take(const LogRow& row, segment::SpanTable& spans) {
  Findings found;
  spans.clear();
  next_ = row.seq + 1;
  if (sealed_) {
    found.push_back(
        {.invariant = "F1", .detail = row_name(session_, row.seq) + " is behind the seal"});
  }
  if (row.kind == RowKind::kCommit) {
    auto decoded = segment::decode_span_table(row.payload);
    if (!decoded) {
      found.push_back(damaged(row, decoded.error()));
    } else {
      spans = *std::move(decoded);
    }
  } else if (row.kind == RowKind::kRelease) {
    const auto decoded = segment::decode_checkpoint(row.payload);
    if (!decoded) {
      found.push_back(damaged(row, decoded.error()));
    } else if (base::crc32c(row.payload) != row.crc) {
      found.push_back(damaged(row, base::make_error(base::Errc::kCorrupt, "fails its checksum")));
    }
  } else if (row.kind == RowKind::kSeal) {
    sealed_ = true;
  }
  return found;
}

Finding LogCheck::damaged(const LogRow& row, const base::Error& why) const {
  Finding finding{.invariant = "R5", .detail = row_name(session_, row.seq) + ": " + why.text};
  if (row.kind == RowKind::kCommit) finding.object = segment::object_key(session_, row.seq);
  return finding;
}

}  // namespace streamhouse::upkeep
