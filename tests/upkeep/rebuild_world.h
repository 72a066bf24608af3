#pragma once
/// \file  RebuildWorld: sessions that write into a bucket as agents do, step by step, beside a
/// database in memory that knows the truth; and a second database that is rebuilt from the bucket.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "metadata/archive/archive_object.h"
#include "metadata/archive/move.h"
#include "metadata/memory/memory_invariants.h"
#include "metadata/memory/memory_metadata_store.h"
#include "objectstore/memory_object_store.h"
#include "runtime/asio_runtime.h"
#include "runtime/run_task.h"
#include "segment/object_writer.h"
#include "segment/seal_marker.h"
#include "tests/core/batches.h"
#include "tests/metadata/archive_bytes.h"
#include "upkeep/rebuild/bucket_reader.h"
#include "upkeep/rebuild/rebuild_rows.h"

namespace streamhouse::upkeep_testing {

using model::LeaderEpoch;
using model::Offset;
using model::Seq;
using model::SessionId;
using model::TopicPartition;

class RebuildWorld : public testing::Test {
 protected:
  static constexpr model::TopicId kCluster{{7, 7}};

  /// One session, as its agent knows it.
  struct Writer {
    SessionId id = {};
    Seq next{1};
    Seq previous{0};   ///< Its newest object.
    Seq committed{0};  ///< Its newest row that is known to be there.
    std::map<TopicPartition, LeaderEpoch> leads = {};
  };
  struct Run {
    TopicPartition key = {};
    int batches = 1;
    core_testing::BatchSpec spec = {};
  };

  static TopicPartition key(std::uint32_t topic, std::int32_t partition) {
    return {model::TopicNo(topic), model::PartitionIndex(partition)};
  }
  template <class T>
  T wait(runtime::Task<T> task) {
    return runtime::run_task(runtime_, std::move(task));
  }
  void put(const std::string& name, objectstore::Chunks content) {
    SH_CHECK(wait(bucket_.put(name, std::move(content))).has_value(), "put");
  }
  void remove(const std::string& name) {
    SH_CHECK(wait(bucket_.remove(name)).has_value(), "removed");
  }

  /// Created, and in the catalogue.
  metadata::Topic create_topic(const std::string& name, std::int32_t partitions,
                               metadata::TopicKind kind = metadata::TopicKind::kUser) {
    model::TopicId id;
    id.bytes[0] = ++topics_made_;
    const auto topic = truth_.create_topic({.name = name,
                                            .id = id,
                                            .partition_count = partitions,
                                            .retention_ms = 5'000,
                                            .config = {{"max.message.bytes", "77"}},
                                            .kind = kind});
    SH_CHECK(topic.has_value(), "created");
    put_catalogue(*topic);
    return *topic;
  }
  void put_catalogue(const metadata::Topic& topic) {
    std::vector<metadata::ArchiveRow> rows;
    rows.emplace_back(metadata::ClusterRow{.cluster = {.cluster_id = kCluster, .created_ms = 3},
                                           .topic_no_latest = topic.no});
    rows.emplace_back(topic);
    put(segment::to_key(segment::CatalogueKey{topic.id, topic.version}),
        {metadata::pack_rows(rows)});
  }

  Writer open(std::uint64_t id) {
    const metadata::NewSession session{.id = SessionId(id),
                                       .agent = {.agent_id = "agent-" + std::to_string(id)},
                                       .timeout_ms = 1'000'000};
    SH_CHECK(truth_.open_session(session).has_value(), "opened");
    return {.id = session.id};
  }
  void acquire(Writer& writer, TopicPartition key) {
    const auto row = truth_.get_partition(key);
    const auto led = truth_.acquire_leases(
        writer.id, {{.key = key, .expected_epoch = row->epoch, .since_seq = writer.next}});
    SH_CHECK(led && led->front(), "acquired");
    writer.leads[key] = led->front()->epoch;
  }
  bool is_free(TopicPartition key) { return truth_.get_partition(key)->owner == model::kNoSession; }

