#pragma once
/// \file  DirectoryStore: an object store in a directory, as blocking calls. Object `ab/01/7` is
/// the file `ab/01/7` below the root; docs/formats/directory_store.md has the layout and why an
/// object is there whole or not at all, whatever dies when.

#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include "objectstore/directory/temp_files.h"

namespace streamhouse::objectstore {

struct PutRequest {
  ObjectKey key;
  Chunks content;
  /// What an earlier put into the same directory returned, or null: saves the walk and its syncs.
  std::shared_ptr<Directory> directory;
};

/// Any number of processes may use one directory. The operations are ObjectStore's.
/// Requires, all calls: valid keys, prefixes and limits (object_key.h).
/// Threading: any thread, also several at once; the calls block.
class DirectoryStore {
 public:
  /// Opens or creates the directory, and removes what writers that died left in it. `instance` is a
  /// random number. Errors: those of the file system, naming what failed.
  static Result<std::shared_ptr<DirectoryStore>> open(FileSystem& file_system,
                                                      const std::string& path,
                                                      std::uint64_t instance);
  /// From parts that open() opened.
  DirectoryStore(std::shared_ptr<Directory> root, TempFiles temp_files)
      : root_(std::move(root)), temp_files_(std::move(temp_files)) {}

  /// Returns the object's directory, which is durable itself.
  Result<std::shared_ptr<Directory>> put(const PutRequest& request);
  Result<Bytes> get(const ObjectKey& key, ByteRange range) const;
  Result<ObjectInfo> head(const ObjectKey& key) const;
  Result<ObjectPage> list(const std::string& prefix, const ObjectKey& start_after,
                          std::size_t limit) const;
  /// Also removes the directories that it leaves empty.
  Status remove(const ObjectKey& key);

 private:
  /// The root and the directories on the way to a leaf.
  using Chain = std::vector<std::shared_ptr<Directory>>;
  enum class Placement : std::uint8_t { kPlaced, kDirectoryGone };

  Result<std::shared_ptr<Directory>> publish(const PutRequest& request, const std::string& temp);
  Result<Placement> place(const PutRequest& request, const std::string& temp,
                          Directory& directory) const;
  Result<Placement> accept_existing(const PutRequest& request, Directory& directory) const;
  Result<std::shared_ptr<Directory>> create_durably(const ObjectKey& key) const;
  Result<Chain> open_chain(const std::vector<std::string>& components) const;
  Result<std::unique_ptr<File>> open_object(const ObjectKey& key) const;

  const std::shared_ptr<Directory> root_;
  const TempFiles temp_files_;
  std::atomic<std::uint64_t> temp_count_ = 0;
};

}  // namespace streamhouse::objectstore
