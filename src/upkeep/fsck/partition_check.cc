#include "upkeep/fsck/partition_check.h"

#include <algorithm>

namespace streamhouse::upkeep {
namespace {

using metadata::SpanLocation;
using model::Offset;

std::string text(Offset offset) { return std::to_string(offset.value()); }
std::string text(model::LeaderEpoch epoch) { return std::to_string(epoch.value()); }

class PartitionCheck {
 public:
  PartitionCheck(const metadata::LoadedPartition& loaded, const Checkpointed& checkpointed)
      : row_(loaded.row), checkpointed_(checkpointed), spans_(loaded.spans) {}

  Findings run() {
    Offset end = row_.log_start;
    const SpanLocation* before = nullptr;
    for (const SpanLocation& span : spans_) {
      check_tile(span, end, before == nullptr);
      check_epoch(span, before);
      end = std::max(end, span.offsets.next);
      before = &span;
    }
    check_end(end);
    check_log_start();
    return std::move(found_);
  }

 private:
  void add(std::string invariant, const std::string& object, Offset offset, std::string detail) {
    found_.push_back({.invariant = std::move(invariant),
                      .object = object,
                      .partition = row_.key,
                      .offset = offset,
                      .detail = std::move(detail)});
  }

  void check_tile(const SpanLocation& span, Offset end, bool is_first) {
    const Offset base = span.offsets.base;
    if (base > end) {
      add("L3", span.object_key, end, "no span holds offsets " + text(end) + " to " + text(base));
    } else if (base < end && !is_first) {
      add("L3", span.object_key, base,
          "offsets " + text(base) + " to " + text(std::min(end, span.offsets.next)) +
              " are held by an earlier span too");
    }
  }

  void check_epoch(const SpanLocation& span, const SpanLocation* before) {
    const Offset base = span.offsets.base;
    if (span.session == model::kNoSession) return;  // a segment: its inputs said their epochs
    if (span.epoch > row_.epoch) {
      add("L4", span.object_key, base,
          "a span has leader epoch " + text(span.epoch) + ", the partition " + text(row_.epoch));
    }
    if (before == nullptr || before->session == model::kNoSession) return;
    if (span.epoch < before->epoch) {
      add("L4", span.object_key, base,
          "leader epoch " + text(span.epoch) + " follows " + text(before->epoch));
    }
    if (span.epoch == before->epoch && span.session != before->session) {
      add("F2", span.object_key, base, "two sessions led under epoch " + text(span.epoch));
    }
  }

  void check_end(Offset end) {
    const Offset high_watermark = row_.high_watermark;
    const Offset shown = std::max(row_.visible_high_watermark, checkpointed_.high_watermark);
    const bool is_free = row_.owner == model::kNoSession;
    if (is_free && row_.log_start > high_watermark) {
      add("L4", "", row_.log_start,
          "the log start is past the high watermark, " + text(high_watermark));
      return;
    }
    if (end < high_watermark) {
      add("L3", "", end, "the log ends here, below the high watermark, " + text(high_watermark));
    } else if (is_free && end > high_watermark) {
      add("L3", "", high_watermark,
          "nobody leads and the high watermark is here, spans reach to " + text(end));
    }
    if (end < shown) {
      add("L4", "", end,
          "the log ends here, a checkpoint has shown the high watermark " + text(shown));
    }
  }

  void check_log_start() {
    if (checkpointed_.log_start <= row_.log_start) return;
    add("L4", "", row_.log_start,
        "the log starts here, a checkpoint says at " + text(checkpointed_.log_start));
  }

  const metadata::Partition& row_;
  const Checkpointed& checkpointed_;
  const std::vector<SpanLocation>& spans_;
  Findings found_;
};

}  // namespace

Findings check_partition(const metadata::LoadedPartition& loaded,
                         const Checkpointed& checkpointed) {
  return PartitionCheck(loaded, checkpointed).run();
}

}  // namespace streamhouse::upkeep
