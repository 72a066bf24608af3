// Change feed, producer ids, the small key-value.
#include "metadata/rules/setting_rules.h"
#include "metadata/sql/rows.h"
#include "metadata/sqlite/sqlite_metadata.h"

namespace streamhouse::metadata {

using base::Errc;
using base::make_error;
using namespace sqlite;

namespace {

constexpr std::string_view kAllocate =
    "INSERT INTO sh_cluster (key, value) VALUES ('next_producer_id', ?1)"
    " ON CONFLICT DO UPDATE SET value = value + ?1 RETURNING value - ?1";
constexpr std::string_view kChanges =
    "SELECT version, kind, key FROM sh_changes WHERE version > ?1 ORDER BY version LIMIT ?2";
/// Apart, or SQLite would read the whole table for both at once.
constexpr std::string_view kChangeBounds =
    "SELECT ifnull((SELECT max(version) FROM sh_changes), 0),"
    " ifnull((SELECT min(version) FROM sh_changes), 1)";
constexpr std::string_view kGet = "SELECT key, value, version FROM sh_settings WHERE key = ?1";
constexpr std::string_view kPut =
    "INSERT OR REPLACE INTO sh_settings (key, value, version) VALUES (?1, ?2, ?3)";
constexpr std::string_view kDelete = "DELETE FROM sh_settings WHERE key = ?1";
/// Compares as blobs: of texts substr() counts characters.
constexpr std::string_view kList =
    "SELECT key, value, version FROM sh_settings WHERE key >= ?1"
    " AND substr(CAST(key AS BLOB), 1, ?2) = CAST(?1 AS BLOB) ORDER BY key";
constexpr std::string_view kCluster = "SELECT value FROM sh_cluster WHERE key = ?1";

}  // namespace

Result<model::ProducerId> SqliteMetadata::allocate_producer_ids(std::int64_t count) {
  SH_TRY_OK(check_producer_id_count(count));
  return db().transaction([&]() -> Result<model::ProducerId> {
    SH_TRY(const auto first, db().value<model::ProducerId>(kAllocate, count));
    return *first;
  });
}

Result<Changes> SqliteMetadata::watch_changes(std::int64_t after_version, std::size_t limit) {
  return db().snapshot([&]() -> Result<Changes> {
    Changes page;
    const auto read_bounds = [&](Row row) { row.read_from(0, page.latest, page.oldest_kept); };
    SH_TRY_OK(db().each(kChangeBounds, read_bounds));
    SH_TRY(page.changes, db().all(kChanges, read_change<Row>, after_version, limit));
    return page;
  });
}

Result<Setting> SqliteMetadata::get_setting(const std::string& key) {
  SH_TRY(auto setting, db().first(kGet, read_setting<Row>, key));
  if (setting) return *std::move(setting);
  return make_error(Errc::kNotFound, "there is no setting '" + key + "'");
}

Result<Setting> SqliteMetadata::put_setting(const std::string& key, const base::Bytes& value,
                                            std::int64_t expected_version) {
  if (key.empty()) return make_error(Errc::kInvalid, "a setting needs a key");
  return db().transaction([&]() -> Result<Setting> {
    SH_TRY(auto stored, db().first(kGet, read_setting<Row>, key));
    if (stored && stored->version - 1 == expected_version && stored->value == value)
      return *std::move(stored);
    SH_TRY_OK(check_setting_version(key, stored ? stored->version : 0, expected_version));
    Setting setting{.key = key, .value = value, .version = expected_version + 1};
    SH_TRY_OK(db().execute(kPut, key, value, setting.version));
    return setting;
  });
}

Status SqliteMetadata::delete_setting(const std::string& key, std::int64_t expected_version) {
  return db().transaction([&]() -> Status {
    SH_TRY(const auto stored, db().first(kGet, read_setting<Row>, key));
    if (!stored) return {};
    SH_TRY_OK(check_setting_version(key, stored->version, expected_version));
    SH_TRY_OK(db().execute(kDelete, key));
    return {};
  });
}

Result<std::vector<Setting>> SqliteMetadata::list_settings(const std::string& prefix) {
  return db().all(kList, read_setting<Row>, prefix, prefix.size());
}

Result<ClusterInfo> SqliteMetadata::cluster_info() {
  return db().snapshot([&]() -> Result<ClusterInfo> {
    SH_TRY(const auto id, db().value<model::TopicId>(kCluster, "cluster_id"));
    SH_TRY(const auto created, db().value<DatabaseMs>(kCluster, "created_at"));
    if (id && created) return ClusterInfo{.cluster_id = *id, .created_ms = *created};
    return make_error(Errc::kCorrupt, "SQLite database " + db().path() + " has no cluster id");
  });
}

}  // namespace streamhouse::metadata
