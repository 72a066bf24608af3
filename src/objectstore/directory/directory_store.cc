#include "objectstore/directory/directory_store.h"

#include <algorithm>
#include <utility>

#include "objectstore/directory/directory_listing.h"
#include "objectstore/object_key.h"
#include "objectstore/store_error.h"

namespace streamhouse::objectstore {

using base::Errc;
using base::Error;

namespace {

/// How often a put starts again because a directory it was about to use was removed as empty.
constexpr int kPlacementsMax = 16;
constexpr std::uint64_t kCompareBytes = std::uint64_t{1} << 20;

bool is(const Error& error, Errc code) { return error.code == code; }

/// What a caller of put may be told before anything was published.
Error as_not_applied(Error error) {
  if (!is(error, Errc::kInvalid) && !is(error, Errc::kTooLarge) && !is(error, Errc::kStopped))
    error.code = Errc::kUnavailable;
  return error;
}

Error as_unknown_outcome(const ObjectKey& key, const Error& cause) {
  return base::make_error(Errc::kUnknownOutcome,
                          "object " + key + " may or may not be stored: " + cause.text);
}

/// Whether the file holds exactly `content`; reads it in bounded pieces.
Result<bool> holds(const File& file, const Chunks& content) {
  SH_TRY(const std::uint64_t size, file.size());
  if (size != total_size(content)) return false;
  std::uint64_t position = 0;
  for (const auto& chunk : content)
    for (std::size_t start = 0; start < chunk.size();) {
      const auto length = std::min<std::uint64_t>(kCompareBytes, chunk.size() - start);
      SH_TRY(const Bytes stored, file.read({position, length}));
      if (stored != chunk.slice(start, length)) return false;
      start += length;
      position += length;
    }
  return true;
}

/// `error` of opening `name` in `parent`, or kNotFound if an object stands there.
Error absent_if_file(const Directory& parent, const std::string& name, Error error) {
  if (is(error, Errc::kInvalid) && parent.file_size(name)) error.code = Errc::kNotFound;
  return error;
}

}  // namespace

Result<std::shared_ptr<DirectoryStore>> DirectoryStore::open(FileSystem& file_system,
                                                             const std::string& path,
                                                             std::uint64_t instance) {
  SH_TRY(std::shared_ptr<Directory> root, file_system.open_root(path));
  SH_TRY(auto temp_files, TempFiles::open(*root, instance));
  // A file system that cannot do this is found out here and not at the first put.
  SH_TRY_OK(root->sync());
  return std::make_shared<DirectoryStore>(std::move(root), std::move(temp_files));
}

Result<std::shared_ptr<Directory>> DirectoryStore::put(const PutRequest& request) {
  const std::string temp = temp_files_.name_of(temp_count_++);
  if (Status written = temp_files_.write(temp, request.content); !written)
    return as_not_applied(std::move(written).error());
  auto directory = publish(request, temp);
  temp_files_.discard(temp);  // Gone already if it became the object.
  return directory;
}

Result<std::shared_ptr<Directory>> DirectoryStore::publish(const PutRequest& request,
                                                           const std::string& temp) {
  std::shared_ptr<Directory> directory = request.directory;
  for (int i = 0; i < kPlacementsMax; ++i, directory.reset()) {
    if (!directory) {
      SH_TRY(directory, create_durably(request.key));
    }
    if (!directory) continue;
    SH_TRY(const Placement placement, place(request, temp, *directory));
    if (placement == Placement::kPlaced) return directory;
  }
  return base::make_error(Errc::kUnknownOutcome, "object " + request.key +
                                                     " found no place: its directory was removed "
                                                     "again and again");
}

/// Null if one of the directories was removed meanwhile.
Result<std::shared_ptr<Directory>> DirectoryStore::create_durably(const ObjectKey& key) const {
  std::shared_ptr<Directory> at = root_;
  std::string path;
  for (const auto& name : split_components(split_key(key).directory)) {
    path += (path.empty() ? "" : "/") + name;
    Status created = at->create_directory(name);
    if (!created && is(created.error(), Errc::kNotFound)) return std::shared_ptr<Directory>();
    if (!created && !is(created.error(), Errc::kExists))
      return as_not_applied(std::move(created).error());
    auto child = at->open_directory(name);
    if (!child && is(child.error(), Errc::kNotFound)) return std::shared_ptr<Directory>();
    if (!child && at->file_size(name)) return object_below_object(key, path);
    if (!child) return as_not_applied(std::move(child).error());
    // Also if it was there: who created it may not have come to its own sync yet.
    if (Status synced = at->sync(); !synced) return as_not_applied(std::move(synced).error());
    at = *std::move(child);
  }
  return at;
}

Result<DirectoryStore::Placement> DirectoryStore::place(const PutRequest& request,
                                                        const std::string& temp,
                                                        Directory& directory) const {
  const Status published = temp_files_.publish(temp, directory, split_key(request.key).name);
  if (!published && is(published.error(), Errc::kNotFound)) return Placement::kDirectoryGone;
  if (!published && !is(published.error(), Errc::kExists))
    return as_unknown_outcome(request.key, published.error());
  if (!published) {
    SH_TRY(const Placement placement, accept_existing(request, directory));
    if (placement == Placement::kDirectoryGone) return placement;
  }
  // Also for an object that was there: who published it may have died before this.
  if (const Status synced = directory.sync(); !synced)
    return as_unknown_outcome(request.key, synced.error());
  return Placement::kPlaced;
}

/// The key's name is taken: success if by an object with the same bytes. kDirectoryGone if nothing
/// is there any more, or an empty directory was, which is removed.
Result<DirectoryStore::Placement> DirectoryStore::accept_existing(const PutRequest& request,
                                                                  Directory& directory) const {
  const std::string name = split_key(request.key).name;
  auto file = directory.open_file(name);
  if (file) {
    SH_TRY(const bool same, holds(**file, request.content));
    if (same) return Placement::kPlaced;
    return object_exists(request.key);
  }
  if (!is(file.error(), Errc::kNotFound)) return std::move(file).error();
  const Status removed = directory.remove_directory(name);
  if (!removed && is(removed.error(), Errc::kConflict))
    return base::make_error(Errc::kInvalid,
                            "object key " + request.key + " is the directory of other objects");
  return Placement::kDirectoryGone;
}

Result<DirectoryStore::Chain> DirectoryStore::open_chain(
    const std::vector<std::string>& components) const {
  Chain chain{root_};
  for (const auto& name : components) {
    auto child = chain.back()->open_directory(name);
    if (!child) return absent_if_file(*chain.back(), name, std::move(child).error());
    chain.push_back(*std::move(child));
  }
  return chain;
}

Result<std::unique_ptr<File>> DirectoryStore::open_object(const ObjectKey& key) const {
  const KeyPath path = split_key(key);
  const auto chain = open_chain(split_components(path.directory));
  if (!chain && is(chain.error(), Errc::kNotFound)) return object_not_found(key);
  if (!chain) return chain.error();
  auto file = chain->back()->open_file(path.name);
  if (!file && is(file.error(), Errc::kNotFound)) return object_not_found(key);
  return file;
}

Result<Bytes> DirectoryStore::get(const ObjectKey& key, ByteRange range) const {
  SH_TRY(const auto file, open_object(key));
  SH_TRY(const std::uint64_t size, file->size());
  SH_TRY_OK(check_range(key, size, range));
  SH_TRY(Bytes bytes, file->read(range));
  if (bytes.size() == range.length) return bytes;
  return base::make_error(Errc::kCorrupt, "object " + key + " was cut short while it was read");
}

Result<ObjectInfo> DirectoryStore::head(const ObjectKey& key) const {
  SH_TRY(const auto file, open_object(key));
  SH_TRY(const std::uint64_t size, file->size());
  return ObjectInfo{key, size};
}

Result<ObjectPage> DirectoryStore::list(const std::string& prefix, const ObjectKey& start_after,
                                        std::size_t limit) const {
  const std::string path = prefix.substr(0, prefix.rfind('/') + 1);
  const auto chain = open_chain(split_components(path));
  if (!chain && is(chain.error(), Errc::kNotFound)) return ObjectPage();
  if (!chain) return chain.error();
  return DirectoryListing(prefix, start_after, limit).run(*chain->back(), path);
}

Status DirectoryStore::remove(const ObjectKey& key) {
  const KeyPath path = split_key(key);
  const auto components = split_components(path.directory);
  const auto chain = open_chain(components);
  if (!chain && is(chain.error(), Errc::kNotFound)) return {};
  if (!chain) return chain.error();
  Directory& leaf = *chain->back();
  Status removed = leaf.remove_file(path.name);
  if (!removed && !is(removed.error(), Errc::kNotFound))
    return as_unknown_outcome(key, removed.error());
  // Also if it was gone: who removed it may have died before this.
  if (const Status synced = leaf.sync(); !synced) return as_unknown_outcome(key, synced.error());
  for (std::size_t i = components.size(); i > 0; --i)
    if (!(*chain)[i - 1]->remove_directory(components[i - 1])) break;
  return {};
}

}  // namespace streamhouse::objectstore
