#pragma once
/// \file  DirectoryListing: one page of keys in byte order out of a tree of directories.

#include <set>
#include <string>

#include "objectstore/directory/file_system.h"

namespace streamhouse::objectstore {

/// One use: construct, run. Reads a directory once for every limit + 1 of its entries, and keeps
/// no more than these in memory, however many there are.
class DirectoryListing {
 public:
  /// Requires: check_list(prefix, limit).
  DirectoryListing(std::string prefix, ObjectKey start_after, std::size_t limit);

  /// The page of the tree below `directory`, whose own path is `path`: empty for the root, else
  /// ending with a slash. Names that no key has are passed over.
  Result<ObjectPage> run(const Directory& directory, const std::string& path);

 private:
  /// Names of files, and names of directories with a slash: in this form a directory's place among
  /// its neighbours is the place of the keys below it.
  using Window = std::set<std::string>;

  Status visit(const Directory& directory, const std::string& path);
  Result<Window> read_window(const Directory& directory, const std::string& path,
                             const std::string& after) const;
  Status visit_entry(const Directory& directory, const std::string& path, const std::string& text);
  Status add(const Directory& directory, const std::string& path, const std::string& name);
  bool may_match(const std::string& text) const;

  const std::string prefix_;
  const ObjectKey start_after_;
  const std::size_t limit_;
  ObjectPage page_;
};

}  // namespace streamhouse::objectstore
