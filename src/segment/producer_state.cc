#include "segment/producer_state.h"

#include "base/check.h"
#include "base/varint.h"
#include "segment/packed/packed_reader.h"
#include "segment/packed/producer_batch.h"

namespace streamhouse::segment {
namespace {

constexpr std::uint64_t kVersion = 1;

void append_entry(base::ByteVector& out, const ProducerEntry& entry) {
  append_producer(out, entry.producer, entry.epoch);
  base::append_zigzag(out, entry.last_timestamp);
  base::append_varint(out, entry.batches.size());
  model::Offset next(0);
  for (const ProducerBatch& batch : entry.batches) {
    append_producer_batch(out, batch, next, entry.last_timestamp);
    next = batch.offsets.next;
  }
  // 0 for none, so that an open transaction costs what its offset takes and no other entry pays.
  const auto& open = entry.open_transaction;
  base::append_varint(out, open ? static_cast<std::uint64_t>(open->value()) + 1 : 0);
}

void read_entry(PackedReader& reader, ProducerEntry& entry) {
  read_producer(reader, entry.producer, entry.epoch);
  entry.last_timestamp = reader.zigzag("last timestamp");
  entry.batches.resize(reader.varint("batch count", kProducerBatchesMax));
  model::Offset next(0);
  for (ProducerBatch& batch : entry.batches) {
    batch.producer = entry.producer;
    batch.epoch = entry.epoch;
    read_producer_batch(reader, batch, next, entry.last_timestamp);
    next = batch.offsets.next;
  }
  constexpr std::uint64_t kOpenMax = std::uint64_t{1} << 63;
  const std::uint64_t open = reader.varint("open transaction", kOpenMax);
  if (open > 0) entry.open_transaction = model::Offset(static_cast<std::int64_t>(open - 1));
}

}  // namespace

std::string_view producer_fault(const ProducerEntry* previous, const ProducerEntry& entry) {
  if (entry.producer.value() < 0 || entry.epoch.value() < 0) return "producer is negative";
  if (previous != nullptr && entry.producer <= previous->producer)
    return "producers are not sorted";
  if (entry.batches.size() > kProducerBatchesMax) return "too many batches are remembered";
  if (entry.open_transaction && entry.open_transaction->value() < 0)
    return "open transaction is negative";
  model::Offset next(0);
  for (const ProducerBatch& batch : entry.batches) {
    if (batch.producer != entry.producer || batch.epoch != entry.epoch)
      return "batch is of another producer or epoch";
    if (const auto fault = producer_batch_fault(batch, next); !fault.empty()) return fault;
    next = batch.offsets.next;
  }
  return {};
}

base::ByteVector encode_producer_snapshot(const ProducerSnapshot& snapshot) {
  if (snapshot.empty()) return {};
  base::ByteVector out(kPackedChecksumSize);
  base::append_varint(out, kVersion);
  base::append_varint(out, snapshot.size());
  const ProducerEntry* previous = nullptr;
  for (const ProducerEntry& entry : snapshot) {
    SH_CHECK(producer_fault(previous, entry).empty(), "a snapshot is encoded only if it is valid");
    append_entry(out, entry);
    previous = &entry;
  }
  seal_packed(out);
  return out;
}

base::Result<ProducerSnapshot> decode_producer_snapshot(base::BytesView bytes) {
  ProducerSnapshot snapshot;
  if (bytes.empty()) return snapshot;
  PackedReader reader("producer snapshot", bytes);
  reader.expect_version(kVersion);
  std::uint64_t count = reader.varint("producer count");
  if (count == 0) reader.fail("producer count", "is zero");
  for (; count > 0 && reader.ok(); --count) {
    ProducerEntry entry;
    read_entry(reader, entry);
    const auto fault = producer_fault(snapshot.empty() ? nullptr : &snapshot.back(), entry);
    if (!fault.empty()) reader.fail("producer", "is refused: " + std::string(fault));
    snapshot.push_back(std::move(entry));
  }
  reader.expect_end();
  if (!reader.ok()) return reader.error();
  return snapshot;
}

}  // namespace streamhouse::segment
