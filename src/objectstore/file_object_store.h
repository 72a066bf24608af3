#pragma once
/// \file  FileObjectStore: objects as files of a directory, for one host.

#include <map>
#include <memory>

#include "objectstore/directory/directory_store.h"
#include "runtime/blocking_pool.h"

namespace streamhouse::objectstore {

/// DirectoryStore behind a pool, so that the executor never waits for a disk. Calls run as many at
/// once as the pool has workers. A full disk is kUnavailable and its text says "disk full".
class FileObjectStore final : public ObjectStore {
 public:
  struct Options {
    std::string path;
    /// Open directories kept, so that a put need not walk to its directory and sync the way there.
    std::size_t directories_max = 64;
  };

  /// Opens or creates the directory. `instance` is a random number, new for every opening.
  /// Lifetime: `file_system` and `pool` outlive the store and every call.
  static Task<Result<std::unique_ptr<FileObjectStore>>> create(FileSystem& file_system,
                                                               runtime::BlockingPool& pool,
                                                               std::uint64_t instance,
                                                               Options options);

  /// On a store that is open.
  FileObjectStore(std::shared_ptr<DirectoryStore> store, runtime::BlockingPool& pool,
                  std::size_t directories_max)
      : store_(std::move(store)), pool_(pool), directories_max_(directories_max) {}

  Task<Status> put(ObjectKey key, Chunks content) override;
  Task<Result<Bytes>> get(ObjectKey key, ByteRange range) override;
  Task<Result<ObjectInfo>> head(ObjectKey key) override;
  Task<Result<ObjectPage>> list(std::string prefix, ObjectKey start_after,
                                std::size_t limit) override;
  Task<Status> remove(ObjectKey key) override;

 private:
  std::shared_ptr<Directory> known_directory(const std::string& path) const;
  void remember_directory(std::string path, std::shared_ptr<Directory> directory);

  /// Shared with calls in the pool, which may outlive this.
  const std::shared_ptr<DirectoryStore> store_;
  runtime::BlockingPool& pool_;
  const std::size_t directories_max_;
  std::map<std::string, std::shared_ptr<Directory>> directories_;  ///< Durable, by path.
};

}  // namespace streamhouse::objectstore
