#include "objectstore/directory/posix_file_system.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>

#include "objectstore/directory/file_error.h"
#include "objectstore/directory/posix_directory.h"
#include "objectstore/object_key.h"

namespace streamhouse::objectstore {

namespace {

constexpr mode_t kRootMode = 0750;
constexpr int kOpenFlags = O_RDONLY | O_DIRECTORY | O_CLOEXEC;

/// Opens `name` in `parent`, creating it durably if it is missing.
Result<FileDescriptor> open_or_create(const FileDescriptor& parent, const std::string& name) {
  const bool created = ::mkdirat(parent.number(), name.c_str(), kRootMode) == 0;
  FileDescriptor directory(::openat(parent.number(), name.c_str(), kOpenFlags));
  if (!directory.is_open()) return file_error(errno, "open directory", name);
  // Also for a directory that was there: who created it may have died before its own sync. Some
  // file systems above our own cannot be synced; that matters only if we wrote to them.
  if (::fsync(parent.number()) != 0 && created)
    return file_error(errno, "sync parent directory of", name);
  return directory;
}

}  // namespace

Result<std::unique_ptr<Directory>> PosixFileSystem::open_root(const std::string& path) {
  if (path.empty() || path.find('\0') != std::string::npos)
    return base::make_error(base::Errc::kInvalid,
                            "directory path " + printable(path) + " is empty or has a zero byte");
  FileDescriptor at(::open(path.front() == '/' ? "/" : ".", kOpenFlags));
  if (!at.is_open()) return file_error(errno, "open directory", path);
  for (const auto& name : split_components(path)) {
    if (name.empty()) continue;
    auto next = open_or_create(at, name);
    if (!next) {
      next.error().text += " (in " + path + ")";
      return std::move(next).error();
    }
    at = *std::move(next);
  }
  return std::make_unique<PosixDirectory>(std::move(at), path, publish_call_);
}

}  // namespace streamhouse::objectstore
