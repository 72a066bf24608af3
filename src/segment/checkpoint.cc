#include "segment/checkpoint.h"

#include "base/check.h"
#include "base/varint.h"
#include "segment/packed/packed_reader.h"
#include "segment/packed/partition_step.h"

namespace streamhouse::segment {
namespace {

constexpr std::uint64_t kVersion = 1;

void append_entry(base::ByteVector& out, const model::TopicPartition& previous,
                  const PartitionCheckpoint& entry) {
  append_partition_step(out, previous, entry.partition);
  base::append_varint(out, static_cast<std::uint64_t>(entry.epoch.value()));
  base::append_varint(out, static_cast<std::uint64_t>(entry.high_watermark.value()));
  base::append_varint(out, static_cast<std::uint64_t>(entry.log_start.value()));
  base::append_varint(out, entry.producers.size());
  out.insert(out.end(), entry.producers.view().begin(), entry.producers.view().end());
}

/// `owned` is a copy of what the reader reads, for the snapshot to live in.
PartitionCheckpoint read_entry(PackedReader& reader, const model::TopicPartition& previous,
                               const base::Bytes& owned) {
  PartitionCheckpoint entry;
  entry.partition = read_partition_step(reader, previous);
  entry.epoch = model::LeaderEpoch(reader.unsigned_as<std::int32_t>("leader epoch"));
  entry.high_watermark = model::Offset(reader.unsigned_as<std::int64_t>("high watermark"));
  entry.log_start = model::Offset(reader.unsigned_as<std::int64_t>("log start offset"));
  const auto producers = reader.take(reader.varint("snapshot size"), "producer snapshot");
  if (!producers.empty()) {
    const std::size_t position = reader.position() - producers.size();
    entry.producers = owned.slice(position, producers.size());
  }
  return entry;
}

}  // namespace

std::string_view checkpoint_fault(const PartitionCheckpoint* previous,
                                  const PartitionCheckpoint& entry) {
  if (entry.partition.topic.value() == 0 || entry.partition.partition.value() < 0)
    return "entry names no partition";
  if (entry.epoch.value() < 0) return "leader epoch is negative";
  if (entry.high_watermark.value() < 0 || entry.log_start.value() < 0) return "offset is negative";
  if (previous != nullptr && entry.partition <= previous->partition)
    return "entries are not sorted";
  return {};
}

base::ByteVector encode_checkpoint(const CheckpointTable& table) {
  base::ByteVector out(kPackedChecksumSize);
  base::append_varint(out, kVersion);
  base::append_varint(out, table.size());
  const PartitionCheckpoint* previous = nullptr;
  for (const PartitionCheckpoint& entry : table) {
    SH_CHECK(checkpoint_fault(previous, entry).empty(), "a checkpoint is encoded only in order");
    append_entry(out, previous == nullptr ? model::TopicPartition{} : previous->partition, entry);
    previous = &entry;
  }
  seal_packed(out);
  return out;
}

base::Result<CheckpointTable> decode_checkpoint(base::BytesView bytes) {
  PackedReader reader("checkpoint", bytes);
  reader.expect_version(kVersion);
  CheckpointTable table;
  std::uint64_t count = reader.varint("entry count");
  const base::Bytes owned = reader.ok() ? base::Bytes::copy_of(bytes) : base::Bytes();
  model::TopicPartition previous;
  for (; count > 0 && reader.ok(); --count) {
    PartitionCheckpoint entry = read_entry(reader, previous, owned);
    const auto fault = checkpoint_fault(table.empty() ? nullptr : &table.back(), entry);
    if (!fault.empty()) reader.fail("entry", "is refused: " + std::string(fault));
    previous = entry.partition;
    table.push_back(std::move(entry));
  }
  reader.expect_end();
  if (!reader.ok()) return reader.error();
  return table;
}

}  // namespace streamhouse::segment
