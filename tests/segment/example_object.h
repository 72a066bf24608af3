#pragma once
/// \file  Objects with real record batches in them, for tests: seeded, so that a test can say
/// which.

#include <algorithm>
#include <random>
#include <utility>
#include <vector>

#include "base/check.h"
#include "model/record_batch.h"
#include "model/record_batch_builder.h"
#include "segment/object_key.h"
#include "segment/object_writer.h"

namespace streamhouse::segment::testing {

constexpr model::SessionId kExampleSession{0x0123456789abcdef};
constexpr std::int64_t kExampleTime = 1'790'000'000'000;

inline ObjectHeader example_header(std::int64_t seq = 42) {
  ObjectHeader header{.identity = {.session = kExampleSession, .seq = model::Seq(seq)},
                      .known_committed = model::Seq(seq - 2)};
  for (std::size_t i = 0; i < header.cluster.size(); ++i)
    header.cluster[i] = static_cast<std::uint8_t>(0xc0 + i);
  return header;
}

inline std::string example_key(std::int64_t seq = 42) {
  return object_key(kExampleSession, model::Seq(seq));
}

struct BatchShape {
  std::size_t size = 100;  ///< Bytes to come close to, not above, if the records take no more.
  int count = 1;           ///< Records.
  model::BatchHeaderFields fields = {};
};

/// A placed, uncompressed batch of records with random values.
inline base::Bytes example_batch(std::mt19937_64& random, model::Offset base,
                                 model::LeaderEpoch epoch, const BatchShape& shape) {
  constexpr std::size_t kRecordOverhead = 16;
  const auto records = static_cast<std::size_t>(shape.count);
  const std::size_t least = model::kBatchHeaderSize + records * kRecordOverhead;
  const std::size_t spare = shape.size > least ? shape.size - least : 0;
  model::RecordBatchBuilder builder(shape.fields);
  for (std::size_t i = 0; i < records; ++i) {
    base::ByteVector value(spare / records);
    std::ranges::generate(value, [&random] { return static_cast<std::uint8_t>(random()); });
    const auto time = kExampleTime + static_cast<std::int64_t>(random() % 250);
    SH_CHECK(builder.append({.timestamp = time, .value = base::BytesView(value)}), "appended");
  }
  auto batch = std::move(builder).build(model::Codec::kNone);
  SH_CHECK(batch.has_value(), "built");
  model::place_batch(*batch, base, epoch);
  return base::Bytes(*std::move(batch));
}

/// Batches of the given sizes, one record each unless `count` says more, from `base` on.
inline SpanContent example_span(std::mt19937_64& random, model::TopicPartition partition,
                                model::Offset base, const std::vector<std::size_t>& sizes,
                                int count = 1) {
  SpanContent span{.partition = partition, .epoch = model::LeaderEpoch(3)};
  for (const std::size_t size : sizes) {
    span.batches.push_back(example_batch(random, base, span.epoch, {.size = size, .count = count}));
    base += count;
  }
  return span;
}

inline model::TopicPartition partition(std::uint32_t topic, std::int32_t index) {
  return {model::TopicNo(topic), model::PartitionIndex(index)};
}

/// Up to `span_max` spans of up to 12 batches, some of which are larger than a block.
inline std::vector<SpanContent> random_contents(std::mt19937_64& random, std::size_t span_max) {
  std::vector<SpanContent> contents;
  const std::size_t spans = 1 + random() % span_max;
  for (std::size_t i = 0; i < spans; ++i) {
    std::vector<std::size_t> sizes(1 + random() % 12);
    for (std::size_t& size : sizes) size = std::size_t{100} << (random() % 11);
    const auto index = static_cast<std::int32_t>(i);
    contents.push_back(example_span(random, partition(1 + static_cast<std::uint32_t>(i / 5), index),
                                    model::Offset(static_cast<std::int64_t>(random() >> 20)), sizes,
                                    1 + static_cast<int>(random() % 4)));
  }
  return contents;
}

/// The object's bytes in one piece, as a store would give them back.
inline base::ByteVector gathered(const BuiltObject& object) {
  base::ByteVector bytes;
  for (const base::Bytes& chunk : object.chunks)
    bytes.insert(bytes.end(), chunk.view().begin(), chunk.view().end());
  return bytes;
}

}  // namespace streamhouse::segment::testing
