#include "objectstore/file_object_store.h"

#include <utility>

#include "objectstore/object_key.h"

namespace streamhouse::objectstore {

Task<Result<std::unique_ptr<FileObjectStore>>> FileObjectStore::create(FileSystem& file_system,
                                                                       runtime::BlockingPool& pool,
                                                                       std::uint64_t instance,
                                                                       Options options) {
  auto open = [&file_system, instance, path = std::move(options.path)] {
    return DirectoryStore::open(file_system, path, instance);
  };
  SH_CO_TRY(auto store, co_await pool.run(std::move(open)));
  co_return std::make_unique<FileObjectStore>(std::move(store), pool, options.directories_max);
}

std::shared_ptr<Directory> FileObjectStore::known_directory(const std::string& path) const {
  const auto found = directories_.find(path);
  return found == directories_.end() ? nullptr : found->second;
}

void FileObjectStore::remember_directory(std::string path, std::shared_ptr<Directory> directory) {
  // Writers stay with few directories for long; starting anew now and then costs one walk each.
  if (directories_.size() >= directories_max_) directories_.clear();
  directories_.insert_or_assign(std::move(path), std::move(directory));
}

Task<Status> FileObjectStore::put(ObjectKey key, Chunks content) {
  SH_CO_TRY_OK(check_key(key));
  std::string path = split_key(key).directory;
  PutRequest request{std::move(key), std::move(content), known_directory(path)};
  auto work = [store = store_, request = std::move(request)] { return store->put(request); };
  SH_CO_TRY(auto directory, co_await pool_.run(std::move(work)));
  remember_directory(std::move(path), std::move(directory));
  co_return Status();
}

Task<Result<Bytes>> FileObjectStore::get(ObjectKey key, ByteRange range) {
  SH_CO_TRY_OK(check_key(key));
  auto work = [store = store_, key = std::move(key), range] { return store->get(key, range); };
  co_return co_await pool_.run(std::move(work));
}

Task<Result<ObjectInfo>> FileObjectStore::head(ObjectKey key) {
  SH_CO_TRY_OK(check_key(key));
  auto work = [store = store_, key = std::move(key)] { return store->head(key); };
  co_return co_await pool_.run(std::move(work));
}

Task<Result<ObjectPage>> FileObjectStore::list(std::string prefix, ObjectKey start_after,
                                               std::size_t limit) {
  SH_CO_TRY_OK(check_list(prefix, limit));
  auto work = [store = store_, prefix = std::move(prefix), start_after = std::move(start_after),
               limit] { return store->list(prefix, start_after, limit); };
  co_return co_await pool_.run(std::move(work));
}

Task<Status> FileObjectStore::remove(ObjectKey key) {
  SH_CO_TRY_OK(check_key(key));
  auto work = [store = store_, key = std::move(key)] { return store->remove(key); };
  co_return co_await pool_.run(std::move(work));
}

}  // namespace streamhouse::objectstore
