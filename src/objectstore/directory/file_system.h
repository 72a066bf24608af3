#pragma once
/// \file  FileSystem: what the directory store needs of an operating system, so that a simulated
/// one can lose power between any two calls. Everything below the root is reached from an open
/// directory by a single name, so no call can leave the root.

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>

#include "base/bytes.h"
#include "base/error.h"
#include "objectstore/object_store.h"

namespace streamhouse::objectstore {

enum class LockOutcome : std::uint8_t { kLocked, kHeldElsewhere };

/// An open regular file; destroying it closes it.
/// Threading: any one thread at a time; the calls block.
/// Errors, all calls here and below: file_error.h.
class File {
 public:
  virtual ~File() = default;

  /// Writes all pieces at the end. After an error any prefix of them may stand there.
  virtual Status append(std::span<const Bytes> pieces) = 0;
  /// Returns when the content survives a loss of power. After an error the file must be given up:
  /// what could not be written is forgotten, and a second sync would not say so.
  virtual Status sync() = 0;
  /// Fewer bytes than asked for only where the file ends.
  virtual Result<Bytes> read(ByteRange range) const = 0;
  virtual Result<std::uint64_t> size() const = 0;
  /// False once its last name was removed.
  virtual Result<bool> is_linked() const = 0;
  /// An exclusive lock among everyone who opened this file, also in other processes; held until it
  /// is closed or its process ends.
  virtual Result<LockOutcome> try_lock() = 0;
};

enum class EntryKind : std::uint8_t { kFile, kDirectory, kOther };

struct Entry {
  std::string name;
  EntryKind kind = EntryKind::kOther;
};

struct FileInfo {
  std::uint64_t size = 0;
  std::int64_t modified_ms = 0;  ///< Of its content, since 1970; 0 in simulation.
};

/// An open directory. It stays the same directory if its name is removed and given again; nothing
/// can be created in it after that (kNotFound).
/// Threading: any thread, also several at once; the calls block.
/// Names: one component, without a slash; symbolic links are never followed.
class Directory {
 public:
  virtual ~Directory() = default;

  /// Errors: kExists.
  virtual Result<std::unique_ptr<File>> create_file(const std::string& name) = 0;
  /// Errors: kNotFound, also if the name is a directory; kInvalid if it is neither.
  virtual Result<std::unique_ptr<File>> open_file(const std::string& name) const = 0;
  /// Errors: kExists.
  virtual Status create_directory(const std::string& name) = 0;
  /// Errors: kNotFound; kInvalid if the name is no directory.
  virtual Result<std::unique_ptr<Directory>> open_directory(const std::string& name) const = 0;
  /// Errors: kNotFound, also if the name is no regular file.
  virtual Result<FileInfo> file_info(const std::string& name) const = 0;
  Result<std::uint64_t> file_size(const std::string& name) const {
    SH_TRY(const FileInfo info, file_info(name));
    return info.size;
  }
  /// Moves a file to `target_name` in `target`, a directory of the same file system, in one step
  /// that never replaces anything. Errors: kExists; kNotFound if `target` or the file was removed.
  virtual Status publish(const std::string& name, Directory& target,
                         const std::string& target_name) = 0;
  /// Errors: kNotFound, also if the name is a directory.
  virtual Status remove_file(const std::string& name) = 0;
  /// Errors: kNotFound; kConflict if it is not empty.
  virtual Status remove_directory(const std::string& name) = 0;
  /// Returns when the names created, published and removed here survive a loss of power.
  virtual Status sync() = 0;
  /// Calls `visit` for every entry but `.` and `..`, in no order. What is created or removed
  /// meanwhile may be missed or seen.
  virtual Status scan(const std::function<void(const Entry&)>& visit) const = 0;
};

/// Lifetime: outlives what it opened.
class FileSystem {
 public:
  virtual ~FileSystem() = default;

  /// Opens a directory by a path of this file system's own, creating it and its parents durably
  /// where they are missing.
  virtual Result<std::unique_ptr<Directory>> open_root(const std::string& path) = 0;
};

}  // namespace streamhouse::objectstore
