#include "metadata/postgres/tables/visible_watermarks.h"

#include <utility>

namespace streamhouse::metadata::postgres {
namespace {

constexpr std::string_view kOfSession =
    "SELECT visible_topics, visible_partitions, visible_epochs, visible_watermarks"
    " FROM sh_checkpoints WHERE session = $1";
constexpr std::string_view kOfAll =
    "SELECT visible_topics, visible_partitions, visible_epochs, visible_watermarks, session"
    " FROM sh_checkpoints";

Result<VisibleWatermarks> read_visible(Row row) {
  VisibleColumns columns;
  row.read_from(0, columns.topics, columns.partitions, columns.epochs, columns.high_watermarks);
  const std::size_t size = columns.topics.size();
  if (columns.partitions.size() != size || columns.epochs.size() != size ||
      columns.high_watermarks.size() != size)
    return base::make_error(base::Errc::kCorrupt, "visible high watermarks of unequal number");
  VisibleWatermarks visible;
  visible.reserve(size);
  for (std::size_t i = 0; i < size; ++i)
    visible.push_back({.partition = {columns.topics[i], columns.partitions[i]},
                       .epoch = columns.epochs[i],
                       .high_watermark = columns.high_watermarks[i]});
  return visible;
}

Result<std::pair<SessionId, VisibleWatermarks>> read_with_session(Row row) {
  SH_TRY(auto visible, read_visible(row));
  return std::pair(row.get<SessionId>(4), std::move(visible));
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
