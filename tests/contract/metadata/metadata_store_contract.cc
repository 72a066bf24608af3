#include "tests/contract/metadata_store_contract.h"

#include <algorithm>

#include "base/crc32c.h"

namespace streamhouse::metadata::contract {

model::TopicId topic_id(std::uint64_t number) {
  model::TopicId id;
  for (std::size_t i = 0; i < 8; ++i) id.bytes[i] = static_cast<std::uint8_t>(number >> (8 * i));
  id.bytes[15] = 0xff;
  return id;
}

NewTopic new_topic(const std::string& name, std::int32_t partitions) {
  return {.name = name,
          .id = topic_id(base::crc32c(base::as_bytes(name))),
          .partition_count = partitions};
}

TopicPartition key_of(const Topic& topic, std::int32_t index) {
  return {topic.no, model::PartitionIndex(index)};
}

segment::Span span(TopicPartition key, std::int64_t base, std::int64_t next, std::int32_t epoch) {
  return {.partition = key,
          .epoch = LeaderEpoch(epoch),
          .offsets = {Offset(base), Offset(next)},
          .length = static_cast<std::uint32_t>(100 * (next - base)),
          .batch_count = 1,
          .max_timestamp = 5'000 + next};
}

CommitEntry commit(std::vector<segment::Span> spans, std::uint32_t salt) {
  std::ranges::sort(spans);
  const std::uint64_t end = segment::place_spans(spans, 64);
  base::Bytes encoded(segment::encode_span_table(spans));
  const std::uint32_t crc = base::crc32c(encoded) + salt;
  return {.object_size = end + 100, .object_crc = crc, .spans = std::move(encoded)};
}

CommitEntry any_commit(std::uint32_t salt) {
  return commit({span({model::TopicNo(4'000'000'000), model::PartitionIndex(0)}, 0, 1)}, salt);
}

segment::PartitionCheckpoint entry(TopicPartition key, std::int32_t epoch,
                                   std::int64_t high_watermark, std::int64_t log_start) {
  return {
      .partition = key,
      .epoch = LeaderEpoch(epoch),
      .high_watermark = Offset(high_watermark),
      .log_start = Offset(log_start),
      .producers = base::Bytes(std::string("producers as of ") + std::to_string(high_watermark))};
}

ReleaseEntry release(segment::CheckpointTable partitions) { return {std::move(partitions)}; }

void MetadataStoreContract::start_anew() {
  backend_.reset();
  now_ = kStart;
  backend_ = GetParam().make(runtime_);
}

Topic MetadataStoreContract::create(const std::string& name, std::int32_t partitions) {
  return must(store().create_topic(new_topic(name, partitions)));
}

Topic MetadataStoreContract::delete_topic(const std::string& name) {
  const Topic topic = must(store().get_topic(name));
  return must(store().delete_topic(topic.id)).value();
}

void MetadataStoreContract::open(SessionId session, const std::string& agent) {
  const NewSession wanted{.id = session,
                          .agent = {.agent_id = agent, .address = agent + ":9090"},
                          .timeout_ms = kTimeout};
  must(store().open_session(wanted));
}

Partition MetadataStoreContract::lead(SessionId session, TopicPartition key, Seq since) {
  const AcquireRequest request{
      .key = key, .expected_epoch = partition(key).epoch, .since_seq = since};
  const auto answers = must(store().acquire_leases(session, {request}));
  if (answers.size() != 1 || !answers[0]) throw std::runtime_error("lead: not acquired");
  return *answers[0];
}

void MetadataStoreContract::append(SessionId session, std::int64_t seq, LogEntry entry) {
  EXPECT_EQ(must(store().append(session, Seq(seq), std::move(entry))), Appended::kNow);
}

void MetadataStoreContract::take_over(SessionId session) {
  must(store().seal_session(session));
  segment::CheckpointTable table;
  for (const Partition& row : must(store().load_recovery(session)).owned)
    table.push_back({.partition = row.key,
                     .epoch = row.epoch,
                     .high_watermark = row.high_watermark,
                     .log_start = row.log_start,
                     .producers = row.producers});
  const std::size_t owned = table.size();
  EXPECT_EQ(must(store().recover_partitions(session, table)), owned);
  must(store().finish_recovery(session));
}

std::string MetadataStoreContract::rows(SessionId session) {
  std::string text;
  for (const LogRow& row : must(store().tail(session, Seq(-1), 1'000'000))) {
    text += text.empty() ? "" : " ";
    text += "OCRS"[static_cast<int>(row.kind)] + std::to_string(row.seq.value());
  }
  return text;
}

std::string MetadataStoreContract::spans(TopicPartition key) {
  std::string text;
  const auto loaded = must(store().load_partitions({key}));
  if (loaded.size() != 1) return "unknown";
  for (const SpanLocation& location : loaded[0].spans) {
    text += text.empty() ? "[" : " [";
    text += std::to_string(location.offsets.base.value()) + "," +
            std::to_string(location.offsets.next.value()) + ")";
  }
  return text;
}

std::vector<Change> MetadataStoreContract::changes_after(std::int64_t version) {
  return must(store().watch_changes(version, 1'000'000)).changes;
}

}  // namespace streamhouse::metadata::contract
