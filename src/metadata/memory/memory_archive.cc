// Reading every row, and inserting rows into empty tables.
#include "metadata/memory/memory_metadata.h"
#include "metadata/rules/import_rules.h"
#include "segment/object_key.h"

namespace streamhouse::metadata {

namespace {

using base::Errc;

/// Passes `row_of(entry)` of every entry to the sink.
template <class Map, class RowOf>
Status pass(RowSink& sink, const Map& entries, RowOf row_of) {
  for (const auto& entry : entries) SH_TRY_OK(sink.take(row_of(entry)));
  return {};
}

Status pass_logs(RowSink& sink, const MemoryTables& tables) {
  for (const auto& [id, record] : tables.sessions) {
    const auto row_of = [session = id](const auto& entry) {
      return SessionLogRow{session, entry.second->row};
    };
    SH_TRY_OK(pass(sink, record.log, row_of));
  }
  return {};
}

Status pass_checkpoints(RowSink& sink, const MemoryTables& tables) {
  for (const auto& [id, record] : tables.sessions) {
    if (!record.checkpoint) continue;
    const base::Bytes packed(segment::encode_checkpoint(record.checkpoint->partitions));
    SH_TRY_OK(sink.take(SessionCheckpoint{id, record.checkpoint->upto_seq, packed}));
  }
  return {};
}

Status pass_objects(RowSink& sink, const MemoryTables& tables) {
  const auto object_of = [](const auto& entry) {
    const ObjectRecord& object = entry.second;
    return StoredObject{object.row, object.session,
                        static_cast<std::int64_t>(object.segment_count)};
  };
  SH_TRY_OK(pass(sink, tables.objects, object_of));
  return pass(sink, tables.segments, [](const auto& entry) { return entry.second; });
}

Status pass_groups(RowSink& sink, const MemoryTables& tables) {
  SH_TRY_OK(pass(sink, tables.groups, [](const auto& entry) { return entry.second.group; }));
  for (const auto& [id, record] : tables.groups) {
    const auto offset_of = [&group = id](const auto& entry) {
      return StoredOffset{group, entry.second};
    };
    SH_TRY_OK(pass(sink, record.offsets, offset_of));
  }
  for (const auto& [shard, floor] : tables.group_floors) {
    const auto led = tables.partitions.find(shard);
    const bool counts = led != tables.partitions.end() && led->second.epoch == floor.epoch;
    if (counts) SH_TRY_OK(sink.take(StoredGroupFloor{shard, floor.epoch, floor.commit_no}));
  }
  return {};
}

/// Puts one row in its place, unless that is taken.
class Insert {
 public:
  explicit Insert(MemoryTables& tables) : tables_(tables) {}

  Status operator()(const ClusterRow&) {
    return make_error(Errc::kInvalid, "the cluster is set by begin_import");
  }
  Status operator()(const Topic& row) { return put(tables_.topics, row.no, row); }
  Status operator()(const Partition& row) { return put(tables_.partitions, row.key, row); }
  Status operator()(const Session& row) {
    return put(tables_.sessions, row.id, SessionRecord{.session = row});
  }
  Status operator()(const SessionLogRow& row) {
    CheckedRow stored{.row = row.row, .spans = {}};
    if (row.row.kind == RowKind::kCommit) {
      SH_TRY(stored.spans, segment::decode_span_table(row.row.payload));
    }
    return put(tables_.sessions[row.session].log, row.row.seq,
               std::make_shared<const CheckedRow>(std::move(stored)));
  }
  Status operator()(const SessionCheckpoint& row) {
    SH_TRY(auto table, segment::decode_checkpoint(row.partitions));
    auto& checkpoint = tables_.sessions[row.session].checkpoint;
    if (!checkpoint) checkpoint = CheckpointRow{row.upto_seq, std::move(table)};
    return {};
  }
  Status operator()(const StoredObject& row) {
    return put(tables_.objects, row.row.key,
               ObjectRecord{.row = row.row,
                            .session = row.session,
                            .segment_count = static_cast<std::size_t>(row.segment_count)});
  }
  Status operator()(const Segment& row) {
    return put(tables_.segments, {row.key, row.location.offsets.next}, row);
  }
  Status operator()(const Group& row) {
    return put(tables_.groups, row.group_id, GroupRecord{.group = row});
  }
  Status operator()(const StoredOffset& row) {
    return put(tables_.groups[row.group_id].offsets, row.offset.key, row.offset);
  }
  Status operator()(const StoredGroupFloor& row) {
    return put(tables_.group_floors, row.shard, GroupFloor{row.epoch, row.commit_no});
  }
  Status operator()(const Setting& row) { return put(tables_.settings, row.key, row); }

 private:
  template <class Map>
  static Status put(Map& entries, typename Map::key_type key,
                    const typename Map::mapped_type& row) {
    entries.try_emplace(std::move(key), row);
    return {};
  }

  MemoryTables& tables_;
};

}  // namespace

Status MemoryMetadata::read_rows(const std::shared_ptr<RowSink>& sink) const {
  SH_TRY_OK(sink->begin());
  SH_TRY_OK(
      sink->take(ClusterRow{.cluster = tables_.cluster,
                            .topic_no_latest = model::TopicNo(tables_.topic_no_latest),
                            .producer_id_next = model::ProducerId(tables_.producer_id_next)}));
  const auto row_of = [](const auto& entry) { return entry.second; };
  SH_TRY_OK(pass(*sink, tables_.topics, row_of));
  SH_TRY_OK(pass(*sink, tables_.partitions, row_of));
  SH_TRY_OK(pass(*sink, tables_.sessions, [](const auto& entry) { return entry.second.session; }));
  SH_TRY_OK(pass_logs(*sink, tables_));
  SH_TRY_OK(pass_checkpoints(*sink, tables_));
  SH_TRY_OK(pass_objects(*sink, tables_));
  SH_TRY_OK(pass_groups(*sink, tables_));
  std::map<std::string, Setting> settings = tables_.settings;
  settings.erase(kImportMark);
  return pass(*sink, settings, row_of);
}

Status MemoryMetadata::begin_import(const ClusterRow& cluster, const std::string& archive) {
  const auto mark = tables_.settings.find(kImportMark);
  if (mark != tables_.settings.end()) return check_import_mark(mark->second.value, archive);
  const bool is_used = !tables_.topics.empty() || !tables_.sessions.empty() ||
                       !tables_.settings.empty() || tables_.topic_no_latest != 0 ||
                       tables_.producer_id_next != 0;
  if (is_used) return target_not_empty();
  tables_.cluster = cluster.cluster;
  tables_.topic_no_latest = cluster.topic_no_latest.value();
  tables_.producer_id_next = cluster.producer_id_next.value();
  tables_.settings[kImportMark] = {
      .key = kImportMark, .value = base::Bytes(std::string(archive)), .version = 1};
  return {};
}

Status MemoryMetadata::insert_rows(const std::vector<ArchiveRow>& rows) {
  if (!tables_.settings.contains(kImportMark)) return import_not_begun();
  MemoryTables changed = tables_;
  Insert insert(changed);
  for (const ArchiveRow& row : rows) SH_TRY_OK(std::visit(insert, row));
  tables_ = std::move(changed);
  return {};
}

}  // namespace streamhouse::metadata
