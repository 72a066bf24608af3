#include "cluster/recovery_planner.h"

#include <algorithm>
#include <map>

#include "segment/producer_history.h"

namespace streamhouse::cluster {
namespace {

using base::Errc;
using model::Offset;
using model::Seq;

/// One partition while its log is replayed.
struct Replay {
  model::LeaderEpoch epoch;
  Seq covered;  ///< Rows up to here are in the state already.
  Offset high_watermark;
  Offset log_start;
  std::map<model::ProducerId, segment::ProducerEntry> producers;
};

base::Result<std::map<model::ProducerId, segment::ProducerEntry>> producers_of(
    base::BytesView bytes) {
  SH_TRY(const auto snapshot, segment::decode_producer_snapshot(bytes));
  std::map<model::ProducerId, segment::ProducerEntry> producers;
  for (const auto& entry : snapshot) producers.emplace(entry.producer, entry);
  return producers;
}

const segment::PartitionCheckpoint* valid_entry(const metadata::RecoveryView& view,
                                                const metadata::Partition& row) {
  if (!view.checkpoint || view.checkpoint->upto_seq < row.since_seq - 1) return nullptr;
  const auto& entries = view.checkpoint->partitions;
  const auto found =
      std::ranges::lower_bound(entries, row.key, {}, &segment::PartitionCheckpoint::partition);
  const bool valid =
      found != entries.end() && found->partition == row.key && found->epoch == row.epoch;  // P12
  return valid ? &*found : nullptr;
}

base::Result<Replay> begin_replay(const metadata::RecoveryView& view,
                                  const metadata::Partition& row) {
  Replay replay{.epoch = row.epoch,
                .covered = row.since_seq - 1,
                .high_watermark = row.high_watermark,
                .log_start = row.log_start,
                .producers = {}};
  base::BytesView producers = row.producers;
  if (const auto* entry = valid_entry(view, row)) {
    replay.covered = view.checkpoint->upto_seq;
    replay.high_watermark = entry->high_watermark;
    replay.log_start = std::max(row.log_start, entry->log_start);
    producers = entry->producers;
  }
  SH_TRY(replay.producers, producers_of(producers));
  return replay;
}

base::Status replay_span(Replay& replay, const segment::Span& span, Seq seq) {
  if (seq <= replay.covered || span.epoch != replay.epoch) return {};  // P12
  if (span.offsets.base != replay.high_watermark) {
    return {Errc::kCorrupt, "L3 partition " + to_string(span.partition) + ": row " +
                                std::to_string(seq.value()) + " begins at offset " +
                                std::to_string(span.offsets.base.value()) + ", expected " +
                                std::to_string(replay.high_watermark.value())};
  }
  replay.high_watermark = span.offsets.next;
  for (const auto& batch : span.producers) {
    segment::remember_batch(replay.producers[batch.producer], batch);
  }
  return {};
}

segment::PartitionCheckpoint final_state(model::TopicPartition key, const Replay& replay) {
  segment::ProducerSnapshot snapshot;
  for (const auto& [id, entry] : replay.producers) snapshot.push_back(entry);
  return {.partition = key,
          .epoch = replay.epoch,
          .high_watermark = replay.high_watermark,
          .log_start = replay.log_start,
          .producers = base::Bytes(segment::encode_producer_snapshot(snapshot))};
}

base::Error unreadable(model::TopicPartition key, Seq seq, const base::Error& why) {
  return base::make_error(Errc::kCorrupt, "partition " + to_string(key) + ": row " +
                                              std::to_string(seq.value()) +
                                              ", which may hold spans of it: " + why.text);
}

/// Each by itself: damage of one partition keeps no other from being led again.
using Replays = std::map<model::TopicPartition, base::Result<Replay>>;

void replay_row(Replays& replays, const metadata::LogRow& row) {
  const auto spans = segment::decode_span_table(row.payload);
  if (!spans) {
    for (auto& [key, replay] : replays) {
      if (replay && row.seq > replay->covered) replay = unreadable(key, row.seq, spans.error());
    }
    return;
  }
  for (const segment::Span& span : *spans) {
    const auto found = replays.find(span.partition);
    if (found == replays.end() || !found->second) continue;
    const base::Status replayed = replay_span(*found->second, span, row.seq);
    if (!replayed) found->second = replayed.error();
  }
}

}  // namespace

RecoveryPlan plan_recovery(const metadata::RecoveryView& view) {
  Replays replays;
  for (const metadata::Partition& row : view.owned) {
    replays.emplace(row.key, begin_replay(view, row));
  }
  for (const metadata::LogRow& row : view.rows) {
    if (row.kind != metadata::RowKind::kCommit || row.seq <= view.session.trimmed_to) continue;
    replay_row(replays, row);
  }
  RecoveryPlan plan;
  for (const auto& [key, replay] : replays) {
    if (replay) {
      plan.states.push_back(final_state(key, *replay));
    } else if (plan.damaged++ == 0) {
      plan.damage = replay.error();
    }
  }
  return plan;
}

}  // namespace streamhouse::cluster
