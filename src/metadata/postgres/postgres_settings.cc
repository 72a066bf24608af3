// Change feed, producer ids, the small key-value.
#include "metadata/postgres/postgres_metadata.h"
#include "metadata/rules/setting_rules.h"
#include "metadata/sql/rows.h"

namespace streamhouse::metadata {

using base::Errc;
using base::make_error;
using namespace postgres;

namespace {

constexpr std::string_view kAllocate =
    "UPDATE sh_counters SET value = value + $1 WHERE name = 'producer_id' RETURNING value - $1";
constexpr std::string_view kChanges =
    "SELECT version, kind, key FROM sh_changes WHERE version > $1 ORDER BY version LIMIT $2";
constexpr std::string_view kChangeBounds =
    "SELECT value, coalesce((SELECT min(version) FROM sh_changes), value + 1) FROM sh_counters"
    " WHERE name = 'change'";
constexpr std::string_view kGet = "SELECT key, value, version FROM sh_settings WHERE key = $1";
constexpr std::string_view kLock =
    "SELECT key, value, version FROM sh_settings WHERE key = $1 FOR UPDATE";
constexpr std::string_view kInsert =
    "INSERT INTO sh_settings (key, value, version) VALUES ($1, $2, 1) ON CONFLICT DO NOTHING";
constexpr std::string_view kUpdate =
    "UPDATE sh_settings SET value = $2, version = $3 WHERE key = $1";
constexpr std::string_view kDelete = "DELETE FROM sh_settings WHERE key = $1";
constexpr std::string_view kList =
    "SELECT key, value, version FROM sh_settings WHERE key >= $1"
    " AND substr(key, 1, length($1)) = $1 ORDER BY key";
constexpr std::string_view kCluster = "SELECT cluster_id, created_at FROM sh_cluster WHERE id = 1";
constexpr auto kNow = sql_text("SELECT coalesce($1, ", kClock, ")");

ClusterInfo read_cluster(Row row) {
  return {.cluster_id = row.get<model::TopicId>(0), .created_ms = row.get<DatabaseMs>(1)};
}

base::Error counter_missing(const Connection& db) {
  return make_error(Errc::kCorrupt, db.target() + ": a row of sh_counters is missing");
}

}  // namespace

Result<model::ProducerId> PostgresMetadata::allocate_producer_ids(std::int64_t count) {
  SH_TRY_OK(check_producer_id_count(count));
  SH_TRY(const auto first, db().value<model::ProducerId>(kAllocate, count));
  if (first) return *first;
  return counter_missing(db());
}

Result<Changes> PostgresMetadata::watch_changes(std::int64_t after_version, std::size_t limit) {
  const auto read_bounds = [](Row row) {
    return Changes{
        .changes = {}, .latest = row.get<std::int64_t>(0), .oldest_kept = row.get<std::int64_t>(1)};
  };
  return db().snapshot([&]() -> Result<Changes> {
    SH_TRY(auto page, db().first(kChangeBounds, read_bounds));
    if (!page) return counter_missing(db());
    SH_TRY(page->changes, db().all(kChanges, read_change<Row>, after_version, limit));
    return *std::move(page);
  });
}

Result<Setting> PostgresMetadata::get_setting(const std::string& key) {
  SH_TRY(auto setting, db().first(kGet, read_setting<Row>, key));
  if (setting) return *std::move(setting);
  return make_error(Errc::kNotFound, "there is no setting '" + key + "'");
}

Result<Setting> PostgresMetadata::put_setting(const std::string& key, const base::Bytes& value,
                                              std::int64_t expected_version) {
  if (key.empty()) return make_error(Errc::kInvalid, "a setting needs a key");
  return db().transaction([&]() -> Result<Setting> {
    if (expected_version == 0) {
      SH_TRY(const auto inserted, db().execute(kInsert, key, value));
      if (inserted == 1) return Setting{.key = key, .value = value, .version = 1};
    }
    SH_TRY(auto stored, db().first(kLock, read_setting<Row>, key));
    if (stored && stored->version - 1 == expected_version && stored->value == value)
      return *std::move(stored);
    SH_TRY_OK(check_setting_version(key, stored ? stored->version : 0, expected_version));
    if (!stored) return make_error(Errc::kUnavailable, "setting '" + key + "' has just gone");
    Setting setting{.key = key, .value = value, .version = stored->version + 1};
    SH_TRY_OK(db().execute(kUpdate, key, value, setting.version));
    return setting;
  });
}

Status PostgresMetadata::delete_setting(const std::string& key, std::int64_t expected_version) {
  return db().transaction([&]() -> Status {
    SH_TRY(const auto stored, db().first(kLock, read_setting<Row>, key));
    if (!stored) return {};
    SH_TRY_OK(check_setting_version(key, stored->version, expected_version));
    SH_TRY_OK(db().execute(kDelete, key));
    return {};
  });
}

Result<std::vector<Setting>> PostgresMetadata::list_settings(const std::string& prefix) {
  return db().all(kList, read_setting<Row>, prefix);
}

Result<ClusterInfo> PostgresMetadata::cluster_info() {
  SH_TRY(const auto cluster, db().first(kCluster, read_cluster));
  if (cluster) return *cluster;
  return make_error(Errc::kCorrupt, db().target() + ": has no cluster id");
}

Result<DatabaseMs> PostgresMetadata::database_now() {
  SH_TRY(const auto now, db().value<DatabaseMs>(kNow, db().fixed_time()));
  return now.value_or(0);
}

}  // namespace streamhouse::metadata