  /// Puts the next object. Offsets go on behind what was put last.
  segment::BuiltObject put_object(Writer& writer, const std::vector<Run>& runs) {
    std::vector<segment::SpanContent> spans;
    for (const Run& run : runs) {
      const LeaderEpoch epoch = writer.leads.at(run.key);
      spans.push_back({.partition = run.key, .epoch = epoch});
      for (int i = 0; i < run.batches; ++i) {
        core_testing::BatchSpec spec = run.spec;
        spec.first_timestamp = ++clock_;
        std::int64_t& next = placed_[run.key];
        spans.back().batches.push_back(core_testing::placed_batch(next, spec, epoch.value()));
        contents_[run.key][next] = spans.back().batches.back();
        next += spec.count;
      }
    }
    const segment::ObjectHeader header{
        .identity = {segment::ObjectLevel::kFlushed, writer.id, writer.next},
        .cluster = kCluster.bytes,
        .known_committed = writer.committed,
        .previous = writer.previous};
    auto built = segment::build_object(header, std::move(spans));
    put(segment::object_key(writer.id, writer.next), built.chunks);
    return built;
  }
  void commit(Writer& writer, const std::vector<Run>& runs) {
    const auto built = put_object(writer, runs);
    const metadata::CommitEntry entry{
        .object_size = built.size, .object_crc = built.crc, .spans = built.span_table};
    SH_CHECK(truth_.append(writer.id, writer.next, entry).has_value(), "appended");
    for (const Run& run : runs) committed_[run.key] = placed_[run.key];
    writer.committed = writer.previous = writer.next;
    ++writer.next;
  }
  segment::PartitionCheckpoint state_of(const Writer& writer, TopicPartition key) {
    return {.partition = key,
            .epoch = writer.leads.at(key),
            .high_watermark = Offset(committed_[key]),
            .log_start = truth_.get_partition(key)->log_start};
  }
  void release(Writer& writer, TopicPartition key) {
    const metadata::ReleaseEntry entry{{state_of(writer, key)}};
    SH_CHECK(truth_.append(writer.id, writer.next, entry).has_value(), "released");
    writer.leads.erase(key);
    writer.committed = writer.next;
    ++writer.next;
  }
  segment::CheckpointTable states_of(const Writer& writer) {
    segment::CheckpointTable states;
    for (const auto& [key, epoch] : writer.leads) states.push_back(state_of(writer, key));
    return states;
  }
  /// Everything up to the newest row is covered from now on.
  void checkpoint(const Writer& writer) {
    SH_CHECK(truth_.checkpoint(writer.id, writer.next - 1, states_of(writer)).has_value(),
             "covered");
  }
  /// The session is taken over; what was put and not committed goes for nothing.
  void take_over(Writer& writer) {
    const auto seal = truth_.seal_session(writer.id);
    put(segment::to_key(segment::SealKey{writer.id}),
        {base::Bytes(segment::encode_seal_marker(
            {.cluster = kCluster.bytes, .session = writer.id, .seq = *seal}))});
    SH_CHECK(truth_.recover_partitions(writer.id, states_of(writer)).has_value(), "recovered");
    SH_CHECK(truth_.finish_recovery(writer.id).has_value(), "finished");
    for (const auto& [key, epoch] : writer.leads) {
      placed_[key] = committed_[key];
      auto& known = contents_[key];
      known.erase(known.lower_bound(committed_[key]), known.end());
    }
    writer.leads.clear();
  }
  void put_trim_mark(SessionId session, Seq to) {
    put(segment::to_key(segment::TrimKey{session, to}), {});
  }
  /// Trims as far as it goes, as upkeep does. Objects stay until remove_dead().
  void trim(SessionId session) {
    const Seq to = *truth_.trim(session, Seq(1'000'000));
    if (to > Seq(0) && truth_.get_session(session)->state == metadata::SessionState::kLive) {
      put_trim_mark(session, to);
    }
  }
  void raise_log_start(TopicPartition key, std::int64_t offset) {
    const auto row = *truth_.get_partition(key);
    SH_CHECK(truth_.advance_log_start(key, row.owner, row.epoch, Offset(offset)).has_value(),
             "raised");
  }
  /// The `count` objects that have been dead for longest.
  void remove_dead(std::size_t count) {
    if (count == 0) return;
    const auto dead = truth_.list_dead(1'000'000'000, count);
    for (const metadata::ObjectRow& row : *dead) {
      remove(row.key);
      SH_CHECK(truth_.forget_objects({row.key}).has_value(), "forgotten");
    }
  }

  /// Rewrites the session's rows up to `upto` by partition; false if there is none. Or the
  /// compactor dies before the transaction, with all outputs put or the first.
  enum class Compact : std::uint8_t { kPutSome, kPut, kReplace };
  bool compact(const Writer& compactor, SessionId log, Seq upto, Compact how) {
    metadata::Replacement replacement{.compactor = compactor.id, .log = log, .upto_seq = upto};
    std::map<std::pair<TopicPartition, LeaderEpoch>, segment::SpanContent> contents;
    std::vector<segment::ObjectInputs> inputs;
    const auto rows = truth_.tail(log, Seq(0), 1'000);
    for (const metadata::LogRow& row : *rows) {
      if (row.seq > upto || row.kind != metadata::RowKind::kCommit) continue;
      replacement.inputs.push_back(row.seq);
      inputs.push_back({{segment::ObjectLevel::kFlushed, log, row.seq}, 1});
      const auto spans = segment::decode_span_table(row.payload);
      for (const segment::Span& span : *spans) {
        auto& content = contents[{span.partition, span.epoch}];
        content.partition = span.partition;
        content.epoch = span.epoch;
        for (auto at = contents_[span.partition].find(span.offsets.base.value());
             at != contents_[span.partition].end() && at->first < span.offsets.next.value(); ++at) {
          content.batches.push_back(at->second);
        }
      }
    }
    if (inputs.empty()) return false;
    for (auto& [key, content] : contents) {
      put_output(compactor, content, inputs, replacement);
      if (how == Compact::kPutSome) return true;
    }
    if (how == Compact::kPut) return true;
    SH_CHECK(truth_.replace_objects(replacement).has_value(), "replaced");
    if (truth_.get_session(log)->state == metadata::SessionState::kLive) put_trim_mark(log, upto);
    return true;
  }
  void put_output(const Writer& compactor, const segment::SpanContent& content,
                  const std::vector<segment::ObjectInputs>& inputs,
                  metadata::Replacement& replacement) {
    const std::int64_t number = ++outputs_;
    const segment::ObjectHeader header{
        .identity = {segment::ObjectLevel::kCompacted, compactor.id, Seq(number)},
        .cluster = kCluster.bytes};
    const auto built = segment::build_object(header, {content}, inputs);
    const segment::Span& span = built.spans.front();
    const auto topic = truth_.get_topic(content.partition.topic);
    const std::string name = segment::to_key(segment::SegmentKey{
        topic->id, span.partition.partition, span.offsets.base, compactor.id, number});
    put(name, built.chunks);
    replacement.objects.push_back({.key = name, .level = 1, .size = built.size});
    replacement.segments.push_back({.key = span.partition,
                                    .location = {.offsets = span.offsets,
                                                 .object_key = name,
                                                 .position = span.position,
                                                 .length = span.length,
                                                 .object_size = built.size,
                                                 .max_timestamp = span.max_timestamp,
                                                 .epoch = span.epoch},
                                    .record_count = span.offsets.size()});
  }

  // ---- the rebuild

  upkeep::RebuildPlan plan() {
    upkeep::BucketReader reader(bucket_);
    auto read = wait(reader.read());
    SH_CHECK(read.has_value(), "read");
    facts_ = *std::move(read);
    found_ = reader.findings();
    upkeep::RebuildPlan plan = upkeep::RebuildPlanner(facts_).plan();
    std::ranges::copy(plan.findings, std::back_inserter(found_));
    return plan;
  }
  /// Into an empty database; what fsck and the specification ask of any database holds of it.
  void rebuild() {
    const upkeep::RebuildPlan planned = plan();
    const auto bytes = std::make_shared<tests::ArchiveBytes>();
    metadata::ArchiveWriter writer(bytes);
    ASSERT_TRUE(upkeep::pass_rows(facts_, planned, writer));
    ASSERT_TRUE(writer.finish());
    rebuilt_ = std::make_unique<metadata::MemoryMetadata>([] { return metadata::DatabaseMs{1}; },
                                                          model::TopicId{{9}});
    metadata::MemoryMetadataStore store(*rebuilt_);
    const auto imported = wait(metadata::import_metadata(store, *bytes));
    ASSERT_TRUE(imported) << to_string(imported.error());
    const auto& tables = rebuilt_->tables();
    EXPECT_EQ(metadata::to_string(metadata::check_invariants(tables)), "");
    EXPECT_EQ(metadata::to_string(metadata::check_tiling(tables)), "");
  }
  /// The bytes that the rebuilt database finds from its log start on are those that were put, with
  /// nothing between them and nothing twice.
  void expect_contents(TopicPartition key) {
    const auto row = rebuilt_->get_partition(key);
    ASSERT_TRUE(row);
    Offset next = row->log_start;
    const auto spans = rebuilt_->list_segments(key, row->log_start, 1'000);
    for (const metadata::SpanLocation& span : *spans) {
      const auto bytes = wait(bucket_.get(span.object_key, {span.position, span.length}));
      ASSERT_TRUE(bytes) << to_string(bytes.error());
      model::BatchCursor cursor(*bytes);
      EXPECT_LE(span.offsets.base, next);
      for (auto batch = cursor.next(); batch && *batch; batch = cursor.next()) {
        const auto wanted = contents_[key].find((*batch)->base_offset().value());
        ASSERT_NE(wanted, contents_[key].end());
        EXPECT_TRUE(base::equal((*batch)->bytes(), wanted->second)) << "offset " << wanted->first;
      }
      EXPECT_GE(span.offsets.next, next);
      next = span.offsets.next;
    }
    EXPECT_EQ(next, std::max(row->high_watermark, row->log_start));
  }
  Offset rebuilt_log_start(TopicPartition key) { return rebuilt_->get_partition(key)->log_start; }
  Offset rebuilt_end(TopicPartition key) { return rebuilt_->get_partition(key)->high_watermark; }

  metadata::DatabaseMs clock_ = 1'000;
  runtime::AsioRuntime runtime_{1};
  metadata::MemoryMetadata truth_{[this] { return clock_; }, kCluster};
  objectstore::MemoryObjectStore bucket_;
  std::map<TopicPartition, std::int64_t> placed_;     ///< Next offsets, with what is pending.
  std::map<TopicPartition, std::int64_t> committed_;  ///< Next offsets.
  std::map<TopicPartition, std::map<std::int64_t, base::Bytes>> contents_;  ///< By base offset.
  std::uint8_t topics_made_ = 0;
  std::int64_t outputs_ = 0;

  upkeep::BucketFacts facts_;
  upkeep::RebuildFindings found_;
  std::unique_ptr<metadata::MemoryMetadata> rebuilt_;
};

}  // namespace streamhouse::upkeep_testing
