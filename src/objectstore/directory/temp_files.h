#pragma once
/// \file  TempFiles: where objects are written before they are published. A subfolder that no key
/// can name, shared by every process that uses the directory; docs/formats/directory_store.md.

#include <memory>
#include <string>

#include "objectstore/directory/file_system.h"

namespace streamhouse::objectstore {

/// One opening of the directory by one process: it holds a lock file for life, and its temporary
/// files carry the lock file's name, so that others can tell the dead's files from the living's.
/// Threading: any thread, also several at once.
class TempFiles {
 public:
  /// Creates the subfolder below `root` if it is missing, removes what dead processes left there,
  /// and takes a lock file. `instance` is random; a lock file of that number that is held makes the
  /// next numbers be tried.
  static Result<TempFiles> open(Directory& root, std::uint64_t instance);

  /// Name of this opening's temporary file `number`. No number is used twice.
  std::string name_of(std::uint64_t number) const;
  /// Creates temporary file `name` with `content` and syncs it. After an error it is gone.
  Status write(const std::string& name, const Chunks& content) const;
  /// Directory::publish of temporary file `name`.
  Status publish(const std::string& name, Directory& target, const std::string& target_name) const;
  /// Removes temporary file `name`; what cannot be removed is left to a later sweep.
  void discard(const std::string& name) const;

 private:
  TempFiles(std::shared_ptr<Directory> directory, std::string instance, std::shared_ptr<File> lock)
      : directory_(std::move(directory)), instance_(std::move(instance)), lock_(std::move(lock)) {}

  std::shared_ptr<Directory> directory_;
  std::string instance_;
  std::shared_ptr<File> lock_;  ///< Held, never read.
};

}  // namespace streamhouse::objectstore
