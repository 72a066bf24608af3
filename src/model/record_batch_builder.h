#pragma once
/// \file  Builds record batches from records: for gRPC producers, whose records come one by one,
/// and for the internal topics.

#include <cstdint>

#include "base/bytes.h"
#include "base/error.h"
#include "model/codec.h"
#include "model/record.h"

namespace streamhouse::model {

/// What the batch's header says beyond its records.
struct BatchHeaderFields {
  ProducerId producer = kNoProducer;
  ProducerEpoch producer_epoch{-1};
  std::int32_t base_sequence = kNoSequence;
  std::int16_t flags = 0;  ///< kTransactionalBit, kControlBit of batch_layout.
};

/// Collects records, then turns them into one batch at base offset 0, as a producer sends it.
/// Memory: records are copied in; a batch takes hardly more memory than its size when it is built.
class RecordBatchBuilder {
 public:
  explicit RecordBatchBuilder(BatchHeaderFields fields = {});

  /// Makes room for `bytes` of records to come at once instead of by doubling, which for a batch of
  /// a megabyte takes most of the time.
  void reserve(std::size_t bytes) { batch_.reserve(batch_.size() + bytes); }

  /// Adds a record; its offset is not looked at: records are numbered in the order they come.
  /// Errors, leaving the builder as it was: kTooLarge if the batch would pass 2 GiB, kInvalid if
  /// the record's time is further than 64 bits from the first one's.
  base::Status append(const Record& record);

  std::int32_t record_count() const { return record_count_; }
  /// Of the batch if it were built now, uncompressed.
  std::size_t size() const { return batch_.size(); }

  /// The batch with its records compressed by `codec`, whatever that does to its size.
  /// Requires: a record. Errors: as compress().
  base::Result<base::ByteVector> build(Codec codec) &&;

  /// The batch compressed by LZ4 where that saves at least a tenth, else uncompressed: readers then
  /// need not decompress what hardly shrinks. Requires: a record. Errors: as compress().
  base::Result<base::ByteVector> build_smallest() &&;

 private:
  base::Result<base::ByteVector> compressed(Codec codec) const;
  base::ByteVector finished(base::ByteVector batch, Codec codec) const;

  BatchHeaderFields fields_;
  base::ByteVector batch_;  ///< Room for the header, then the records.
  std::int32_t record_count_ = 0;
  std::int64_t base_timestamp_ = 0;
  std::int64_t max_timestamp_ = 0;
};

}  // namespace streamhouse::model
