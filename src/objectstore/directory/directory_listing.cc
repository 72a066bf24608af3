#include "objectstore/directory/directory_listing.h"

#include <iterator>
#include <memory>
#include <utility>

#include "objectstore/object_key.h"

namespace streamhouse::objectstore {

using base::Errc;

DirectoryListing::DirectoryListing(std::string prefix, ObjectKey start_after, std::size_t limit)
    : prefix_(std::move(prefix)), start_after_(std::move(start_after)), limit_(limit) {}

Result<ObjectPage> DirectoryListing::run(const Directory& directory, const std::string& path) {
  SH_TRY_OK(visit(directory, path));
  return std::move(page_);
}

Status DirectoryListing::visit(const Directory& directory, const std::string& path) {
  std::string after;
  for (bool more_entries = true; more_entries && !page_.more;) {
    SH_TRY(const Window window, read_window(directory, path, after));
    for (const auto& text : window) {
      SH_TRY_OK(visit_entry(directory, path, text));
      if (page_.more) break;
    }
    more_entries = window.size() > limit_;
    if (more_entries) after = *window.rbegin();
  }
  return {};
}

/// The first limit + 1 entries greater than `after` that may be or hold keys of the page.
Result<DirectoryListing::Window> DirectoryListing::read_window(const Directory& directory,
                                                               const std::string& path,
                                                               const std::string& after) const {
  Window window;
  SH_TRY_OK(directory.scan([&](const Entry& entry) {
    if (entry.kind == EntryKind::kOther || !is_key_component(entry.name)) return;
    std::string text = entry.kind == EntryKind::kDirectory ? entry.name + "/" : entry.name;
    if (text <= after || !may_match(path + text)) return;
    if (window.size() > limit_ && text > *window.rbegin()) return;
    window.insert(std::move(text));
    if (window.size() > limit_ + 1) window.erase(std::prev(window.end()));
  }));
  return window;
}

/// Whether `text`, a key, or a path that ends with a slash and stands for all keys below it, has to
/// do with the page.
bool DirectoryListing::may_match(const std::string& text) const {
  if (text.size() > kKeyBytesMax) return false;
  if (text.back() != '/') return text.starts_with(prefix_) && text > start_after_;
  return (text.starts_with(prefix_) || prefix_.starts_with(text)) &&
         (text > start_after_ || start_after_.starts_with(text));
}

Status DirectoryListing::visit_entry(const Directory& directory, const std::string& path,
                                     const std::string& text) {
  if (text.back() != '/') return add(directory, path, text);
  auto child = directory.open_directory(text.substr(0, text.size() - 1));
  if (child) return visit(**child, path + text);
  if (child.error().code == Errc::kNotFound) return {};  // removed meanwhile
  return std::move(child).error();
}

Status DirectoryListing::add(const Directory& directory, const std::string& path,
                             const std::string& name) {
  const auto info = directory.file_info(name);
  if (!info && info.error().code == Errc::kNotFound) return {};  // removed meanwhile
  if (!info) return info.error();
  page_.more = page_.objects.size() == limit_;
  if (!page_.more) page_.objects.push_back({path + name, info->size, info->modified_ms});
  return {};
}

}  // namespace streamhouse::objectstore
