#include "objectstore/simulation/sim_file.h"

#include <algorithm>

#include "objectstore/directory/file_error.h"

namespace streamhouse::objectstore {

/// What an append that did not succeed leaves behind: any prefix.
void SimFile::append_some(const Bytes& whole) {
  const std::uint64_t length = process_->disk.random().below(whole.size() + 1);
  static_cast<void>(process_->disk.append(*node_, whole.view().first(length)));
}

Status SimFile::append(std::span<const Bytes> pieces) {
  const Bytes whole = concatenate(Chunks(pieces.begin(), pieces.end()));
  SH_TRY_OK(process_->begin("write", path_, [&] { append_some(whole); }));
  if (const int error_number = process_->disk.append(*node_, whole); error_number != 0)
    return file_error(error_number, "write", path_);
  return {};
}

Status SimFile::sync() {
  SH_TRY_OK(process_->begin("sync", path_, [&] {
    if (process_->is_alive()) node_->sync_failed = true;
  }));
  if (!node_->sync_failed) node_->durable_size = node_->content.size();
  return {};
}

Result<Bytes> SimFile::read(ByteRange range) const {
  SH_TRY_OK(process_->begin("read", path_));
  const std::uint64_t position = std::min<std::uint64_t>(range.position, node_->content.size());
  const auto rest = base::BytesView(node_->content).subspan(position);
  return Bytes::copy_of(rest.first(std::min<std::uint64_t>(range.length, rest.size())));
}

Result<std::uint64_t> SimFile::size() const {
  SH_TRY_OK(process_->begin("stat", path_));
  return node_->content.size();
}

Result<bool> SimFile::is_linked() const {
  SH_TRY_OK(process_->begin("stat", path_));
  return node_->names > 0;
}

Result<LockOutcome> SimFile::try_lock() {
  SH_TRY_OK(process_->begin("lock", path_));
  const auto held = std::static_pointer_cast<const ProcessPtr>(node_->lock.lock());
  if (held && held != lock_ && (*held)->is_alive()) return LockOutcome::kHeldElsewhere;
  if (!lock_) lock_ = std::make_shared<const ProcessPtr>(process_);
  node_->lock = lock_;
  return LockOutcome::kLocked;
}

}  // namespace streamhouse::objectstore
