#include "upkeep/catalogue/catalogue_keeper.h"

#include <algorithm>

#include "metadata/archive/archive_object.h"
#include "segment/object_key.h"

namespace streamhouse::upkeep {

using base::Errc;
using base::Result;
using base::Status;
using runtime::Task;

namespace {

constexpr std::size_t kPerPage = 1'000;
constexpr auto kLook = std::chrono::seconds(1);
constexpr runtime::BoundedCache<model::TopicNo, std::int64_t>::Limits kStoredLimits{
    .entries_max = 1'000, .lifetime = std::chrono::minutes(10)};

std::string prefix_of(const model::TopicId& id) {
  return std::string(segment::kCataloguePrefix) + to_string(id) + "/";
}

/// The same for every agent that stores this version: of the cluster's counters only what the topic
/// itself says.
base::Bytes pack(const metadata::ClusterInfo& cluster, metadata::Topic topic) {
  metadata::ClusterRow row{.cluster = cluster, .topic_no_latest = topic.no};
  std::vector<metadata::ArchiveRow> rows;
  rows.emplace_back(row);
  rows.emplace_back(std::move(topic));
  return metadata::pack_rows(rows);
}

}  // namespace

CatalogueKeeper::CatalogueKeeper(Ports ports) : ports_(ports), stored_(kStoredLimits) {}

Task<Status> CatalogueKeeper::apply(cluster::ChangeBatchPtr batch) {
  const runtime::MonoTime at = ports_.runtime.now() + kMakersTurn;
  bool any = batch->missed_some;
  for (const metadata::Change& change : batch->changes) {
    if (change.kind != metadata::ChangeKind::kTopic) continue;
    const auto no = cluster::topic_of(change);
    any = any || !no;
    if (no) due_.try_emplace(*no, at);
  }
  if (any || due_.size() > kDueMax) {
    due_.clear();
    all_due_ = std::min(all_due_.value_or(at), at);
  }
  co_return Status{};
}

Task<void> CatalogueKeeper::run() {
  while (!over()) {
    co_await look();
    co_await ports_.group.sleep_until_stop(kLook);
  }
}

Task<void> CatalogueKeeper::look() {
  const runtime::MonoTime now = ports_.runtime.now();
  const auto is_due = [now](const auto& entry) { return entry.second <= now; };
  Status all;
  if (all_due_ && *all_due_ <= now) {
    all_due_.reset();
    all = co_await look_at_all();
    if (!all && !all_due_) all_due_ = ports_.runtime.now() + kRetry;
  } else if (std::ranges::none_of(due_, is_due)) {
    co_return;
  }
  const Status some = co_await look_at_due(now);
  if (!all_due_ && due_.empty()) trouble_.reset();
  if (!some) trouble_ = some.error();
  if (!all) trouble_ = all.error();
}

/// Errors: the first; the others were tried all the same.
Task<Status> CatalogueKeeper::look_at_due(runtime::MonoTime now) {
  const auto is_due = [now](const auto& entry) { return entry.second <= now; };
  Status first;
  while (!over()) {
    const auto next = std::ranges::find_if(due_, is_due);
    if (next == due_.end()) break;
    const model::TopicNo no = next->first;
    due_.erase(next);  // first: it may change again meanwhile
    Status done = co_await look_at(no);
    if (done) continue;
    due_.try_emplace(no, ports_.runtime.now() + kRetry);
    if (first) first = std::move(done);
  }
  co_return first;
}

Task<Status> CatalogueKeeper::look_at(model::TopicNo no) {
  const auto topic = co_await ports_.metadata.get_topic(no);
  if (!topic && topic.error().code == Errc::kTopicNotFound) co_return Status{};
  if (!topic) co_return topic.error();
  Wanted wanted{{topic->id, topic->version}};
  SH_CO_TRY_OK(co_await prune(prefix_of(topic->id), &wanted));
  if (wanted.empty()) co_return Status{};
  co_return co_await store(*topic);
}

Task<Status> CatalogueKeeper::look_at_all() {
  SH_CO_TRY(Wanted wanted, co_await read_all());
  SH_CO_TRY_OK(co_await prune(std::string(segment::kCataloguePrefix), &wanted));
  for (const auto& [id, version] : wanted) {
    if (over()) break;
    const auto topic = co_await ports_.metadata.get_topic(id);
    if (!topic && topic.error().code == Errc::kTopicNotFound) continue;
    if (!topic) co_return topic.error();
    SH_CO_TRY_OK(co_await store(*topic));
  }
  co_return Status{};
}

Task<Result<CatalogueKeeper::Wanted>> CatalogueKeeper::read_all() {
  Wanted wanted;
  model::TopicNo after{0};
  while (true) {
    SH_CO_TRY(const auto page, co_await ports_.metadata.list_topics(after, kPerPage));
    for (const metadata::Topic& topic : page) {
      after = topic.no;
      wanted[topic.id] = topic.version;
    }
    if (page.size() < kPerPage) co_return wanted;
  }
}

/// Removes what is stored of topics but the newest version of each, and takes from `wanted`, if
/// there is one, what need not be stored.
Task<Status> CatalogueKeeper::prune(std::string prefix, Wanted* wanted) {
  std::optional<segment::CatalogueKey> before;
  std::string after;
  for (bool more = true; more && !over();) {
    SH_CO_TRY(const auto page, co_await ports_.objects.list(prefix, after, kPerPage));
    more = page.more;
    std::vector<std::string> obsolete;
    for (const objectstore::ObjectInfo& object : page.objects) {
      after = object.key;
      const auto name = segment::parse_key(object.key);
      const auto* key = name ? std::get_if<segment::CatalogueKey>(&*name) : nullptr;
      if (key == nullptr) continue;
      if (before && before->topic == key->topic) obsolete.push_back(segment::to_key(*before));
      before = *key;
      if (wanted == nullptr) continue;
      const auto found = wanted->find(key->topic);
      if (found != wanted->end() && found->second <= key->version) wanted->erase(found);
    }
    SH_CO_TRY_OK(co_await remove(std::move(obsolete)));
  }
  co_return Status{};
}

Task<Status> CatalogueKeeper::remove(std::vector<std::string> keys) {
  for (std::string& key : keys) {
    if (over()) break;
    SH_CO_TRY_OK(co_await ports_.objects.remove(std::move(key)));
  }
  co_return Status{};
}

Task<void> CatalogueKeeper::changed(metadata::Topic topic, runtime::Duration patience) {
  if (over()) co_return;
  const runtime::MonoTime deadline = ports_.runtime.now() + patience;
  const runtime::OneShot<Status> stored(ports_.runtime);
  ports_.group.spawn(store_changed(std::move(topic), stored));
  [[maybe_unused]] const auto known = co_await stored.wait_until(deadline);
}

Task<void> CatalogueKeeper::store_changed(metadata::Topic topic, runtime::OneShot<Status> stored) {
  Status put_now = co_await put(topic);
  const bool is_done = put_now.has_value();
  stored.set(std::move(put_now));
  if (is_done && topic.version > 1) co_await prune_one(topic.id);
}

Task<Status> CatalogueKeeper::store(metadata::Topic topic) {
  const auto* known = stored_.find(topic.no, ports_.runtime.now());
  if (known != nullptr && *known >= topic.version) co_return Status{};
  SH_CO_TRY_OK(co_await put(topic));
  stored_.insert(topic.no, topic.version, ports_.runtime.now());
  if (topic.version > 1 && !over()) ports_.group.spawn(prune_one(topic.id));
  co_return Status{};
}

/// What fails is done with the topic's next change, or at an agent's next start.
Task<void> CatalogueKeeper::prune_one(model::TopicId id) {
  [[maybe_unused]] const Status pruned = co_await prune(prefix_of(id), nullptr);
}

/// Another content under this version is that of a database that was put back in time: the first
/// stays.
Task<Status> CatalogueKeeper::put(metadata::Topic topic) {
  if (!cluster_) {
    SH_CO_TRY(cluster_, co_await ports_.metadata.cluster_info());
  }
  std::string key =
      segment::to_key(segment::CatalogueKey{.topic = topic.id, .version = topic.version});
  objectstore::Chunks content;
  content.push_back(pack(*cluster_, std::move(topic)));
  Status done = co_await ports_.objects.put(std::move(key), std::move(content));
  const bool is_other = !done && done.error().code == Errc::kExists;
  co_return is_other ? Status{} : done;
}

}  // namespace streamhouse::upkeep
