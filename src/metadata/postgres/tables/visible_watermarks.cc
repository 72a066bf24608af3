#include "metadata/postgres/tables/visible_watermarks.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace streamhouse::metadata::postgres {
namespace {

constexpr std::string_view kOfSession =
    "SELECT visible_topics, visible_partitions, visible_epochs, visible_watermarks"
    " FROM sh_checkpoints WHERE session = $1";
constexpr std::string_view kStillLed =
    "SELECT p.topic_no, p.partition, p.leader_epoch FROM sh_partitions p"
    " JOIN unnest($2, $3) AS k (topic_no, partition)"
    " ON k.topic_no = p.topic_no AND k.partition = p.partition"
    " WHERE p.owner_session + 0 = $1 ORDER BY p.topic_no, p.partition";
constexpr std::string_view kOfAll =
    "SELECT visible_topics, visible_partitions, visible_epochs, visible_watermarks, session"
    " FROM sh_checkpoints";

/// Arrays that do not fit together show nothing: the next checkpoint writes them anew.
VisibleWatermarks read_visible(Row row) {
  VisibleColumns columns;
  row.read_from(0, columns.topics, columns.partitions, columns.epochs, columns.high_watermarks);
  const std::size_t size = columns.topics.size();
  if (columns.partitions.size() != size || columns.epochs.size() != size ||
      columns.high_watermarks.size() != size)
    return {};
  VisibleWatermarks visible;
  visible.reserve(size);
  for (std::size_t i = 0; i < size; ++i)
    visible.push_back({.partition = {columns.topics[i], columns.partitions[i]},
                       .epoch = columns.epochs[i],
                       .high_watermark = columns.high_watermarks[i]});
  return visible;
}

std::pair<SessionId, VisibleWatermarks> read_with_session(Row row) {
  return {row.get<SessionId>(4), read_visible(row)};
}

}  // namespace

VisibleColumns::VisibleColumns(const VisibleWatermarks& visible) {
  for (const auto& [partition, epoch, high_watermark] : visible) {
    topics.push_back(partition.topic);
    partitions.push_back(partition.partition);
    epochs.push_back(epoch);
    high_watermarks.push_back(high_watermark);
  }
}

Result<VisibleWatermarks> visible_of(Connection& db, SessionId session) {
  SH_TRY(auto found, db.first(kOfSession, read_visible, session));
  return std::move(found).value_or(VisibleWatermarks());
}

Result<VisibleWatermarks> visible_after(Connection& db, SessionId session,
                                        const segment::CheckpointTable& entries) {
  SH_TRY(const VisibleWatermarks before, visible_of(db, session));
  VisibleWatermarks after = raised(before, entries);
  if (after.size() == entries.size()) return after;
  const auto is_left_out = [&entries](const VisibleWatermark& one) {
    const auto& partition = &segment::PartitionCheckpoint::partition;
    return !std::ranges::binary_search(entries, one.partition, {}, partition);
  };
  VisibleWatermarks left_out;
  std::ranges::copy_if(after, std::back_inserter(left_out), is_left_out);
  const VisibleColumns columns(left_out);
  const auto read = [](Row row) {
    return std::pair(TopicPartition{row.get<model::TopicNo>(0), row.get<model::PartitionIndex>(1)},
                     row.get<LeaderEpoch>(2));
  };
  SH_TRY(const auto led, db.all(kStillLed, read, session, columns.topics, columns.partitions));
  std::erase_if(after, [&](const VisibleWatermark& one) {
    return is_left_out(one) &&
           !std::ranges::binary_search(led, std::pair(one.partition, one.epoch));
  });
  return after;
}

Result<std::map<SessionId, VisibleWatermarks>> visible_of_all(Connection& db) {
  SH_TRY(auto rows, db.all(kOfAll, read_with_session));
  std::map<SessionId, VisibleWatermarks> all;
  for (auto& row : rows) all.insert(std::move(row));
  return all;
}

Status raise_visible(Connection& db, std::span<Partition> rows) {
  std::map<SessionId, VisibleWatermarks> known;
  for (Partition& row : rows) {
    if (row.owner == model::kNoSession) continue;
    auto found = known.find(row.owner);
    if (found == known.end()) {
      SH_TRY(auto visible, visible_of(db, row.owner));
      found = known.emplace(row.owner, std::move(visible)).first;
    }
    row.visible_high_watermark = visible_for(found->second, row);
  }
  return {};
}

}  // namespace streamhouse::metadata::postgres
