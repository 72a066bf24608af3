#pragma once
/// \file  Rebuild: metadata out of nothing but a bucket, into an empty database.

#include "metadata/archive/move.h"
#include "upkeep/rebuild/bucket_reader.h"
#include "upkeep/rebuild/rebuild_planner.h"

namespace streamhouse::upkeep {

struct RebuildOptions {
  /// Whether somebody says that no agent writes into the bucket. Otherwise an object younger than
  /// kQuietMs says that one may.
  enum class Agents : std::uint8_t { kUnknown, kStopped };
  /// What becomes of a database where something was found: nothing, or it goes without what is
  /// lost.
  enum class OnFindings : std::uint8_t { kRefuse, kGoWithout };
  enum class Do : std::uint8_t { kReport, kWrite };

  Agents agents = Agents::kUnknown;
  OnFindings on_findings = OnFindings::kRefuse;
  Do what = Do::kWrite;
  std::int64_t now_ms = 0;
};
constexpr std::int64_t kQuietMs = 60'000;

struct RebuildReport {
  model::TopicId cluster = {};
  metadata::ArchiveCounts counts = {};  ///< Of rows, written or not.
  std::int64_t record_count = 0;
  std::uint64_t object_count = 0;  ///< Read.
  std::map<model::TopicNo, std::string> topics = {};
  RebuildFindings findings = {};
  std::vector<LeftOut> left_out = {};
  bool written = false;
};

/// Lifetime: one run. Threading: the runtime's executor.
class Rebuild {
 public:
  struct Ports {
    metadata::MetadataStore* metadata = nullptr;  ///< Null to report only.
    objectstore::ObjectStore& objects;
    /// The rows on their way: what is written there is read from `archive`.
    std::shared_ptr<metadata::ArchiveOutput> rows;
    metadata::ArchiveInput& archive;
  };
  Rebuild(Ports ports, RebuildOptions options, BucketReader::Progress progress = nullptr)
      : ports_(std::move(ports)), options_(options), reader_(ports_.objects, std::move(progress)) {}

  /// Writes seal markers for the sessions that had none, then the database, by import_metadata:
  /// repeatable as that is. Errors: kConflict if the database is not empty, if an agent may be at
  /// work, or naming objects of two clusters; BucketReader's, import_metadata's.
  runtime::Task<base::Result<RebuildReport>> run();

 private:
  runtime::Task<base::Status> check_target();
  base::Status check_quiet() const;
  base::Result<RebuildReport> plan(const BucketFacts& facts);
  runtime::Task<base::Status> write(const BucketFacts* facts);

  Ports ports_;
  RebuildOptions options_;
  BucketReader reader_;
  std::vector<std::pair<model::SessionId, model::Seq>> unsealed_;  ///< And where they end.
};

}  // namespace streamhouse::upkeep
