#pragma once
/// \file  TrimMarks: tell a rebuild without the database that objects of a session are gone on
/// purpose. docs/formats/object_keys.md has their keys.

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "metadata/metadata_store.h"
#include "objectstore/object_store.h"

namespace streamhouse::upkeep {

/// Threading: the core's executor.
/// Cost:      for each session whose log is trimmed a put, a list and a removal each time that the
///            next object to go is newer than the mark: about once a grace, since a mark covers all
///            that is trimmed by then.
class TrimMarks {
 public:
  TrimMarks(metadata::MetadataStore& metadata, objectstore::ObjectStore& objects)
      : metadata_(metadata), objects_(objects) {}

  struct Covered {
    std::vector<std::string> keys = {};
    std::optional<base::Error> refusal = {};  ///< The first.
  };
  /// Before these objects are removed: those that a mark of their session covers now, or that need
  /// none, since they were compacted. Requires: they are dead.
  runtime::Task<Covered> cover(std::vector<std::string> dead);

 private:
  bool is_covered(model::SessionId session, model::Seq seq) const;
  runtime::Task<base::Status> cover_session(model::SessionId session, model::Seq seq);
  runtime::Task<base::Status> remove_earlier(model::SessionId session);

  metadata::MetadataStore& metadata_;
  objectstore::ObjectStore& objects_;
  std::map<model::SessionId, model::Seq> covered_;  ///< By the mark that was put.
};

}  // namespace streamhouse::upkeep
