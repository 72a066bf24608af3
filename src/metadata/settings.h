#pragma once
/// \file  The rest of the metadata interface: change feed, producer ids, a small compare-and-swap
/// key-value.

#include "metadata/groups.h"

namespace streamhouse::metadata {

enum class ChangeKind : std::uint8_t { kTopic, kLease, kGroup, kAgent };

/// Something that caches may hold has changed. Only rare operations write changes; versions have no
/// gaps.
struct Change {
  std::int64_t version = 0;
  ChangeKind kind = ChangeKind::kTopic;
  std::string key;  ///< Topic: its name; lease: `topic_no/partition`; group, agent: its id.
};

struct Changes {
  std::vector<Change> changes;
  std::int64_t latest = 0;       ///< Newest version there is.
  std::int64_t oldest_kept = 0;  ///< A reader behind this must drop everything it caches.
};

struct Setting {
  std::string key;
  base::Bytes value;
  std::int64_t version = 0;  ///< 1 when created, raised by each write.
};

struct ClusterInfo {
  model::TopicId cluster_id;  ///< A random UUID, made with the database.
  DatabaseMs created_ms = 0;
};

class SettingsStore {
 public:
  virtual ~SettingsStore() = default;

  /// The first of `count` producer ids that nobody else ever gets.
  virtual Task<Result<model::ProducerId>> allocate_producer_ids(std::int64_t count) = 0;
  virtual Task<Result<Changes>> watch_changes(std::int64_t after_version, std::size_t limit) = 0;

  /// Errors: kNotFound.
  virtual Task<Result<Setting>> get_setting(std::string key) = 0;
  /// Writes if the stored version is `expected_version` (0 = absent). Errors: kConflict.
  virtual Task<Result<Setting>> put_setting(std::string key, base::Bytes value,
                                            std::int64_t expected_version) = 0;
  virtual Task<Status> delete_setting(std::string key, std::int64_t expected_version) = 0;
  virtual Task<Result<std::vector<Setting>>> list_settings(std::string prefix) = 0;

  virtual Task<Result<ClusterInfo>> cluster_info() = 0;
  /// The database's clock; also the health probe.
  virtual Task<Result<DatabaseMs>> database_now() = 0;
};

}  // namespace streamhouse::metadata
