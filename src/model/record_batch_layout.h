#pragma once
/// \file  Where the fields of a record batch v2 lie (docs/formats/record_batch.md). For code that
/// reads or writes headers; everything else uses RecordBatchView and RecordBatchBuilder.

#include <cstddef>
#include <cstdint>

namespace streamhouse::model::batch_layout {

// Positions in bytes from the beginning of the batch; every integer is big-endian.
constexpr std::size_t kBaseOffset = 0;
constexpr std::size_t kBatchLength = 8;
constexpr std::size_t kLeaderEpoch = 12;
constexpr std::size_t kMagic = 16;
constexpr std::size_t kCrc = 17;
constexpr std::size_t kAttributes = 21;  ///< First byte that the CRC covers.
constexpr std::size_t kLastOffsetDelta = 23;
constexpr std::size_t kBaseTimestamp = 27;
constexpr std::size_t kMaxTimestamp = 35;
constexpr std::size_t kProducerId = 43;
constexpr std::size_t kProducerEpoch = 51;
constexpr std::size_t kBaseSequence = 53;
constexpr std::size_t kRecordCount = 57;
constexpr std::size_t kRecords = 61;

/// BatchLength counts the bytes after itself.
constexpr std::size_t kLengthExcludes = kLeaderEpoch;
constexpr std::int8_t kMagicV2 = 2;

// Attributes.
constexpr std::int16_t kCodecMask = 0x07;
constexpr std::int16_t kLogAppendTimeBit = 0x08;
constexpr std::int16_t kTransactionalBit = 0x10;
constexpr std::int16_t kControlBit = 0x20;
constexpr std::int16_t kDeleteHorizonBit = 0x40;

/// Length, attributes, two deltas, two absent lengths and no headers: a byte each.
constexpr std::size_t kRecordBytesMin = 7;

}  // namespace streamhouse::model::batch_layout
