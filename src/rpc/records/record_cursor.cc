#include "rpc/records/record_cursor.h"

#include <algorithm>

namespace streamhouse::rpc {

RecordCursor::RecordCursor(std::vector<base::Bytes> batches, model::Offset from)
    : runs_(std::move(batches)), batch_next_(from), next_offset_(from) {}

/// Leaves no reader at the end of the last batch.
base::Status RecordCursor::open_next_batch() {
  reader_.reset();
  while (run_ < runs_.size()) {
    if (!batches_) batches_.emplace(runs_[run_]);
    SH_TRY(const auto batch, batches_->next());
    if (!batch) {
      batches_.reset();
      ++run_;
      continue;
    }
    batch_next_ = std::max(batch->next_offset(), batch_next_);
    if (batch->is_control() || batch->next_offset() <= next_offset_) continue;
    SH_TRY(reader_, model::RecordReader::open(*batch, kDecompressedMax));
    return {};
  }
  next_offset_ = batch_next_;
  return {};
}

base::Result<const model::Record*> RecordCursor::peek() {
  if (record_) return &*record_;
  while (!ended_) {
    if (!reader_) SH_TRY_OK(open_next_batch());
    if (!reader_) {
      ended_ = true;
      break;
    }
    SH_TRY(record_, reader_->next());
    if (!record_) {
      reader_.reset();
      continue;
    }
    if (record_->offset < next_offset_) continue;
    return &*record_;
  }
  return nullptr;
}

}  // namespace streamhouse::rpc
