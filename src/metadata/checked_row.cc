#include "metadata/checked_row.h"

#include "base/crc32c.h"

namespace streamhouse::metadata {

namespace {

using base::Errc;

Result<CheckedRow> check_commit(const CommitEntry& commit) {
  auto spans = segment::decode_span_table(commit.spans);
  if (!spans)
    return make_error(Errc::kInvalid, "a commit's spans do not decode: " + spans.error().text);
  return CheckedRow{.row = {.kind = RowKind::kCommit,
                            .crc = commit.object_crc,
                            .object_size = commit.object_size,
                            .payload = commit.spans},
                    .spans = *std::move(spans)};
}

Result<CheckedRow> check_release(const ReleaseEntry& release) {
  if (release.partitions.empty()) return make_error(Errc::kInvalid, "a release names no partition");
  SH_TRY_OK(check_table(release.partitions));
  base::Bytes payload(segment::encode_checkpoint(release.partitions));
  const std::uint32_t crc = base::crc32c(payload);
  return CheckedRow{.row = {.kind = RowKind::kRelease, .crc = crc, .payload = std::move(payload)}};
}

}  // namespace

Result<CheckedRow> check_row(Seq seq, const LogEntry& entry) {
  if (seq < Seq(1))
    return make_error(Errc::kInvalid,
                      "row " + std::to_string(seq.value()) + " is no row to append");
  const auto* release = std::get_if<ReleaseEntry>(&entry);
  SH_TRY(CheckedRow checked,
         release ? check_release(*release) : check_commit(std::get<CommitEntry>(entry)));
  checked.row.seq = seq;
  return checked;
}

Status check_table(const segment::CheckpointTable& table) {
  const segment::PartitionCheckpoint* previous = nullptr;
  for (const auto& entry : table) {
    const auto fault = segment::checkpoint_fault(previous, entry);
    if (!fault.empty())
      return make_error(Errc::kInvalid, "partition " + to_string(entry.partition) +
                                            " of a checkpoint table: " + std::string(fault));
    previous = &entry;
  }
  return {};
}

}  // namespace streamhouse::metadata
