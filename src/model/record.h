#pragma once
/// \file  Records: what users write and read, and the reader of the records inside a batch.

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/error.h"
#include "model/ids.h"
#include "model/record_batch.h"

namespace streamhouse::model {

/// A named annotation of a record; names may repeat, order counts.
struct RecordHeader {
  std::string_view key = {};                  ///< UTF-8 by convention, not checked.
  std::optional<base::BytesView> value = {};  ///< nullopt = null, which is not empty.
};

/// One record in someone else's buffers: it borrows key, value and headers.
struct Record {
  Offset offset = {};
  std::int64_t timestamp = 0;  ///< ms
  std::optional<base::BytesView> key = {};
  std::optional<base::BytesView> value = {};
  std::vector<RecordHeader> headers = {};
};

/// The same content; where the bytes lie does not matter.
bool operator==(const RecordHeader& a, const RecordHeader& b);
bool operator==(const Record& a, const Record& b);

/// Walks the records of a batch, decompressing it first.
/// Lifetime:  records borrow from the reader (also once it is moved) and from the batch's buffer.
/// Strict: every length must fit, offsets rise within the batch's range, and the records are as
/// many as the batch says, with no byte left over.
class RecordReader {
 public:
  /// Errors: as decompress(), with `decompressed_max` as its output cap.
  static base::Result<RecordReader> open(const RecordBatchView& batch,
                                         std::size_t decompressed_max);
  /// The next record, nullopt after the last. Errors: kInvalid, naming the record (0-based in its
  /// batch) and the field; the same again if asked again.
  base::Result<std::optional<Record>> next();
  /// How many records next() has returned.
  std::int32_t position() const { return position_; }

 private:
  RecordReader(const RecordBatchView& batch, base::Bytes decompressed);
  base::Error malformed(const char* what) const;

  base::Bytes decompressed_;  ///< Empty if the batch is not compressed.
  base::BytesView rest_;
  Offset base_offset_;
  std::int64_t base_timestamp_;
  std::optional<std::int64_t> append_time_;  ///< Counts instead of the records' own times.
  std::int64_t last_offset_delta_;
  std::int64_t previous_offset_delta_ = -1;
  std::int32_t position_ = 0;
  std::int32_t record_count_;
};

/// Reads every record, and that their offset deltas are 0, 1, 2, ... as a producer must number
/// them (a compacted batch has gaps). Errors: as RecordReader. Cost: decompresses.
base::Status validate_records(const RecordBatchView& batch, std::size_t decompressed_max);

}  // namespace streamhouse::model
