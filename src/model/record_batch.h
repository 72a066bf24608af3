#pragma once
/// \file  Record batch v2: the bytes in which records travel from the producer to the object and
/// back. Only the leader changes them, in the places named here. Layout:
/// docs/formats/record_batch.md.

#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>

#include "base/bytes.h"
#include "base/endian.h"
#include "base/error.h"
#include "model/codec.h"
#include "model/ids.h"
#include "model/record_batch_layout.h"

namespace streamhouse::model {

constexpr std::size_t kBatchHeaderSize = batch_layout::kRecords;
/// Default of a topic's max.message.bytes.
constexpr std::size_t kBatchBytesMaxDefault = 1048588;
constexpr std::int64_t kNoTimestamp = -1;
constexpr std::int32_t kNoSequence = -1;

enum class TimestampType : std::uint8_t {
  kCreateTime,     ///< Each record has the time that its producer gave it.
  kLogAppendTime,  ///< All records have the batch's max_timestamp, set by the leader.
};

/// One whole batch in someone else's buffer.
/// Lifetime:  borrows; the buffer must outlive it. As cheap to copy as a pointer and a length.
/// Invariant: at least a header, size as BatchLength says, magic 2, 0 <= base_offset < next_offset.
/// Nothing else about the content holds before crc_matches() or validate_produced() says so.
class RecordBatchView {
 public:
  /// The batch at the front of `bytes`; what follows it is left alone. Reads the header only.
  /// Errors: kCorrupt for a cut or nonsensical header, kInvalid for another magic.
  static base::Result<RecordBatchView> front_of(base::BytesView bytes);

  base::BytesView bytes() const { return bytes_; }
  std::size_t size() const { return bytes_.size(); }

  Offset base_offset() const { return Offset(load<std::int64_t>(batch_layout::kBaseOffset)); }
  /// One past the offset of the last record.
  Offset next_offset() const { return base_offset() + last_offset_delta() + 1; }
  OffsetRange offsets() const { return {base_offset(), next_offset()}; }
  LeaderEpoch leader_epoch() const {
    return LeaderEpoch(load<std::int32_t>(batch_layout::kLeaderEpoch));
  }
  std::uint32_t crc() const { return load<std::uint32_t>(batch_layout::kCrc); }
  std::int16_t attributes() const { return load<std::int16_t>(batch_layout::kAttributes); }
  /// Numbers above kZstd do occur in what clients send; decompress() refuses them.
  Codec codec() const { return static_cast<Codec>(attributes() & batch_layout::kCodecMask); }
  TimestampType timestamp_type() const {
    return has(batch_layout::kLogAppendTimeBit) ? TimestampType::kLogAppendTime
                                                : TimestampType::kCreateTime;
  }
  bool is_transactional() const { return has(batch_layout::kTransactionalBit); }
  bool is_control() const { return has(batch_layout::kControlBit); }
  std::int32_t last_offset_delta() const {
    return load<std::int32_t>(batch_layout::kLastOffsetDelta);
  }
  /// What the records' timestamp deltas count from, ms.
  std::int64_t base_timestamp() const { return load<std::int64_t>(batch_layout::kBaseTimestamp); }
  std::int64_t max_timestamp() const { return load<std::int64_t>(batch_layout::kMaxTimestamp); }
  ProducerId producer_id() const {
    return ProducerId(load<std::int64_t>(batch_layout::kProducerId));
  }
  ProducerEpoch producer_epoch() const {
    return ProducerEpoch(load<std::int16_t>(batch_layout::kProducerEpoch));
  }
  std::int32_t base_sequence() const { return load<std::int32_t>(batch_layout::kBaseSequence); }
  /// Sequence numbers go from 2^31 - 1 on to 0. Only of an idempotent batch.
  std::int32_t last_sequence() const;
  bool is_idempotent() const { return producer_id().value() >= 0; }
  std::int32_t record_count() const { return load<std::int32_t>(batch_layout::kRecordCount); }
  /// The records, compressed as codec() says.
  base::BytesView records() const { return bytes_.subspan(batch_layout::kRecords); }

  /// Whether the bytes from the attributes to the end are those that the CRC was made of. Base
  /// offset, batch length, leader epoch and magic lie outside. Cost: one pass over the batch.
  bool crc_matches() const;

 private:
  explicit RecordBatchView(base::BytesView bytes) : bytes_(bytes) {}
  template <class T>
  T load(std::size_t position) const {
    return base::load_big<T>(bytes_.data() + position);
  }
  bool has(std::int16_t bit) const { return (attributes() & bit) != 0; }

  base::BytesView bytes_;
};

/// Walks a run of batches that lie one after the other.
/// Lifetime:  borrows the run.
class BatchCursor {
 public:
  explicit BatchCursor(base::BytesView run) : rest_(run) {}
  /// The next batch, nullopt at the end of the run. Errors: as RecordBatchView::front_of; the
  /// cursor stays where it is.
  base::Result<std::optional<RecordBatchView>> next();
  /// What next() has not returned yet.
  base::BytesView rest() const { return rest_; }

 private:
  base::BytesView rest_;
};

/// What a topic asks of the batches that producers send to it.
struct ProduceRules {
  std::size_t batch_bytes_max = kBatchBytesMaxDefault;
  TimestampType timestamp_type = TimestampType::kCreateTime;
  /// Accepted times of records, both inclusive, ms; kNoTimestamp is always accepted.
  std::int64_t timestamp_min = std::numeric_limits<std::int64_t>::min();
  std::int64_t timestamp_max = std::numeric_limits<std::int64_t>::max();
};

/// Everything that can be said about a produced batch without decompressing it: exactly one batch,
/// its size, CRC, counts, attributes, producer fields and times. Whether the records inside are
/// well formed is validate_records() in record.h.
/// Errors: kCorrupt (cut, nonsensical or failing its CRC), kTooLarge, kUnsupported (codec),
/// kInvalidTimestamp, kInvalid (all else); the text names the field and its value.
/// Cost: one pass over the bytes, no allocation unless it fails.
base::Result<RecordBatchView> validate_produced(base::BytesView bytes, const ProduceRules& rules);

/// Gives the batch its place in the partition: base offset and leader epoch, both outside the CRC.
/// Requires: a whole batch.
void place_batch(base::MutableBytesView batch, Offset base_offset, LeaderEpoch epoch);

/// Makes `now` (ms) the time of all records: timestamp type, max timestamp and a new CRC.
/// Requires: a batch that has passed validate_produced; the new CRC would hide older damage.
void stamp_log_append_time(base::MutableBytesView batch, std::int64_t now);

}  // namespace streamhouse::model
