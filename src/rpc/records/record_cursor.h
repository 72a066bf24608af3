#pragma once
/// \file  RecordCursor: the records of fetched batches, one after the other.

#include <optional>
#include <vector>

#include "base/bytes.h"
#include "model/record.h"

namespace streamhouse::rpc {

/// Output cap when a stored batch is decompressed: far above what max.message.bytes lets in.
constexpr std::size_t kDecompressedMax = 256u << 20;

/// Control batches are passed over.
/// Threading: one at a time.
class RecordCursor {
 public:
  /// Whole batches in offset order, as a fetch returns them; begins with the first record at or
  /// above `from`.
  RecordCursor(std::vector<base::Bytes> batches, model::Offset from);

  /// The present record, which lives until pop() or the cursor's end; nullptr after the last.
  /// Errors: kCorrupt, kInvalid, kTooLarge if a batch does not decode.
  base::Result<const model::Record*> peek();
  /// Requires: peek() has returned a record.
  void pop() {
    next_offset_ = record_->offset + 1;
    record_.reset();
  }
  /// Where to go on reading: after the last record popped, or after the last batch once peek()
  /// returned nullptr.
  model::Offset next_offset() const { return next_offset_; }

 private:
  base::Status open_next_batch();

  std::vector<base::Bytes> runs_;
  std::size_t run_ = 0;
  std::optional<model::BatchCursor> batches_;
  std::optional<model::RecordReader> reader_;
  std::optional<model::Record> record_;
  model::Offset batch_next_;  ///< Where the present batch ends.
  model::Offset next_offset_;
  bool ended_ = false;
};

}  // namespace streamhouse::rpc
