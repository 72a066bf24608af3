#pragma once
/// \file  Seeded random span tables and producer batches that keep every rule of span_fault.

#include <random>

#include "segment/span.h"

namespace streamhouse::segment::testing {

inline std::int64_t random_below(std::mt19937_64& random, std::int64_t limit) {
  return static_cast<std::int64_t>(random() % static_cast<std::uint64_t>(limit));
}

/// Cuts `within` into batches of random producers, leaving some gaps.
inline std::vector<ProducerBatch> random_producers(std::mt19937_64& random,
                                                   model::OffsetRange within) {
  std::vector<ProducerBatch> batches;
  for (model::Offset next = within.base; next < within.next;) {
    const model::Offset base = next + random_below(random, 3);
    next = base + 1 + random_below(random, 50);
    if (next > within.next) break;
    const auto first = static_cast<std::int32_t>(random() & 0x7fffffff);
    batches.push_back({.producer = model::ProducerId(random_below(random, 5000)),
                       .epoch = model::ProducerEpoch(static_cast<std::int16_t>(random() % 4)),
                       .first_sequence = first,
                       .last_sequence = static_cast<std::int32_t>(
                           (static_cast<std::uint32_t>(first) + (next - base) - 1) & 0x7fffffff),
                       .offsets = {base, next},
                       .max_timestamp = static_cast<std::int64_t>(random() >> 20),
                       .flags = static_cast<std::uint8_t>(random() % 4)});
  }
  return batches;
}

/// `count` spans of about count / 2 partitions in a handful of topics; positions start at 64.
inline SpanTable random_table(std::mt19937_64& random, std::size_t count) {
  SpanTable table;
  model::TopicPartition partition{model::TopicNo(1), model::PartitionIndex(0)};
  model::Offset next(random_below(random, 1'000'000));
  for (std::size_t i = 0; i < count; ++i) {
    const auto kind = random() % 8;
    if (kind == 0) {
      partition = {model::TopicNo(partition.topic.value() + 1 + random() % 300),
                   model::PartitionIndex(static_cast<std::int32_t>(random() % 1000))};
    } else if (kind < 6) {
      partition.partition = model::PartitionIndex(partition.partition.value() + 1);
    }
    if (kind < 6) next = model::Offset(random_below(random, std::int64_t{1} << (random() % 60)));
    Span& span = table.emplace_back();
    span.partition = partition;
    span.epoch = model::LeaderEpoch(static_cast<std::int32_t>(random() % 3));
    span.offsets = {next, next + 1 + random_below(random, 300)};
    span.length = 1 + static_cast<std::uint32_t>(random() % 100'000);
    span.batch_count = 1 + static_cast<std::uint32_t>(random_below(random, span.offsets.size()));
    span.max_timestamp = static_cast<std::int64_t>(random() >> (random() % 60)) - 1000;
    span.flags = static_cast<std::uint8_t>(random() % 4);
    if (random() % 2 == 0) span.producers = random_producers(random, span.offsets);
    next = span.offsets.next + random_below(random, 2);
  }
  place_spans(table, 64);
  return table;
}

}  // namespace streamhouse::segment::testing
