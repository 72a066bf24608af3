#pragma once
/// \file  The metadata store that a URL names, opened with all that it runs on.

#include <memory>

#include "metadata/metadata_store.h"
#include "net/aws/credentials/aws_settings.h"
#include "runtime/runtime.h"

namespace streamhouse::metadata {

enum class OpenFor : std::uint8_t {
  kLead,  ///< An agent's. Makes the database if it is not there, and migrates it.
  kLook,  ///< Every write is kUnsupported; also while agents are at work.
};

struct OpenMetadata {
  /// `sqlite:PATH`, `postgres://...`, `cockroach://...`, `dynamodb://TABLE`.
  std::string url = {};
  OpenFor purpose = OpenFor::kLead;
  std::string holder = {};             ///< Agent id and address, for who finds the database in use.
  model::TopicId new_cluster_id = {};  ///< The cluster's id if the database is new.
  int connections_max = 20;            ///< PostgreSQL's.
  net::AwsSettings aws = {};           ///< DynamoDB's.
  /// Whether a server may have standbys, or a table replicas, that lack acknowledged commits.
  bool allow_async_standbys = false;
};

/// Lifetime:  the store's; outlives every call. The runtime outlives it.
/// Threading: the runtime's executor.
class OpenedMetadataStore {
 public:
  virtual ~OpenedMetadataStore() = default;
  virtual MetadataStore& store() = 0;
  /// Nobody else can lead on this database for as long as it is open, so every earlier session is
  /// over.
  virtual bool exclusive() const = 0;
};

/// Errors: kInvalid for a URL that is not served; kConflict naming the holder if another process
/// has a database that only one can have; kUnavailable and the like if trying again may help; else
/// the database is refused.
Task<Result<std::unique_ptr<OpenedMetadataStore>>> open_metadata_store(runtime::Runtime& runtime,
                                                                       OpenMetadata options);

/// Errors: kInvalid for any URL but those of OpenMetadata; no text repeats the URL.
Status check_metadata_url(const std::string& url);
/// Errors: kInvalid for any URL but `sqlite:PATH`.
Result<std::string> sqlite_path_of_url(std::string_view url);

}  // namespace streamhouse::metadata
