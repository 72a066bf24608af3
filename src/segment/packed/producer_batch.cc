#include "segment/packed/producer_batch.h"

#include "base/varint.h"

namespace streamhouse::segment {
namespace {

/// a - b and a + b modulo 2^64: exact inverses of each other for any timestamps.
std::int64_t wrapped_difference(std::int64_t a, std::int64_t b) {
  return static_cast<std::int64_t>(static_cast<std::uint64_t>(a) - static_cast<std::uint64_t>(b));
}
std::int64_t wrapped_sum(std::int64_t a, std::int64_t b) {
  return static_cast<std::int64_t>(static_cast<std::uint64_t>(a) + static_cast<std::uint64_t>(b));
}

std::int64_t step(PackedReader& reader, std::string_view field, model::Offset from) {
  const auto room = std::numeric_limits<std::int64_t>::max() - from.value();
  return static_cast<std::int64_t>(reader.varint(field, static_cast<std::uint64_t>(room)));
}

std::int32_t sequence(PackedReader& reader, std::string_view field, std::int64_t value) {
  if (value < -1 || value > std::numeric_limits<std::int32_t>::max())
    reader.fail(field, "is out of range");
  return static_cast<std::int32_t>(value);
}

}  // namespace

void append_producer(base::ByteVector& out, model::ProducerId producer,
                     model::ProducerEpoch epoch) {
  base::append_varint(out, static_cast<std::uint64_t>(producer.value()));
  base::append_varint(out, static_cast<std::uint64_t>(epoch.value()));
}

void read_producer(PackedReader& reader, model::ProducerId& producer, model::ProducerEpoch& epoch) {
  producer = model::ProducerId(reader.unsigned_as<std::int64_t>("producer id"));
  epoch = model::ProducerEpoch(reader.unsigned_as<std::int16_t>("producer epoch"));
}

std::string_view producer_batch_fault(const ProducerBatch& batch, model::Offset from) {
  if (batch.producer.value() < 0 || batch.epoch.value() < 0) return "producer is negative";
  if (batch.first_sequence < -1 || batch.last_sequence < -1) return "sequence is negative";
  if (batch.offsets.base >= batch.offsets.next) return "producer batch holds no offset";
  if (batch.offsets.base < from) return "producer batches overlap";
  return {};
}

void append_producer_batch(base::ByteVector& out, const ProducerBatch& batch, model::Offset from,
                           std::int64_t timestamp) {
  base::append_varint(out, batch.flags);
  base::append_zigzag(out, batch.first_sequence);
  base::append_zigzag(out, std::int64_t{batch.last_sequence} - batch.first_sequence);
  base::append_varint(out, static_cast<std::uint64_t>(batch.offsets.base - from));
  base::append_varint(out, static_cast<std::uint64_t>(batch.offsets.size()));
  base::append_zigzag(out, wrapped_difference(batch.max_timestamp, timestamp));
}

void read_producer_batch(PackedReader& reader, ProducerBatch& batch, model::Offset from,
                         std::int64_t timestamp) {
  batch.flags = reader.unsigned_as<std::uint8_t>("producer batch flags");
  const std::int64_t first = reader.zigzag("first sequence");
  batch.first_sequence = sequence(reader, "first sequence", first);
  const std::int64_t last = wrapped_sum(batch.first_sequence, reader.zigzag("last sequence"));
  batch.last_sequence = sequence(reader, "last sequence", last);
  batch.offsets.base = from + step(reader, "producer batch offset", from);
  const std::int64_t size = step(reader, "producer batch size", batch.offsets.base);
  batch.offsets.next = batch.offsets.base + size;
  batch.max_timestamp = wrapped_sum(timestamp, reader.zigzag("producer batch timestamp"));
}

}  // namespace streamhouse::segment
