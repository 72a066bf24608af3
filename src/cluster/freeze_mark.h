#pragma once
/// \file  FreezeMark: that the database has lost what it had acknowledged, written down where every
/// agent sees it. While it is there no session is taken over and nothing is deleted: what is left
/// in the object store may be the only copy. An operator takes it away (docs/operations.md).

#include <string>

#include "metadata/metadata_store.h"

namespace streamhouse::cluster {

/// Threading: the core's executor. Lifetime of calls: `metadata` outlives them.
class FreezeMark {
 public:
  static constexpr std::string_view kSetting = "frozen";

  explicit FreezeMark(metadata::MetadataStore& metadata) : metadata_(metadata) {}

  /// Writes the mark; the first one stays. Errors: those of the store; repeatable.
  runtime::Task<base::Status> set(std::string why);
  /// Success if there is no mark. Errors: kRegressed with what it says; those of the store.
  runtime::Task<base::Status> check();
  /// Takes it away; success if there is none.
  runtime::Task<base::Status> clear();

 private:
  metadata::MetadataStore& metadata_;
};

}  // namespace streamhouse::cluster
