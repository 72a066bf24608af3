#include "rebuild_check.h"

#include <memory>

#include "base/check.h"
#include "metadata/memory/memory_metadata_store.h"
#include "objectstore/memory_object_store.h"
#include "tests/metadata/archive_bytes.h"

namespace streamhouse::sim {

using upkeep::RebuildOptions;

runtime::Task<void> RebuildCheck::run(std::map<std::string, base::Bytes> objects) {
  objects_ = std::move(objects);
  objectstore::MemoryObjectStore bucket;
  for (const auto& [key, bytes] : objects_) {
    const base::Status put = co_await bucket.put(key, {bytes});
    SH_CHECK(put.has_value(), "a copy in memory");
  }
  metadata::MemoryMetadataStore store(rebuilt_);
  const auto rows = std::make_shared<tests::ArchiveBytes>();
  upkeep::Rebuild rebuild({.metadata = &store, .objects = bucket, .rows = rows, .archive = *rows},
                          {.agents = RebuildOptions::Agents::kStopped,
                           .on_findings = RebuildOptions::OnFindings::kGoWithout});
  const auto report = co_await rebuild.run();
  if (!report) {
    violations_.add("S8", "no rebuild: " + to_string(report.error()));
    co_return;
  }
  look_at(*report);
  read_records();
  compare_topics();
  compare_groups();
}

/// A hole may be what retention has left (0006): then it lies below where the log starts.
void RebuildCheck::look_at(const upkeep::RebuildReport& report) {
  for (const upkeep::RebuildFinding& finding : report.findings) {
    if (finding.fault == upkeep::RebuildFault::kHole) continue;
    violations_.add("S8", "a rebuild finds " + std::string(fault_name(finding.fault)) + " " +
                              finding.object + ": " + finding.detail);
  }
}

void RebuildCheck::read_records() {
  for (const auto& [id, session] : rebuilt_.tables().sessions) {
    for (const auto& [seq, row] : session.log) {
      if (session.is_void(seq) || row->row.kind != metadata::RowKind::kCommit) continue;
      const auto object = objects_.find(segment::object_key(id, seq));
      const auto spans = segment::decode_span_table(row->row.payload);
      if (object == objects_.end() || !spans) {
        violations_.add("S8", "a rebuilt row names " + segment::object_key(id, seq));
        continue;
      }
      for (const segment::Span& span : *spans) read_span(object->second, span);
    }
  }
}

void RebuildCheck::read_span(const base::Bytes& object, const segment::Span& span) {
  std::map<model::Offset, RecordId>& records = records_[span.partition];
  model::BatchCursor cursor(object.view().subspan(span.position, span.length));
  while (true) {
    const auto batch = cursor.next();
    if (!batch || !*batch) return;
    model::Offset offset = (*batch)->base_offset();
    const auto ids = record_ids((*batch)->bytes());
    for (const RecordId id : ids.value_or(std::vector<RecordId>{})) {
      const bool is_first = records.emplace(offset, id).second;
      if (!is_first) {
        violations_.add("S8", "rebuilt twice: partition " + to_string(span.partition) + " offset " +
                                  std::to_string(offset.value()));
      }
      ++offset;
    }
  }
}

void RebuildCheck::compare_topics() {
  const auto& rebuilt = rebuilt_.tables().topics;
  for (const auto& [no, topic] : tables_.topics) {
    if (topic.state != metadata::TopicState::kLive) continue;
    const auto found = rebuilt.find(no);
    if (found == rebuilt.end() || found->second != topic) {
      violations_.add("S8", "topic " + topic.name + " is not rebuilt as it was");
      continue;
    }
    for (int i = 0; i < topic.partition_count; ++i) compare_records({no, model::PartitionIndex(i)});
  }
}

void RebuildCheck::compare_records(model::TopicPartition key) {
  const model::Offset start = truth_.log_start(key);
  const model::Offset end = truth_.end(key);
  const metadata::Partition& row = rebuilt_.tables().partitions.at(key);
  const bool has_records = start < end;
  if (has_records && (row.log_start > start || row.high_watermark < end)) {
    violations_.add("S8", "partition " + to_string(key) + " is rebuilt from " +
                              std::to_string(row.log_start.value()) + " to " +
                              std::to_string(row.high_watermark.value()) + " and was from " +
                              std::to_string(start.value()) + " to " + std::to_string(end.value()));
  }
  const std::map<model::Offset, RecordId>& records = records_[key];
  for (model::Offset offset = start; offset < end; ++offset) {
    const auto found = records.find(offset);
    if (found != records.end() && found->second == truth_.at(key, offset)) continue;
    violations_.add("S8", "partition " + to_string(key) + " offset " +
                              std::to_string(offset.value()) +
                              (found == records.end() ? " is not rebuilt" : " is another record"));
    return;
  }
}

void RebuildCheck::compare_groups() {
  const auto& rebuilt = rebuilt_.tables().groups;
  for (const auto& [id, group] : tables_.groups) {
    for (const auto& [key, offset] : group.offsets) {
      if (!truth_.is_live(key)) continue;
      const auto found = rebuilt.find(id);
      const bool has_it = found != rebuilt.end() && found->second.offsets.contains(key);
      if (has_it && found->second.offsets.at(key).offset == offset.offset) continue;
      violations_.add(
          "S8", "group " + id + " is not rebuilt where it was in partition " + to_string(key));
    }
  }
}

}  // namespace streamhouse::sim
