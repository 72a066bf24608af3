#include "objectstore/directory/posix_directory.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstdio>
#include <string_view>

#include "base/check.h"
#include "objectstore/directory/file_error.h"
#include "objectstore/directory/posix_file.h"

namespace streamhouse::objectstore {

namespace {

constexpr mode_t kFileMode = 0640;
constexpr mode_t kDirectoryMode = 0750;

bool is_dots(std::string_view name) { return name == "." || name == ".."; }

/// Every name that reaches the operating system passes here: it cannot leave its directory.
const char* checked(const std::string& name) {
  SH_CHECK(!name.empty() && !is_dots(name) && name.find('/') == std::string::npos &&
               name.find('\0') == std::string::npos,
           "a directory entry is named by one path component");
  return name.c_str();
}

struct CloseDirectoryStream {
  void operator()(DIR* stream) const { ::closedir(stream); }
};
using DirectoryStream = std::unique_ptr<DIR, CloseDirectoryStream>;

bool lacks_rename_noreplace(int error_number) {
  return error_number == EINVAL || error_number == ENOSYS || error_number == ENOTSUP;
}

/// 0, or the errno of what failed.
int publish_by_link(int from, const char* name, int to, const char* target_name) {
  if (::linkat(from, name, to, target_name, 0) != 0) return errno;
  // The file is published; a temporary name that stays is swept later.
  ::unlinkat(from, name, 0);
  return 0;
}

int publish_by(PublishCall call, int from, const char* name, int to, const char* target_name) {
  if (call == PublishCall::kRename) {
    if (::renameat2(from, name, to, target_name, RENAME_NOREPLACE) == 0) return 0;
    if (!lacks_rename_noreplace(errno)) return errno;
  }
  return publish_by_link(from, name, to, target_name);
}

}  // namespace

Result<std::unique_ptr<File>> PosixDirectory::create_file(const std::string& name) {
  const int flags = O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC;
  FileDescriptor file(::openat(descriptor_.number(), checked(name), flags, kFileMode));
  if (!file.is_open()) return file_error(errno, "create", path_of(name));
  return std::make_unique<PosixFile>(std::move(file), path_of(name));
}

Result<std::unique_ptr<File>> PosixDirectory::open_file(const std::string& name) const {
  // O_NONBLOCK: opening a named pipe that someone left here must not wait for a writer.
  const int flags = O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC;
  FileDescriptor file(::openat(descriptor_.number(), checked(name), flags));
  if (!file.is_open()) return file_error(errno, "open", path_of(name));
  struct stat info{};
  if (::fstat(file.number(), &info) != 0) return file_error(errno, "stat", path_of(name));
  if (S_ISDIR(info.st_mode)) return file_error(EISDIR, "open", path_of(name));
  if (!S_ISREG(info.st_mode)) return file_error(EINVAL, "open", path_of(name));
  return std::make_unique<PosixFile>(std::move(file), path_of(name));
}

Status PosixDirectory::create_directory(const std::string& name) {
  if (::mkdirat(descriptor_.number(), checked(name), kDirectoryMode) != 0)
    return file_error(errno, "create directory", path_of(name));
  return {};
}

Result<std::unique_ptr<Directory>> PosixDirectory::open_directory(const std::string& name) const {
  const int flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
  FileDescriptor directory(::openat(descriptor_.number(), checked(name), flags));
  if (!directory.is_open()) return file_error(errno, "open directory", path_of(name));
  return std::make_unique<PosixDirectory>(std::move(directory), path_of(name), publish_call_);
}

Result<FileInfo> PosixDirectory::file_info(const std::string& name) const {
  struct stat info{};
  if (::fstatat(descriptor_.number(), checked(name), &info, AT_SYMLINK_NOFOLLOW) != 0)
    return file_error(errno, "stat", path_of(name));
  if (!S_ISREG(info.st_mode)) return file_error(ENOENT, "stat", path_of(name));
  constexpr std::int64_t kMsPerSecond = 1'000;
  constexpr std::int64_t kNsPerMs = 1'000'000;
  return FileInfo{
      .size = static_cast<std::uint64_t>(info.st_size),
      .modified_ms = info.st_mtim.tv_sec * kMsPerSecond + info.st_mtim.tv_nsec / kNsPerMs};
}

Status PosixDirectory::publish(const std::string& name, Directory& target,
                               const std::string& target_name) {
  const auto& to = static_cast<const PosixDirectory&>(target);
  const int error_number = publish_by(publish_call_, descriptor_.number(), checked(name),
                                      to.descriptor_.number(), checked(target_name));
  if (error_number != 0) return file_error(error_number, "publish", to.path_of(target_name));
  return {};
}

Status PosixDirectory::remove_file(const std::string& name) {
  if (::unlinkat(descriptor_.number(), checked(name), 0) != 0)
    return file_error(errno, "remove", path_of(name));
  return {};
}

Status PosixDirectory::remove_directory(const std::string& name) {
  if (::unlinkat(descriptor_.number(), checked(name), AT_REMOVEDIR) != 0)
    return file_error(errno == EEXIST ? ENOTEMPTY : errno, "remove directory", path_of(name));
  return {};
}

Status PosixDirectory::sync() {
  if (::fsync(descriptor_.number()) != 0) return file_error(errno, "sync directory", path_);
  return {};
}

EntryKind PosixDirectory::kind_of(const char* name) const {
  struct stat info{};
  if (::fstatat(descriptor_.number(), name, &info, AT_SYMLINK_NOFOLLOW) != 0)
    return EntryKind::kOther;
  if (S_ISDIR(info.st_mode)) return EntryKind::kDirectory;
  return S_ISREG(info.st_mode) ? EntryKind::kFile : EntryKind::kOther;
}

Status PosixDirectory::scan(const std::function<void(const Entry&)>& visit) const {
  // A description of its own, because scans that run at once must not share a read position.
  FileDescriptor own(
      ::openat(descriptor_.number(), ".", O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  if (!own.is_open()) return file_error(errno, "open directory", path_);
  const DirectoryStream stream(::fdopendir(own.number()));
  if (!stream) return file_error(errno, "read directory", path_);
  own.release();
  for (errno = 0; const dirent* entry = ::readdir(stream.get()); errno = 0) {
    if (is_dots(entry->d_name)) continue;
    EntryKind kind = EntryKind::kOther;
    if (entry->d_type == DT_REG) kind = EntryKind::kFile;
    if (entry->d_type == DT_DIR) kind = EntryKind::kDirectory;
    if (entry->d_type == DT_UNKNOWN) kind = kind_of(entry->d_name);
    visit({entry->d_name, kind});
  }
  if (errno != 0) return file_error(errno, "read directory", path_);
  return {};
}

}  // namespace streamhouse::objectstore
