#include "metadata/sqlite/driver/database_lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

namespace streamhouse::metadata::sqlite {
namespace {

using base::Errc;

base::Error system_error(const std::string& path) {
  return base::make_error(Errc::kUnavailable, "lock file " + path + ": " + std::strerror(errno));
}

std::string read_holder(int file) {
  std::array<char, 512> text;
  const ssize_t size = pread(file, text.data(), text.size(), 0);
  std::string holder(text.data(), size > 0 ? static_cast<std::size_t>(size) : 0);
  while (!holder.empty() && holder.back() == '\n') holder.pop_back();
  return holder.empty() ? "another process" : holder;
}

bool write_holder(int file, const std::string& holder) {
  const std::string line = holder + " pid " + std::to_string(getpid()) + "\n";
  if (ftruncate(file, 0) != 0) return false;
  return pwrite(file, line.data(), line.size(), 0) == static_cast<ssize_t>(line.size());
}

}  // namespace

base::Result<DatabaseLock> DatabaseLock::acquire(const std::string& database_path,
                                                 const std::string& holder) {
  const std::string path = database_path + ".lock";
  const int file = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
  if (file < 0) return system_error(path);
  DatabaseLock lock(file);
  if (flock(file, LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK) return system_error(path);
    return {Errc::kConflict,
            "SQLite database " + database_path + " is in use by " + read_holder(file)};
  }
  if (!write_holder(file, holder)) return system_error(path);
  return lock;
}

DatabaseLock::~DatabaseLock() {
  if (file_ >= 0) close(file_);
}

DatabaseLock::DatabaseLock(DatabaseLock&& other) noexcept : file_(std::exchange(other.file_, -1)) {}

DatabaseLock& DatabaseLock::operator=(DatabaseLock&& other) noexcept {
  std::swap(file_, other.file_);
  return *this;
}

}  // namespace streamhouse::metadata::sqlite
