// Change feed, producer ids, the small key-value.
#include "metadata/memory/memory_metadata.h"
#include "metadata/rules/setting_rules.h"

namespace streamhouse::metadata {

using base::Errc;

MemoryMetadata::MemoryMetadata(Clock clock, model::TopicId cluster_id) : clock_(std::move(clock)) {
  tables_.cluster = ClusterInfo{.cluster_id = cluster_id, .created_ms = clock_()};
}

void MemoryMetadata::add_change(ChangeKind kind, std::string key) {
  const std::int64_t version = ++tables_.change_latest;
  tables_.changes[version] = Change{version, kind, std::move(key)};
  if (tables_.changes.size() > kChangesKeptMax) tables_.changes.erase(tables_.changes.begin());
}

void MemoryMetadata::add_lease_change(TopicPartition key) {
  add_change(ChangeKind::kLease,
             std::to_string(key.topic.value()) + "/" + std::to_string(key.partition.value()));
}

Result<model::ProducerId> MemoryMetadata::allocate_producer_ids(std::int64_t count) {
  SH_TRY_OK(check_producer_id_count(count));
  const model::ProducerId first(tables_.producer_id_next);
  tables_.producer_id_next += count;
  return first;
}

Result<Changes> MemoryMetadata::watch_changes(std::int64_t after_version, std::size_t limit) const {
  Changes page{.changes = {},
               .latest = tables_.change_latest,
               .oldest_kept = tables_.changes.empty() ? tables_.change_latest + 1
                                                      : tables_.changes.begin()->first};
  auto at = tables_.changes.upper_bound(after_version);
  for (; at != tables_.changes.end() && page.changes.size() < limit; ++at)
    page.changes.push_back(at->second);
  return page;
}

Result<Setting> MemoryMetadata::get_setting(const std::string& key) const {
  const auto found = tables_.settings.find(key);
  if (found == tables_.settings.end())
    return make_error(Errc::kNotFound, "there is no setting '" + key + "'");
  return found->second;
}

Result<Setting> MemoryMetadata::put_setting(const std::string& key, base::Bytes value,
                                            std::int64_t expected_version) {
  if (key.empty()) return make_error(Errc::kInvalid, "a setting needs a key");
  const auto found = tables_.settings.find(key);
  const std::int64_t stored = found == tables_.settings.end() ? 0 : found->second.version;
  if (stored > 0 && stored - 1 == expected_version && found->second.value == value)
    return found->second;
  SH_TRY_OK(check_setting_version(key, stored, expected_version));
  Setting& setting = tables_.settings[key];
  setting = Setting{.key = key, .value = std::move(value), .version = stored + 1};
  return setting;
}

Status MemoryMetadata::delete_setting(const std::string& key, std::int64_t expected_version) {
  const auto found = tables_.settings.find(key);
  if (found == tables_.settings.end()) return {};
  SH_TRY_OK(check_setting_version(key, found->second.version, expected_version));
  tables_.settings.erase(found);
  return {};
}

Result<std::vector<Setting>> MemoryMetadata::list_settings(const std::string& prefix) const {
  std::vector<Setting> settings;
  auto at = tables_.settings.lower_bound(prefix);
  for (; at != tables_.settings.end() && at->first.starts_with(prefix); ++at)
    settings.push_back(at->second);
  return settings;
}

}  // namespace streamhouse::metadata
