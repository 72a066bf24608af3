#include "objectstore/simulation/sim_directory.h"

#include <cerrno>
#include <utility>
#include <vector>

#include "base/check.h"
#include "objectstore/directory/file_error.h"
#include "objectstore/simulation/sim_file.h"

namespace streamhouse::objectstore {

SimNodePtr SimDirectory::find(const std::string& name) const {
  SH_CHECK(!name.empty() && name != "." && name != ".." && name.find('/') == std::string::npos,
           "a directory entry is named by one path component");
  const auto found = node_->entries.find(name);
  return found == node_->entries.end() ? nullptr : found->second;
}

Result<SimNodePtr> SimDirectory::create(const std::string& name, EntryKind kind,
                                        std::string_view operation) {
  SH_TRY_OK(process_->begin(operation, path_of(name)));
  if (node_->names == 0) return file_error(ENOENT, operation, path_of(name));
  if (find(name)) return file_error(EEXIST, operation, path_of(name));
  if (process_->disk.is_full()) return file_error(ENOSPC, operation, path_of(name));
  SimNodePtr created = std::make_shared<SimNode>(kind);
  process_->disk.change(*node_, name, created);
  return created;
}

Result<std::unique_ptr<File>> SimDirectory::create_file(const std::string& name) {
  SH_TRY(auto node, create(name, EntryKind::kFile, "create"));
  return std::make_unique<SimFile>(process_, std::move(node), path_of(name));
}

Result<std::unique_ptr<File>> SimDirectory::open_file(const std::string& name) const {
  SH_TRY_OK(process_->begin("open", path_of(name)));
  const SimNodePtr node = find(name);
  if (!node) return file_error(ENOENT, "open", path_of(name));
  if (node->kind == EntryKind::kDirectory) return file_error(EISDIR, "open", path_of(name));
  return std::make_unique<SimFile>(process_, node, path_of(name));
}

Status SimDirectory::create_directory(const std::string& name) {
  SH_TRY_OK(create(name, EntryKind::kDirectory, "create directory"));
  return {};
}

Result<std::unique_ptr<Directory>> SimDirectory::open_directory(const std::string& name) const {
  SH_TRY_OK(process_->begin("open directory", path_of(name)));
  const SimNodePtr node = find(name);
  if (!node) return file_error(ENOENT, "open directory", path_of(name));
  if (node->kind != EntryKind::kDirectory)
    return file_error(ENOTDIR, "open directory", path_of(name));
  return std::make_unique<SimDirectory>(process_, node, path_of(name));
}

Result<FileInfo> SimDirectory::file_info(const std::string& name) const {
  SH_TRY_OK(process_->begin("stat", path_of(name)));
  const SimNodePtr node = find(name);
  if (!node || node->kind != EntryKind::kFile) return file_error(ENOENT, "stat", path_of(name));
  return FileInfo{.size = node->content.size()};
}

/// On a disk the two changes of a rename need not become durable together.
Status SimDirectory::publish(const std::string& name, Directory& target,
                             const std::string& target_name) {
  auto& to = static_cast<SimDirectory&>(target);
  const std::string path = to.path_of(target_name);
  SH_TRY_OK(process_->begin("publish", path));
  const SimNodePtr node = find(name);
  if (!node || to.node_->names == 0) return file_error(ENOENT, "publish", path);
  if (to.find(target_name)) return file_error(EEXIST, "publish", path);
  process_->disk.change(*to.node_, target_name, node);
  process_->disk.change(*node_, name, nullptr);
  return {};
}

Status SimDirectory::remove_file(const std::string& name) {
  SH_TRY_OK(process_->begin("remove", path_of(name)));
  const SimNodePtr node = find(name);
  if (!node) return file_error(ENOENT, "remove", path_of(name));
  if (node->kind == EntryKind::kDirectory) return file_error(EISDIR, "remove", path_of(name));
  process_->disk.change(*node_, name, nullptr);
  return {};
}

Status SimDirectory::remove_directory(const std::string& name) {
  SH_TRY_OK(process_->begin("remove directory", path_of(name)));
  const SimNodePtr node = find(name);
  if (!node) return file_error(ENOENT, "remove directory", path_of(name));
  if (node->kind != EntryKind::kDirectory)
    return file_error(ENOTDIR, "remove directory", path_of(name));
  if (!node->entries.empty()) return file_error(ENOTEMPTY, "remove directory", path_of(name));
  process_->disk.change(*node_, name, nullptr);
  return {};
}

Status SimDirectory::sync() {
  SH_TRY_OK(process_->begin("sync directory", path_));
  node_->earlier.clear();
  return {};
}

Status SimDirectory::scan(const std::function<void(const Entry&)>& visit) const {
  SH_TRY_OK(process_->begin("read directory", path_));
  std::vector<Entry> entries;
  for (const auto& [name, node] : node_->entries) entries.push_back({name, node->kind});
  // Real directories have no order either.
  for (std::size_t i = entries.size(); i > 1; --i)
    std::swap(entries[i - 1], entries[process_->disk.random().below(i)]);
  for (const auto& entry : entries) visit(entry);
  return {};
}

}  // namespace streamhouse::objectstore
