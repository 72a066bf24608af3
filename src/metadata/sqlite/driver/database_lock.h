#pragma once
/// \file  DatabaseLock: one agent a database file. A second one is refused and told who holds it.

#include <string>

#include "base/error.h"

namespace streamhouse::metadata::sqlite {

/// An exclusive lock (flock) on the file `<database>.lock`, which names its holder. The kernel
/// frees it when the process ends, however it ends. The file stays.
/// Lifetime:  held until destruction.
class DatabaseLock {
 public:
  /// `holder` is one line for people: agent id and address; the process id is added. Errors:
  /// kConflict naming the holder; kUnavailable if the file cannot be written.
  static base::Result<DatabaseLock> acquire(const std::string& database_path,
                                            const std::string& holder);
  ~DatabaseLock();
  DatabaseLock(DatabaseLock&& other) noexcept;
  DatabaseLock& operator=(DatabaseLock&& other) noexcept;

 private:
  explicit DatabaseLock(int file) : file_(file) {}

  int file_;
};

}  // namespace streamhouse::metadata::sqlite
