#pragma once
/// \file  UpkeepWorld: a SessionWorld whose log is written by hand, object by object, and can be
/// damaged.

#include <functional>

#include "segment/object_key.h"
#include "segment/object_writer.h"
#include "tests/core/session_world.h"

namespace streamhouse::upkeep_testing {

using core_testing::BatchSpec;
using core_testing::placed_batch;
using model::LeaderEpoch;
using model::Offset;
using model::Seq;

class UpkeepWorld : public core_testing::SessionWorld {
 protected:
  /// A run of single-record batches of one partition.
  struct Run {
    std::int32_t partition = 0;
    std::int64_t base = 0;
    int batches = 1;
    std::int32_t epoch = 1;
    std::size_t value_bytes = 20;
  };

  static std::string object(model::SessionId session, std::int64_t seq) {
    return segment::object_key(session, Seq(seq));
  }
  std::string object(std::int64_t seq) const { return object(session_.id(), seq); }

  static std::vector<segment::SpanContent> content(const std::vector<Run>& runs) {
    std::vector<segment::SpanContent> spans;
    for (const Run& run : runs) {
      spans.push_back({.partition = key(run.partition), .epoch = LeaderEpoch(run.epoch)});
      for (int i = 0; i < run.batches; ++i) {
        const BatchSpec spec{.value_bytes = run.value_bytes};
        spans.back().batches.push_back(placed_batch(run.base + i, spec, run.epoch));
      }
    }
    return spans;
  }
  segment::BuiltObject build(model::SessionId session, std::int64_t seq,
                             const std::vector<Run>& runs) {
    return segment::build_object(
        {.identity = {segment::ObjectLevel::kFlushed, session, Seq(seq)}, .cluster = {}},
        content(runs));
  }

  segment::BuiltObject put(model::SessionId session, std::int64_t seq,
                           const std::vector<Run>& runs) {
    segment::BuiltObject built = build(session, seq, runs);
    SH_CHECK(wait(stored_.put(object(session, seq), built.chunks)).has_value(), "put");
    return built;
  }
  void append(model::SessionId session, std::int64_t seq, const segment::BuiltObject& built) {
    const metadata::CommitEntry entry{
        .object_size = built.size, .object_crc = built.crc, .spans = built.span_table};
    SH_CHECK(tables_.append(session, Seq(seq), entry).has_value(), "appended");
  }
  void commit(model::SessionId session, std::int64_t seq, const std::vector<Run>& runs) {
    append(session, seq, put(session, seq, runs));
  }
  void commit(std::int64_t seq, const std::vector<Run>& runs) { commit(session_.id(), seq, runs); }

