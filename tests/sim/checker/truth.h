#pragma once
/// \file  Truth: what is really committed, rebuilt from the database's rows and the stored bytes
/// after every database operation. Acknowledgements and reads are compared with it the moment they
/// happen.

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <vector>

#include "base/bytes.h"
#include "fence_history.h"
#include "metadata/memory/memory_tables.h"
#include "producer_order.h"
#include "segment/object_key.h"
#include "violations.h"

namespace streamhouse::sim {

/// Every record that a simulated producer sends has a value that begins with a number of its own.
using RecordId = std::uint64_t;

/// The ids of a batch's records, in order. Errors: as RecordReader.
base::Result<std::vector<RecordId>> record_ids(base::BytesView batch);

/// Checks after each operation: L4, R1 (of the rows), F1, F4, F5, W7, and W4: no row counts again
/// that was trimmed. At each commit: W1, W4 (the object is the one that its session built for this
/// very row), L2, L3, L6, W5, F2, F3, S1. At each purge of a topic: S8. L5 needs no check of its
/// own: every read is compared with one log that only grows (L1, R1), so any two reads agree with
/// each other. Nor does F6: clocks and lease times are arbitrary in the runs (Scenario), and all of
/// this must hold in each of them.
class Truth {
 public:
  /// The object as the store has it, nullopt if it is not there.
  using ObjectSource = std::function<std::optional<base::Bytes>(const std::string& key)>;

  Truth(ObjectSource objects, Violations& violations)
      : objects_(std::move(objects)), violations_(violations), fences_(violations) {}

  /// Looks at what changed since the last look.
  void observe(const metadata::MemoryTables& tables);

  /// First offset that is not committed.
  model::Offset end(model::TopicPartition key) const;
  /// Of the durable log start.
  model::Offset log_start(model::TopicPartition key) const;
  /// What is committed there, nullopt above end().
  std::optional<RecordId> at(model::TopicPartition key, model::Offset offset) const;
  /// Where the record is committed.
  std::optional<model::Offset> find(model::TopicPartition key, RecordId record) const;
  bool is_live(model::TopicPartition key) const { return live_topics_.contains(key.topic); }

  /// An acknowledgement reached its producer (L2, W1).
  void acknowledged(model::TopicPartition key, model::Offset base,
                    const std::vector<RecordId>& records);
  /// A reader was given these records (L1, R1, and with them L5).
  void read(model::TopicPartition key, model::Offset base, const std::vector<RecordId>& records);
  /// A reader was told this high watermark (R1).
  void shown_high_watermark(model::TopicPartition key, model::Offset high_watermark);

  /// Whether the object store has the topic as it is (S8).
  bool is_stored(const metadata::Topic& topic) const;
  /// An agent is about to remove an object (S1, S3, and S4: not before its grace; S8).
  void removing(const metadata::MemoryTables& tables, const std::string& key,
                metadata::DatabaseMs dead_before_ms);
  /// An object that nobody needs or can still need, and nobody will look for later (S7).
  /// `puts_come_late`: one may have come after its object was removed, and stays while its session
  /// lives.
  static bool is_garbage(const metadata::MemoryTables& tables, const std::string& key,
                         bool puts_come_late);

  std::uint64_t commits() const { return commits_; }
  /// Called when a session is seen sealed for the first time.
  void on_seal(std::function<void(model::SessionId)> callback) { on_seal_ = std::move(callback); }

 private:
  struct PartitionTruth {
    std::vector<RecordId> records;
    std::map<RecordId, std::int64_t> positions;
    std::map<model::LeaderEpoch, model::SessionId> leaders;
    model::Offset log_start;
    model::LeaderEpoch epoch;
  };

  void observe_topics(const metadata::MemoryTables& tables);
  void observe_partitions(const metadata::MemoryTables& tables);
  void observe_session(const metadata::MemoryTables& tables,
                       const metadata::SessionRecord& session);
  void observe_oldest(const metadata::SessionRecord& session);
  void commit(const metadata::MemoryTables& tables, model::SessionId session,
              const metadata::CheckedRow& row);
  void commit_span(const metadata::MemoryTables& tables, model::SessionId session,
                   const segment::Span& span, const base::Bytes& object);
  void commit_batch(model::TopicPartition key, const model::RecordBatchView& batch);
  void removing_topic(const std::string& key, segment::CatalogueKey name);
  void removing_mark(const metadata::MemoryTables& tables, const std::string& key,
                     segment::TrimKey mark);
  /// Whether a rebuild knows that the session's rows up to `seq` have counted.
  bool is_marked(const metadata::MemoryTables& tables, model::SessionId session,
                 model::Seq seq) const;

  ObjectSource objects_;
  Violations& violations_;
  FenceHistory fences_;
  ProducerOrder order_;
  std::map<model::TopicPartition, PartitionTruth> partitions_;
  std::map<model::SessionId, model::Seq> seen_;    ///< Newest row looked at.
  std::map<model::SessionId, model::Seq> oldest_;  ///< Oldest row that counts.
  std::set<model::SessionId> sealed_;
  std::set<model::TopicNo> live_topics_;
  std::map<model::TopicNo, metadata::Topic> topics_;  ///< As seen last.
  std::uint64_t commits_ = 0;
  std::function<void(model::SessionId)> on_seal_;
};

}  // namespace streamhouse::sim
