// Change feed, producer ids, the small key-value.
#include <algorithm>

#include "metadata/dynamodb/driver/transaction.h"
#include "metadata/dynamodb/dynamodb_metadata_store.h"
#include "metadata/dynamodb/items/keys.h"
#include "metadata/dynamodb/items/rows.h"
#include "metadata/dynamodb/tables/changes.h"
#include "metadata/dynamodb/tables/schema.h"
#include "metadata/rules/setting_rules.h"

namespace streamhouse::metadata {

using base::Errc;
using base::make_error;
using namespace dynamodb;

namespace {

struct AllocateProducerIds {
  std::int64_t count;

  Task<Result<model::ProducerId>> run(Transaction& transaction) const {
    const Key key = counter_key("producer_id");
    SH_CO_TRY(const Item* const item, co_await transaction.get(key));
    const std::int64_t first = item ? item->number("value") : 0;
    transaction.put(key, {{"value", first + count}});
    co_return model::ProducerId(first);
  }
};

struct PutSetting {
  std::string key;
  base::Bytes value;
  std::int64_t expected_version;

  Task<Result<Setting>> run(Transaction& transaction) const {
    SH_CO_TRY(const Item* const item, co_await transaction.get(setting_key(key)));
    const Setting stored = item ? setting_of(*item) : Setting{};
    if (item && stored.version - 1 == expected_version && stored.value == value) co_return stored;
    SH_CO_TRY_OK(check_setting_version(key, stored.version, expected_version));
    Setting next{.key = key, .value = value, .version = stored.version + 1};
    transaction.put(setting_key(key), item_of(next));
    co_return next;
  }
};

struct DeleteSetting {
  std::string key;
  std::int64_t expected_version;

  Task<Status> run(Transaction& transaction) const {
    SH_CO_TRY(const Item* const item, co_await transaction.get(setting_key(key)));
    if (item == nullptr) co_return Status{};
    SH_CO_TRY_OK(check_setting_version(key, item->number("version"), expected_version));
    transaction.remove(setting_key(key));
    co_return Status{};
  }
};

}  // namespace

Task<Result<model::ProducerId>> DynamodbMetadataStore::allocate_producer_ids(std::int64_t count) {
  SH_CO_TRY_OK(check_producer_id_count(count));
  co_return co_await transact(table_, AllocateProducerIds{.count = count});
}

/// Everyone who watches does it: few items at a time, and who dies over it is not missed.
Task<void> DynamodbMetadataStore::drop_changes(std::int64_t oldest_kept) {
  if (oldest_kept <= oldest_kept_ || table_.access() == Access::kReadOnly) co_return;
  const Status removed = co_await remove_dropped_changes(table_, oldest_kept);
  if (removed) oldest_kept_ = oldest_kept;
}

/// Who reads beside a transaction that is being applied may see the head and not yet its changes.
/// What follows such a gap counts as not there yet, for a while: who has read past it never comes
/// back to it.
Task<Result<Changes>> DynamodbMetadataStore::watch_changes(std::int64_t after_version,
                                                           std::size_t limit) {
  SH_CO_TRY(const auto head, co_await table_.get(change_head_key()));
  Changes page = head_of(head ? &*head : nullptr);
  co_await drop_changes(page.oldest_kept);
  if (after_version >= page.latest) co_return page;
  std::int64_t next = std::max(page.oldest_kept, after_version + 1);
  // The first version of the item that holds the next one may lie so far back.
  const std::int64_t first = next - kChangesPerItemMax;
  Range range = Range::between(kChangesKey, padded(first), padded(page.latest));
  SH_CO_TRY(const auto items, co_await table_.query(std::move(range)));
  for (const Item& item : items) {
    SH_CO_TRY(auto changes, changes_of(item));
    for (Change& change : changes) {
      if (change.version != next || next > page.latest) continue;
      ++next;
      if (page.changes.size() < limit) page.changes.push_back(std::move(change));
    }
  }
  if (next <= page.latest && is_lost(next))
    co_return Changes{.latest = page.latest, .oldest_kept = page.latest + 1};
  page.latest = next - 1;
  co_return page;
}

/// Applying a transaction takes milliseconds: a change that stays away was removed by somebody, and
/// readers are better off without what they cache than behind it for good.
bool DynamodbMetadataStore::is_lost(std::int64_t version) {
  const DatabaseMs now = table_.now();
  if (gap_.version != version) gap_ = {.version = version, .seen_ms = now};
  return now - gap_.seen_ms >= kGapMs;
}

Task<Result<Setting>> DynamodbMetadataStore::get_setting(std::string key) {
  SH_CO_TRY(const auto item, co_await table_.get(setting_key(key)));
  if (item) co_return setting_of(*item);
  co_return make_error(Errc::kNotFound, "there is no setting '" + key + "'");
}

Task<Result<Setting>> DynamodbMetadataStore::put_setting(std::string key, base::Bytes value,
                                                         std::int64_t expected_version) {
  if (key.empty()) co_return make_error(Errc::kInvalid, "a setting needs a key");
  PutSetting put{
      .key = std::move(key), .value = std::move(value), .expected_version = expected_version};
  co_return co_await transact(table_, std::move(put));
}

Task<Status> DynamodbMetadataStore::delete_setting(std::string key, std::int64_t expected_version) {
  DeleteSetting wanted{.key = std::move(key), .expected_version = expected_version};
  co_return co_await transact(table_, std::move(wanted));
}

Task<Result<std::vector<Setting>>> DynamodbMetadataStore::list_settings(std::string prefix) {
  SH_CO_TRY(const auto items, co_await table_.query(Range::prefix(kSettingsKey, of_user(prefix))));
  std::vector<Setting> settings;
  for (const Item& item : items) settings.push_back(setting_of(item));
  co_return settings;
}

Task<Result<ClusterInfo>> DynamodbMetadataStore::cluster_info() {
  co_return co_await read_cluster(table_);
}

Task<Result<DatabaseMs>> DynamodbMetadataStore::database_now() {
  // The read is what probes the health, and brings the service's time with it.
  SH_CO_TRY_OK(co_await table_.get(cluster_key()));
  co_return table_.now();
}

}  // namespace streamhouse::metadata
