#pragma once
/// \file  The rest of the metadata interface: change feed, producer ids, a small compare-and-swap
/// key-value.

#include "metadata/groups.h"

namespace streamhouse::metadata {

enum class ChangeKind : std::uint8_t { kTopic, kLease, kGroup, kAgent };

/// Something that caches may hold has changed. Versions begin with 1 and have no gaps. Only rare
/// operations write changes, one each: every change of a topic (created, deleting, purged, config,
/// partitions); every partition acquired, released or recovered, in the order of the request; a
/// group that appears or is deleted; open_session, and deregister_agent if it removes a row. What
/// changes nothing writes none.
struct Change {
  std::int64_t version = 0;
  ChangeKind kind = ChangeKind::kTopic;
  std::string key = {};  ///< Topic: its number; lease: `topic_no/partition`; group, agent: its id.
};

struct Changes {
  std::vector<Change> changes = {};
  std::int64_t latest = 0;  ///< Newest version there is.
  /// Oldest version still kept, latest + 1 if none. A reader that asked for changes after less than
  /// oldest_kept - 1 has missed some and must drop everything it caches. The newest 10,000 at least
  /// are kept.
  std::int64_t oldest_kept = 1;
};

struct Setting {
  std::string key = {};
  base::Bytes value = {};
  std::int64_t version = 0;  ///< 1 when created, raised by each write.
};

struct ClusterInfo {
  model::TopicId cluster_id = {};  ///< A random UUID, made with the database.
  DatabaseMs created_ms = 0;
};

class SettingsStore {
 public:
  virtual ~SettingsStore() = default;

  /// The first of `count` producer ids, from 0 upwards, that nobody else ever gets. Errors:
  /// kInvalid (count outside 1..1,000,000).
  virtual Task<Result<model::ProducerId>> allocate_producer_ids(std::int64_t count) = 0;
  /// Changes with a version greater than `after_version`, in order, at most `limit`.
  virtual Task<Result<Changes>> watch_changes(std::int64_t after_version, std::size_t limit) = 0;

  /// Errors: kNotFound.
  virtual Task<Result<Setting>> get_setting(std::string key) = 0;
  /// Writes if the stored version is `expected_version` (0 = absent). A stored version of
  /// expected_version + 1 with the same value is the caller's own earlier success, so values that
  /// decide a race must name their writer. Errors: kInvalid (empty key), kConflict.
  virtual Task<Result<Setting>> put_setting(std::string key, base::Bytes value,
                                            std::int64_t expected_version) = 0;
  /// Success if it is gone already. Errors: kConflict.
  virtual Task<Status> delete_setting(std::string key, std::int64_t expected_version) = 0;
  /// By key (bytes).
  virtual Task<Result<std::vector<Setting>>> list_settings(std::string prefix) = 0;

  virtual Task<Result<ClusterInfo>> cluster_info() = 0;
  /// The database's clock; also the health probe.
  virtual Task<Result<DatabaseMs>> database_now() = 0;
};

}  // namespace streamhouse::metadata
