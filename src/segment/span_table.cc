#include <algorithm>

#include "base/check.h"
#include "base/varint.h"
#include "segment/packed/packed_reader.h"
#include "segment/packed/partition_step.h"
#include "segment/packed/producer_batch.h"
#include "segment/packed/runs.h"
#include "segment/span.h"

namespace streamhouse::segment {
namespace {

constexpr std::uint64_t kVersion = 1;
constexpr std::size_t kSpanBytesMin = 5;  // four of its place, one of its timestamp

std::uint64_t epoch_of(const Span& span) { return static_cast<std::uint64_t>(span.epoch.value()); }

std::int64_t earliest_timestamp(const SpanTable& table) {
  const auto first = std::ranges::min_element(table, {}, &Span::max_timestamp);
  return first == table.end() ? 0 : first->max_timestamp;
}

void append_places(base::ByteVector& out, const SpanTable& table) {
  model::TopicPartition previous;
  for (const Span& span : table) {
    append_partition_step(out, previous, span.partition);
    base::append_varint(out, static_cast<std::uint64_t>(span.offsets.base.value()));
    base::append_varint(out, static_cast<std::uint64_t>(span.offsets.size()));
    base::append_varint(out, span.length);
    previous = span.partition;
  }
}

void append_producers(base::ByteVector& out, const SpanTable& table) {
  append_runs(out, table, [](const Span& span) { return span.producers.size(); });
  for (const Span& span : table) {
    model::Offset next = span.offsets.base;
    for (const ProducerBatch& batch : span.producers) {
      append_producer(out, batch.producer, batch.epoch);
      append_producer_batch(out, batch, next, span.max_timestamp);
      next = batch.offsets.next;
    }
  }
}

/// `count` is a claim until its bytes are read.
SpanTable read_places(PackedReader& reader, std::uint64_t count, std::uint64_t position) {
  SpanTable table;
  table.reserve(reader.plausible(count, kSpanBytesMin));
  model::TopicPartition partition;
  for (; count > 0 && reader.ok(); --count) {
    Span& span = table.emplace_back();
    span.partition = partition = read_partition_step(reader, partition);
    span.offsets.base = model::Offset(reader.unsigned_as<std::int64_t>("base offset"));
    const auto room = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max() -
                                                 span.offsets.base.value());
    const auto size = static_cast<std::int64_t>(reader.varint("offset count", room));
    span.offsets.next = span.offsets.base + size;
    span.length = reader.unsigned_as<std::uint32_t>("length");
    span.position = position;
    position += span.length;
  }
  return table;
}

void read_timestamps(PackedReader& reader, std::int64_t base, SpanTable& table) {
  const auto room = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max()) -
                    static_cast<std::uint64_t>(base);
  for (Span& span : table) {
    const auto delta = reader.varint("max timestamp", room);
    span.max_timestamp = static_cast<std::int64_t>(static_cast<std::uint64_t>(base) + delta);
  }
}

void read_columns(PackedReader& reader, SpanTable& table) {
  read_runs(reader, "leader epoch", std::numeric_limits<std::int32_t>::max(), table,
            [](Span& span, std::uint64_t value) {
              span.epoch = model::LeaderEpoch(static_cast<std::int32_t>(value));
            });
  read_runs(reader, "batch count", std::numeric_limits<std::uint32_t>::max(), table,
            [](Span& span, std::uint64_t value) {
              span.batch_count = static_cast<std::uint32_t>(value);
            });
  read_runs(reader, "flags", std::numeric_limits<std::uint8_t>::max(), table,
            [](Span& span, std::uint64_t value) { span.flags = static_cast<std::uint8_t>(value); });
}

void read_producers(PackedReader& reader, SpanTable& table) {
  std::vector<std::uint64_t> counts(table.size());
  read_runs(reader, "producer batch count", std::numeric_limits<std::uint32_t>::max(), counts,
            [](std::uint64_t& count, std::uint64_t value) { count = value; });
  for (std::size_t i = 0; i < table.size(); ++i) {
    Span& span = table[i];
    model::Offset next = span.offsets.base;
    for (std::uint64_t left = counts[i]; left > 0 && reader.ok(); --left) {
      ProducerBatch& batch = span.producers.emplace_back();
      read_producer(reader, batch.producer, batch.epoch);
      read_producer_batch(reader, batch, next, span.max_timestamp);
      next = batch.offsets.next;
    }
  }
}

void check_spans(PackedReader& reader, const SpanTable& table) {
  const Span* previous = nullptr;
  for (const Span& span : table) {
    if (!reader.ok()) return;
    const auto fault = span_fault(previous, span);
    if (!fault.empty())
      reader.fail("span " + std::to_string(&span - table.data()),
                  "is refused: " + std::string(fault));
    previous = &span;
  }
}

}  // namespace

base::ByteVector encode_span_table(const SpanTable& table) {
  const Span* previous = nullptr;
  for (const Span& span : table) {
    SH_CHECK(span_fault(previous, span).empty(), "a span table is encoded only if it is in order");
    previous = &span;
  }
  const std::int64_t base_timestamp = earliest_timestamp(table);
  base::ByteVector out(kPackedChecksumSize);
  out.reserve(64 + 12 * table.size());
  base::append_varint(out, kVersion);
  base::append_varint(out, table.size());
  base::append_varint(out, table.empty() ? 0 : table.front().position);
  base::append_zigzag(out, base_timestamp);
  append_places(out, table);
  for (const Span& span : table)
    base::append_varint(out, static_cast<std::uint64_t>(span.max_timestamp) -
                                 static_cast<std::uint64_t>(base_timestamp));
  append_runs(out, table, epoch_of);
  append_runs(out, table, [](const Span& span) { return std::uint64_t{span.batch_count}; });
  append_runs(out, table, [](const Span& span) { return std::uint64_t{span.flags}; });
  append_producers(out, table);
  seal_packed(out);
  return out;
}

base::Result<SpanTable> decode_span_table(base::BytesView bytes) {
  PackedReader reader("span table", bytes);
  reader.expect_version(kVersion);
  const std::uint64_t count = reader.varint("span count");
  const std::uint64_t position = reader.varint("first position");
  const std::int64_t base_timestamp = reader.zigzag("base timestamp");
  SpanTable table = read_places(reader, count, position);
  read_timestamps(reader, base_timestamp, table);
  read_columns(reader, table);
  read_producers(reader, table);
  reader.expect_end();
  check_spans(reader, table);
  if (!reader.ok()) return reader.error();
  return table;
}

}  // namespace streamhouse::segment
