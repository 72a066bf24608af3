#include "objectstore/directory/posix_file.h"

#include <sys/file.h>
#include <sys/stat.h>
#include <sys/uio.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <memory>
#include <vector>

#include "objectstore/directory/file_error.h"

namespace streamhouse::objectstore {

namespace {

std::vector<iovec> vectors_of(std::span<const Bytes> pieces) {
  std::vector<iovec> vectors;
  vectors.reserve(pieces.size());
  for (const auto& piece : pieces)
    if (!piece.empty()) vectors.push_back({const_cast<std::uint8_t*>(piece.data()), piece.size()});
  return vectors;
}

/// What is left of `vectors` behind the first `written` bytes.
std::span<iovec> skip(std::span<iovec> vectors, std::size_t written) {
  while (!vectors.empty() && written >= vectors.front().iov_len) {
    written -= vectors.front().iov_len;
    vectors = vectors.subspan(1);
  }
  if (written > 0) {
    vectors.front().iov_base = static_cast<std::uint8_t*>(vectors.front().iov_base) + written;
    vectors.front().iov_len -= written;
  }
  return vectors;
}

}  // namespace

Status PosixFile::append(std::span<const Bytes> pieces) {
  std::vector<iovec> vectors = vectors_of(pieces);
  std::span<iovec> left(vectors);
  while (!left.empty()) {
    const auto count = static_cast<int>(std::min<std::size_t>(left.size(), IOV_MAX));
    const ssize_t written = ::writev(descriptor_.number(), left.data(), count);
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return file_error(written < 0 ? errno : EIO, "write", path_);
    left = skip(left, static_cast<std::size_t>(written));
  }
  return {};
}

Status PosixFile::sync() {
  if (::fsync(descriptor_.number()) != 0) return file_error(errno, "sync", path_);
  return {};
}

Result<Bytes> PosixFile::read(ByteRange range) const {
  // Not zeroed first: large reads are the rule.
  const std::shared_ptr buffer = std::make_shared_for_overwrite<std::uint8_t[]>(range.length);
  std::size_t done = 0;
  while (done < range.length) {
    const ssize_t count = ::pread(descriptor_.number(), buffer.get() + done, range.length - done,
                                  static_cast<off_t>(range.position + done));
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return file_error(errno, "read", path_);
    if (count == 0) break;
    done += static_cast<std::size_t>(count);
  }
  return Bytes(buffer, base::BytesView(buffer.get(), done));
}

Result<std::uint64_t> PosixFile::size() const {
  struct stat info{};
  if (::fstat(descriptor_.number(), &info) != 0) return file_error(errno, "stat", path_);
  return static_cast<std::uint64_t>(info.st_size);
}

Result<bool> PosixFile::is_linked() const {
  struct stat info{};
  if (::fstat(descriptor_.number(), &info) != 0) return file_error(errno, "stat", path_);
  return info.st_nlink > 0;
}

Result<LockOutcome> PosixFile::try_lock() {
  if (::flock(descriptor_.number(), LOCK_EX | LOCK_NB) == 0) return LockOutcome::kLocked;
  if (errno == EWOULDBLOCK) return LockOutcome::kHeldElsewhere;
  return file_error(errno, "lock", path_);
}

}  // namespace streamhouse::objectstore
