#include "truth.h"

#include <algorithm>

#include "base/endian.h"
#include "metadata/archive/archive_object.h"
#include "model/record.h"
#include "segment/layout/object_frame.h"
#include "segment/object_key.h"

namespace streamhouse::sim {
namespace {

constexpr std::size_t kDecompressedMax = 64u << 20;
/// More than any topic of a run has.
constexpr int kVersionsMax = 100;

std::string place(model::TopicPartition key, model::Offset offset) {
  return "partition " + to_string(key) + " offset " + std::to_string(offset.value());
}

}  // namespace

base::Result<std::vector<RecordId>> record_ids(base::BytesView batch) {
  std::vector<RecordId> ids;
  SH_TRY(const auto view, model::RecordBatchView::front_of(batch));
  SH_TRY(auto reader, model::RecordReader::open(view, kDecompressedMax));
  while (true) {
    SH_TRY(const auto record, reader.next());
    if (!record) return ids;
    if (!record->value || record->value->size() < sizeof(RecordId)) {
      return {base::Errc::kCorrupt, "a record without its number"};
    }
    ids.push_back(base::load_little<RecordId>(record->value->data()));
  }
}

void Truth::observe(const metadata::MemoryTables& tables) {
  observe_partitions(tables);
  for (const auto& [id, session] : tables.sessions) observe_session(tables, session);
  fences_.observe(tables);
}

/// S8: a topic leaves the database only once a rebuild finds that it was deleted.
void Truth::observe_topics(const metadata::MemoryTables& tables) {
  live_topics_.clear();
  for (const auto& [no, topic] : tables.topics) {
    if (topic.state == metadata::TopicState::kLive) live_topics_.insert(no);
  }
  for (const auto& [no, topic] : topics_) {
    if (!tables.topics.contains(no) && !is_stored(topic)) {
      violations_.add("S8", "topic " + topic.name + " is purged and not stored as deleted");
    }
  }
  topics_ = tables.topics;
}

bool Truth::is_stored(const metadata::Topic& topic) const {
  const std::string key =
      segment::to_key(segment::CatalogueKey{.topic = topic.id, .version = topic.version});
  const auto bytes = objects_(key);
  const auto rows = bytes ? metadata::unpack_rows(key, *bytes)
                          : base::Result<std::vector<metadata::ArchiveRow>>();
  const auto* stored =
      rows && !rows->empty() ? std::get_if<metadata::Topic>(&rows->back()) : nullptr;
  return stored != nullptr && *stored == topic;
}

void Truth::observe_partitions(const metadata::MemoryTables& tables) {
  observe_topics(tables);
  for (const auto& [key, row] : tables.partitions) {
    PartitionTruth& truth = partitions_[key];
    if (row.log_start < truth.log_start)
      violations_.add("L4", place(key, row.log_start) + ": log start went back");
    if (row.epoch < truth.epoch)
      violations_.add("L4", place(key, row.log_start) + ": epoch went back");
    truth.log_start = row.log_start;
    truth.epoch = row.epoch;
    const auto end = static_cast<std::int64_t>(truth.records.size());
    const bool free = row.owner == model::kNoSession;
    if (free && row.high_watermark.value() != end) {
      violations_.add("L4", place(key, row.high_watermark) + ": a free partition ends at " +
                                std::to_string(end));
    }
    if (row.high_watermark.value() > end || row.visible_high_watermark.value() > end) {
      violations_.add("R1", place(key, row.high_watermark) + ": the row is ahead of the log");
    }
  }
}

void Truth::observe_session(const metadata::MemoryTables& tables,
                            const metadata::SessionRecord& session) {
  const model::SessionId id = session.session.id;
  const bool live = session.session.state == metadata::SessionState::kLive;
  if (live == session.has_seal()) {
    violations_.add("F1", to_string(id) + (live ? ": sealed and live" : ": not live, not sealed"));
  }
  const auto seen = seen_.find(id);
  auto row = seen == seen_.end() ? session.log.begin() : session.log.upper_bound(seen->second);
  for (; row != session.log.end(); ++row) {
    const metadata::CheckedRow& checked = *row->second;
    if (sealed_.contains(id)) violations_.add("F1", to_string(id) + ": a row after the seal");
    const auto before = seen_.find(id);
    const bool next =
        before == seen_.end() ? row->first == model::Seq(0) : row->first == before->second + 1;
    if (!next)
      violations_.add("W7",
                      to_string(id) + ": a gap before row " + std::to_string(row->first.value()));
    seen_[id] = row->first;
    if (checked.row.kind == metadata::RowKind::kSeal && sealed_.insert(id).second && on_seal_) {
      on_seal_(id);
    }
    if (checked.row.kind == metadata::RowKind::kCommit) commit(tables, id, checked);
  }
  observe_oldest(session);
}

/// W4: a row and the object in its key are there once. Rows go from the oldest on, and a late
/// append needs the row before: the first that came again would be older than the oldest that
/// counts.
void Truth::observe_oldest(const metadata::SessionRecord& session) {
  const auto oldest = session.log.upper_bound(session.session.trimmed_to);
  if (oldest == session.log.end()) return;
  model::Seq& known = oldest_.try_emplace(session.session.id, oldest->first).first->second;
  if (oldest->first < known) {
    violations_.add("W4", to_string(session.session.id) + ": row " +
                              std::to_string(oldest->first.value()) + " counts again");
  }
  known = oldest->first;
}

void Truth::commit(const metadata::MemoryTables& tables, model::SessionId session,
                   const metadata::CheckedRow& row) {
  ++commits_;
  const std::string key = segment::object_key(session, row.row.seq);
  const auto object = objects_(key);
  if (!object) {
    violations_.add("W1", "row of " + key + " is committed, the object is not there");
    return;
  }
  if (object->size() != row.row.object_size) violations_.add("S1", key + " has another size");
  const std::size_t header_size = std::min(object->size(), segment::kHeaderSize);
  const auto header = segment::decode_header(key, object->view().first(header_size));
  if (!header) violations_.add("W4", to_string(header.error()));
  const auto spans = segment::decode_span_table(row.row.payload);
  if (!spans) {
    violations_.add("S1", key + ": " + to_string(spans.error()));
    return;
  }
  for (const segment::Span& span : *spans) commit_span(tables, session, span, *object);
}

void Truth::commit_span(const metadata::MemoryTables& tables, model::SessionId session,
                        const segment::Span& span, const base::Bytes& object) {
  PartitionTruth& truth = partitions_[span.partition];
  const auto end = static_cast<std::int64_t>(truth.records.size());
  const std::string where = place(span.partition, span.offsets.base);
  const auto row = tables.partitions.find(span.partition);
  if (row != tables.partitions.end() &&
      (row->second.owner != session || row->second.epoch != span.epoch)) {
    violations_.add("F3", where + ": committed under a lease that is over");
  }
  const auto leader = truth.leaders.emplace(span.epoch, session).first;
  if (leader->second != session) violations_.add("F2", where + ": two leaders of one epoch");
  if (span.offsets.base.value() != end) {
    violations_.add("L3", where + ": the log ends at " + std::to_string(end));
    return;
  }
  if (span.position + span.length > object.size()) {
    violations_.add("S1", where + ": the span lies outside its object");
    return;
  }
  model::BatchCursor cursor(object.view().subspan(span.position, span.length));
  while (true) {
    const auto batch = cursor.next();
    if (!batch || !*batch) break;
    commit_batch(span.partition, **batch);
  }
  if (static_cast<std::int64_t>(truth.records.size()) != span.offsets.next.value()) {
    violations_.add("L2", where + ": the span holds another number of records than it says");
  }
}

void Truth::commit_batch(model::TopicPartition key, const model::RecordBatchView& batch) {
  PartitionTruth& truth = partitions_[key];
  const std::string where = place(key, batch.base_offset());
  const auto ids = record_ids(batch.bytes());
  if (!ids) violations_.add("R5", where + ": " + to_string(ids.error()));
  for (const RecordId id : ids.value_or(std::vector<RecordId>{})) {
    const auto position = static_cast<std::int64_t>(truth.records.size());
    if (!truth.positions.emplace(id, position).second) {
      violations_.add("W5", where + ": record " + std::to_string(id) + " is committed twice");
    }
    truth.records.push_back(id);
  }
  const std::string disorder = order_.add(key, batch);
  if (!disorder.empty()) violations_.add("L6", where + ": " + disorder);
}

model::Offset Truth::end(model::TopicPartition key) const {
  const auto found = partitions_.find(key);
  return model::Offset(
      found == partitions_.end() ? 0 : static_cast<std::int64_t>(found->second.records.size()));
}

model::Offset Truth::log_start(model::TopicPartition key) const {
  const auto found = partitions_.find(key);
  return found == partitions_.end() ? model::Offset(0) : found->second.log_start;
}

std::optional<RecordId> Truth::at(model::TopicPartition key, model::Offset offset) const {
  if (offset < model::Offset(0) || offset >= end(key)) return std::nullopt;
  return partitions_.at(key).records[static_cast<std::size_t>(offset.value())];
}

std::optional<model::Offset> Truth::find(model::TopicPartition key, RecordId record) const {
  const auto found = partitions_.find(key);
  if (found == partitions_.end()) return std::nullopt;
  const auto position = found->second.positions.find(record);
  if (position == found->second.positions.end()) return std::nullopt;
  return model::Offset(position->second);
}

void Truth::acknowledged(model::TopicPartition key, model::Offset base,
                         const std::vector<RecordId>& records) {
  for (std::size_t i = 0; i < records.size(); ++i) {
    const model::Offset offset = base + static_cast<std::int64_t>(i);
    const auto committed = at(key, offset);
    if (committed == records[i]) continue;
    violations_.add(committed ? "L2" : "W1",
                    place(key, offset) + ": acknowledged record " + std::to_string(records[i]) +
                        (committed ? " is another record" : " is not committed"));
  }
}

void Truth::read(model::TopicPartition key, model::Offset base,
                 const std::vector<RecordId>& records) {
  for (std::size_t i = 0; i < records.size(); ++i) {
    const model::Offset offset = base + static_cast<std::int64_t>(i);
    const auto committed = at(key, offset);
    if (committed == records[i]) continue;
    violations_.add(committed ? "L1" : "R1",
                    place(key, offset) + ": read record " + std::to_string(records[i]) +
                        (committed ? ", another is committed" : ", nothing is committed"));
  }
}

void Truth::shown_high_watermark(model::TopicPartition key, model::Offset high_watermark) {
  if (high_watermark > end(key)) {
    violations_.add("R1", place(key, high_watermark) + ": high watermark above what is committed");
  }
}

/// S8: only what a later version has replaced goes.
void Truth::removing_topic(const std::string& key, segment::CatalogueKey name) {
  for (int later = 0; later < kVersionsMax; ++later) {
    ++name.version;
    if (objects_(segment::to_key(name))) return;
  }
  violations_.add("S8", key + " is removed and is the newest of its topic");
}

bool Truth::is_marked(const metadata::MemoryTables& tables, model::SessionId session,
                      model::Seq seq) const {
  const auto found = tables.sessions.find(session);
  if (found == tables.sessions.end()) return true;
  for (model::Seq upto = found->second.newest(); upto >= seq; upto = upto - 1)
    if (objects_(segment::to_key(segment::TrimKey{session, upto}))) return true;
  return false;
}

/// S8: only one that a later one replaces, or of a sealed session once all that it covers is gone.
void Truth::removing_mark(const metadata::MemoryTables& tables, const std::string& key,
                          segment::TrimKey mark) {
  if (is_marked(tables, mark.session, mark.seq + 1)) return;
  const auto is_covered = [&mark](const auto& object) {
    const auto name = segment::parse_key(object.first);
    const auto* flush = name ? std::get_if<segment::FlushKey>(&*name) : nullptr;
    return flush != nullptr && flush->session == mark.session && flush->seq <= mark.seq;
  };
  const bool is_sealed = objects_(segment::to_key(segment::SealKey{mark.session})).has_value();
  if (!is_sealed || std::ranges::any_of(tables.objects, is_covered))
    violations_.add("S8", key + " is removed and is still needed");
}

void Truth::removing(const metadata::MemoryTables& tables, const std::string& key,
                     metadata::DatabaseMs dead_before_ms) {
  const auto name = segment::parse_key(key);
  if (const auto* topic = name ? std::get_if<segment::CatalogueKey>(&*name) : nullptr)
    return removing_topic(key, *topic);
  if (name && std::holds_alternative<segment::GroupsKey>(*name)) return;  // looked at in the end
  if (const auto* mark = name ? std::get_if<segment::TrimKey>(&*name) : nullptr) {
    return removing_mark(tables, key, *mark);
  }
  const auto* flush = name ? std::get_if<segment::FlushKey>(&*name) : nullptr;
  if (flush == nullptr) {
    violations_.add("F5", key + " is removed and is no object of records");
    return;
  }
  const auto session = tables.sessions.find(flush->session);
  if (session != tables.sessions.end()) {
    const metadata::SessionRecord& record = session->second;
    const auto row = record.log.find(flush->seq);
    const bool is_named = row != record.log.end() && !record.is_void(flush->seq) &&
                          row->second->row.kind == metadata::RowKind::kCommit;
    if (is_named) violations_.add("S1", key + " is removed and a row names it");
    if (!record.has_seal() && flush->seq > record.newest()) {
      violations_.add("S3", key + " is removed and may still be committed");
    }
  }
  const auto object = tables.objects.find(key);
  if (object != tables.objects.end() && object->second.row.dead_ms >= dead_before_ms) {
    violations_.add("S4", key + " is removed before its grace is over");
  }
  if (object != tables.objects.end() && !is_marked(tables, flush->session, flush->seq)) {
    violations_.add("S8", key + " is removed and no trim mark says so");
  }
}

bool Truth::is_garbage(const metadata::MemoryTables& tables, const std::string& key,
                       bool puts_come_late) {
  const auto name = segment::parse_key(key);
  if (const auto* mark = name ? std::get_if<segment::TrimKey>(&*name) : nullptr) {
    const auto marked = tables.sessions.find(mark->session);
    return marked != tables.sessions.end() && marked->second.has_seal() &&
           std::ranges::none_of(marked->second.log, [&](const auto& row) {
             return row.second->row.kind == metadata::RowKind::kCommit &&
                    !marked->second.is_void(row.first);
           });
  }
  const auto* flush = name ? std::get_if<segment::FlushKey>(&*name) : nullptr;
  if (flush == nullptr) return false;
  const auto session = tables.sessions.find(flush->session);
  if (session == tables.sessions.end()) return true;
  const metadata::SessionRecord& record = session->second;
  const bool is_pending = flush->seq > record.newest() || puts_come_late;
  if (!record.has_seal() && is_pending) return false;
  const auto row = record.log.find(flush->seq);
  return row == record.log.end() || record.is_void(flush->seq) ||
         row->second->row.kind != metadata::RowKind::kCommit;
}

}  // namespace streamhouse::sim