  /// What one run of compaction writes; `runs` of one object each, numbered from `number` on.
  struct Compaction {
    model::SessionId compactor;
    std::int64_t first_seq = 1;  ///< Of this session's log.
    std::int64_t last_seq = 1;
    std::vector<std::vector<Run>> objects;
    std::int64_t number = 1;
  };
  std::string compacted(const Compaction& run, std::size_t at) const {
    const Run& first = run.objects.at(at).front();
    return segment::to_key(
        segment::SegmentKey{.topic = tables_.get_topic(model::TopicNo(1))->id,
                            .partition = model::PartitionIndex(first.partition),
                            .base = Offset(first.base),
                            .compactor = run.compactor,
                            .number = run.number + static_cast<std::int64_t>(at)});
  }
  segment::BuiltObject build_compacted(const Compaction& run, std::size_t at) {
    const Seq number(run.number + static_cast<std::int64_t>(at));
    const segment::ObjectIdentity first{segment::ObjectLevel::kFlushed, session_.id(),
                                        Seq(run.first_seq)};
    return segment::build_object(
        {.identity = {segment::ObjectLevel::kCompacted, run.compactor, number}, .cluster = {}},
        content(run.objects.at(at)), {{.first = first, .count = run.last_seq - run.first_seq + 1}});
  }
  void put_compacted(const Compaction& run) {
    for (std::size_t at = 0; at < run.objects.size(); ++at) {
      const auto built = build_compacted(run, at);
      SH_CHECK(wait(stored_.put(compacted(run, at), built.chunks)).has_value(), "put");
    }
  }
  base::Status replace(const Compaction& run) {
    metadata::Replacement replacement{
        .compactor = run.compactor, .log = session_.id(), .upto_seq = Seq(run.last_seq)};
    for (std::int64_t seq = run.first_seq; seq <= run.last_seq; ++seq) {
      replacement.inputs.emplace_back(seq);
    }
    for (std::size_t at = 0; at < run.objects.size(); ++at) {
      const auto built = build_compacted(run, at);
      const std::string name = compacted(run, at);
      replacement.objects.push_back({.key = name, .level = 1, .size = built.size});
      for (const segment::Span& span : built.spans) {
        replacement.segments.push_back({.key = span.partition,
                                        .location = {.offsets = span.offsets,
                                                     .object_key = name,
                                                     .position = span.position,
                                                     .length = span.length,
                                                     .object_size = built.size,
                                                     .max_timestamp = span.max_timestamp},
                                        .record_count = span.offsets.size()});
      }
    }
    return tables_.replace_objects(replacement);
  }

  /// Changes the metadata behind its back.
  void damage(const std::function<void(metadata::MemoryTables&)>& change) {
    metadata::MemoryTables tables = tables_.tables();
    change(tables);
    tables_.restore(std::move(tables));
  }
  /// Changes a stored object behind everybody's back.
  void damage_object(const std::string& name,
                     const std::function<void(base::ByteVector&)>& change) {
    base::ByteVector bytes = base::to_vector(*stored_.peek(name));
    change(bytes);
    replace_object(name, base::Bytes(std::move(bytes)));
  }
  void replace_object(const std::string& name, base::Bytes bytes) {
    SH_CHECK(wait(stored_.remove(name)).has_value(), "removed");
    SH_CHECK(wait(stored_.put(name, {std::move(bytes)})).has_value(), "put");
  }
  bool is_stored(const std::string& name) const { return stored_.peek(name).has_value(); }

  /// Another session, of another agent; live.
  model::SessionId open_session(std::uint64_t id, const std::string& agent) {
    const metadata::NewSession session{.id = model::SessionId(id),
                                       .agent = {.agent_id = agent, .address = agent + ":1"},
                                       .timeout_ms = 1'000'000};
    SH_CHECK(tables_.open_session(session).has_value(), "opened");
    return session.id;
  }
  /// Seals a session and frees what it leads, whose high watermarks are `ends`.
  void take_over(model::SessionId session, const std::map<std::int32_t, std::int64_t>& ends) {
    SH_CHECK(tables_.seal_session(session).has_value(), "sealed");
    segment::CheckpointTable states;
    for (const metadata::Partition& row : tables_.load_recovery(session)->owned) {
      states.push_back({.partition = row.key,
                        .epoch = row.epoch,
                        .high_watermark = Offset(ends.at(row.key.partition.value())),
                        .log_start = row.log_start,
                        .producers = row.producers});
    }
    SH_CHECK(tables_.recover_partitions(session, states).has_value(), "recovered");
    SH_CHECK(tables_.finish_recovery(session).has_value(), "finished");
  }
  /// Moves a log start as the leader does.
  void raise_log_start(std::int32_t partition, std::int64_t offset) {
    const metadata::Partition row = *tables_.get_partition(key(partition));
    SH_CHECK(tables_.advance_log_start(row.key, row.owner, row.epoch, Offset(offset)).has_value(),
             "raised");
  }
  std::int64_t now_ms() const {
    return std::chrono::duration_cast<core_testing::milliseconds>(scheduler_.elapsed()).count();
  }
};

}  // namespace streamhouse::upkeep_testing
