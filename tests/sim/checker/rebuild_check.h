#pragma once
/// \file  RebuildCheck: whether the object store alone gives back what the database had (S8).

#include <map>
#include <string>

#include "metadata/memory/memory_metadata.h"
#include "runtime/task.h"
#include "truth.h"
#include "upkeep/rebuild/rebuild.h"

namespace streamhouse::sim {

/// One use, when every agent has stopped. Lifetime: borrows all it is given.
class RebuildCheck {
 public:
  RebuildCheck(const metadata::MemoryTables& tables, const Truth& truth, Violations& violations)
      : tables_(tables), truth_(truth), violations_(violations) {}

  /// Rebuilds metadata from copies of all stored objects, and compares with the database's tables
  /// and the truth: topics, every committed record from its log's start on, offsets of groups.
  runtime::Task<void> run(std::map<std::string, base::Bytes> objects);

 private:
  void look_at(const upkeep::RebuildReport& report);
  void read_records();
  void read_span(const base::Bytes& object, const segment::Span& span);
  void compare_topics();
  void compare_records(model::TopicPartition key);
  void compare_groups();

  const metadata::MemoryTables& tables_;
  const Truth& truth_;
  Violations& violations_;
  std::map<std::string, base::Bytes> objects_;
  metadata::MemoryMetadata rebuilt_{[] { return metadata::DatabaseMs{1}; }, model::TopicId{{9}}};
  std::map<model::TopicPartition, std::map<model::Offset, RecordId>> records_;
};

}  // namespace streamhouse::sim
