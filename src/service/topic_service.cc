#include "service/topic_service.h"

#include <algorithm>

#include "runtime/retry/retry.h"
#include "service/partition_error.h"
#include "service/random_id.h"
#include "service/topic_config.h"

namespace streamhouse::service {
namespace {

using base::Errc;

/// How long create and remove wait for leaders to take or let go.
constexpr auto kPatience = std::chrono::seconds(5);
constexpr auto kLook = std::chrono::milliseconds(50);
constexpr auto kDeletionInterval = std::chrono::milliseconds(500);

}  // namespace

runtime::Task<base::Result<cluster::TopicPtr>> TopicService::create(TopicSpec spec) {
  SH_CO_TRY_OK(check_topic_name(spec.name));
  if (spec.partition_count < 1 || spec.partition_count > kPartitionsMax) {
    co_return base::make_error(Errc::kInvalid, "topic " + spec.name + ": " +
                                                   std::to_string(spec.partition_count) +
                                                   " partitions, expected 1 to 100000");
  }
  SH_CO_TRY(spec.retention_ms, take_retention(spec.config, spec.retention_ms));
  SH_CO_TRY_OK(check_topic_config(spec.config));
  const metadata::NewTopic wanted{.name = spec.name,
                                  .id = random_uuid(ports_.runtime.random()),
                                  .partition_count = spec.partition_count,
                                  .retention_ms = spec.retention_ms,
                                  .config = spec.config};
  const auto write = [this, &wanted] { return ports_.metadata.create_topic(wanted); };
  SH_CO_TRY(auto created, co_await runtime::retry_until_known(ports_.runtime, ports_.group, write,
                                                              Errc::kTopicExists));
  ports_.topics.put(created);
  const auto topic = std::make_shared<const metadata::Topic>(std::move(created));
  co_await keep(topic);
  co_await wait_for_leaders(topic);
  co_return topic;
}

runtime::Task<base::Result<cluster::TopicPtr>> TopicService::add_partitions(std::string name,
                                                                            std::int32_t count) {
  SH_CO_TRY_OK(co_await ports_.topics.read(name));
  const auto write = [this, &name, count] {
    return ports_.metadata.create_partitions(name, count);
  };
  SH_CO_TRY(auto changed, co_await runtime::retry_until_known(ports_.runtime, ports_.group, write));
  ports_.topics.put(changed);
  const auto topic = std::make_shared<const metadata::Topic>(std::move(changed));
  co_await keep(topic);
  co_await wait_for_leaders(topic);
  co_return topic;
}

runtime::Task<base::Result<cluster::TopicPtr>> TopicService::ensure_internal(
    std::string name, std::int32_t partitions) {
  const metadata::NewTopic wanted{.name = name,
                                  .id = random_uuid(ports_.runtime.random()),
                                  .partition_count = partitions,
                                  .kind = metadata::TopicKind::kInternal};
  const auto write = [this, &wanted] { return ports_.metadata.create_topic(wanted); };
  const auto created =
      co_await runtime::retry_until_known(ports_.runtime, ports_.group, write, Errc::kTopicExists);
  if (!created && created.error().code != Errc::kTopicExists) co_return created.error();
  const auto read = [this, &name] { return ports_.metadata.get_topic(name); };
  SH_CO_TRY(auto topic, co_await runtime::retry_until_known(ports_.runtime, ports_.group, read));
  ports_.topics.put(topic);
  auto known = std::make_shared<const metadata::Topic>(std::move(topic));
  if (created) co_await keep(known);
  co_return known;
}

runtime::Task<void> TopicService::keep(cluster::TopicPtr topic) {
  if (ports_.catalogue != nullptr) co_await ports_.catalogue->changed(*topic, kPatience);
}

runtime::Task<base::Status> TopicService::keep_deleted(cluster::TopicPtr topic) {
  if (ports_.catalogue == nullptr) co_return base::Status{};
  co_return co_await ports_.catalogue->store(*topic);
}

runtime::Task<void> TopicService::wait_for_leaders(cluster::TopicPtr topic) {
  const runtime::MonoTime deadline = ports_.runtime.now() + kPatience;
  while (ports_.runtime.now() < deadline && !ports_.group.stopping()) {
    const auto scope = ports_.scope.get();
    if (scope) (*scope)->leases().wake();
    const auto rows = co_await ports_.metadata.list_partitions(topic->no);
    const auto led = [](const metadata::Partition& row) { return row.owner != model::kNoSession; };
    if (rows && std::ranges::all_of(*rows, led)) co_return;
    co_await ports_.group.sleep_until_stop(kLook);
  }
}

runtime::Task<base::Status> TopicService::remove(std::string name,
                                                 std::optional<model::TopicId> id) {
  SH_CO_TRY(const cluster::TopicPtr known, co_await ports_.topics.read(name));
  if (id && known->id != *id)
    co_return base::make_error(Errc::kTopicNotFound, "there is no topic with id " + to_string(*id));
  const auto write = [this, &known] { return ports_.metadata.delete_topic(known->id); };
  SH_CO_TRY(auto deleted, co_await runtime::retry_until_known(ports_.runtime, ports_.group, write));
  if (!deleted) {  // and purged meanwhile, by another
    ports_.topics.erase(known->no);
    co_return base::Status{};
  }
  ports_.topics.put(*deleted);
  const auto topic = std::make_shared<const metadata::Topic>(*std::move(deleted));
  const runtime::MonoTime deadline = ports_.runtime.now() + kPatience;
  while (true) {
    base::Status purged = co_await purge(topic);
    const bool wait = !purged && purged.error().code == Errc::kConflict;
    if (!wait || ports_.runtime.now() >= deadline || ports_.group.stopping()) co_return purged;
    co_await ports_.group.sleep_until_stop(kLook);
  }
}

/// Lets go of its partitions that are led here, then removes its rows; not before the object store
/// knows that it is deleted: a rebuild would bring it back.
runtime::Task<base::Status> TopicService::purge(cluster::TopicPtr topic) {
  if (const auto scope = ports_.scope.get()) {
    std::vector<model::TopicPartition> keys;
    for (const auto& log : (*scope)->partitions().list()) {
      if (log->key().topic == topic->no) keys.push_back(log->key());
    }
    ingest::SessionWriter& writer = (*scope)->writer();
    if (!keys.empty()) SH_CO_TRY_OK(co_await writer.release(std::move(keys)));
  }
  const base::Status kept = co_await keep_deleted(topic);
  if (!kept) co_return base::Status{};  // finish_deletions() goes on
  const model::TopicNo no = topic->no;
  const auto write = [this, no] { return ports_.metadata.purge_topic(no); };
  SH_CO_TRY_OK(co_await runtime::retry_until_known(ports_.runtime, ports_.group, write));
  ports_.topics.erase(no);
  co_return base::Status{};
}

runtime::Task<void> TopicService::finish_deletions() {
  while (!ports_.group.stopping()) {
    for (const cluster::TopicPtr& topic : ports_.topics.deleting()) {
      [[maybe_unused]] const base::Status purged = co_await purge(topic);
    }
    co_await ports_.group.sleep_until_stop(kDeletionInterval);
  }
}

runtime::Task<base::Result<cluster::TopicPtr>> TopicService::update(TopicUpdate update) {
  SH_CO_TRY_OK(co_await ports_.topics.read(update.name));
  std::map<std::string, std::string> set;
  for (const auto& [key, value] : update.config) set.emplace(key, value.value_or(""));
  std::erase_if(set, [&](const auto& entry) { return !update.config.at(entry.first); });
  SH_CO_TRY_OK(check_topic_config(set));
  if (const auto retention = update.config.extract("retention.ms")) {
    std::map<std::string, std::string> only{{"retention.ms", retention.mapped().value_or("-1")}};
    SH_CO_TRY(update.retention_ms, take_retention(only, std::nullopt));
  }
  const metadata::TopicChange change{.config = update.config, .retention_ms = update.retention_ms};
  const auto write = [this, &update, &change] {
    return ports_.metadata.update_topic_config(update.name, change);
  };
  SH_CO_TRY(auto changed, co_await runtime::retry_until_known(ports_.runtime, ports_.group, write));
  ports_.topics.put(changed);
  const auto topic = std::make_shared<const metadata::Topic>(std::move(changed));
  co_await keep(topic);
  co_return topic;
}

runtime::Task<base::Result<TopicDescription>> TopicService::describe(std::string name) {
  SH_CO_TRY(cluster::TopicPtr topic, co_await ports_.topics.read(name));
  TopicDescription description{.topic = std::move(topic), .partitions = {}};
  const model::TopicNo no = description.topic->no;
  SH_CO_TRY(const auto rows, co_await ports_.metadata.list_partitions(no));
  SH_CO_TRY(const auto leases, co_await ports_.metadata.list_leases(no));
  std::map<model::TopicPartition, std::string> leaders;
  for (const metadata::Lease& lease : leases) leaders.emplace(lease.key, lease.agent_id);
  const auto scope = ports_.scope.get();
  for (const metadata::Partition& row : rows) {
    PartitionStatus status{
        .partition = row.key.partition,
        .log_start = row.log_start,
        .high_watermark = std::max(row.high_watermark, row.visible_high_watermark),
        .leader_epoch = row.epoch,
        .leader = leaders[row.key]};
    const auto log = scope ? (*scope)->partitions().find(row.key) : nullptr;
    if (log) {
      status.log_start = log->log_start();
      status.high_watermark = log->high_watermark();
      status.leader_epoch = log->epoch();
      status.segment_count = static_cast<std::int64_t>(log->span_count());
      status.size_bytes = static_cast<std::int64_t>(log->span_bytes());
    }
    description.partitions.push_back(status);
  }
  co_return description;
}

runtime::Task<base::Result<model::Offset>> TopicService::delete_records(
    std::string name, model::PartitionIndex partition, model::Offset offset) {
  SH_CO_TRY(const cluster::TopicPtr topic, co_await ports_.topics.read(name));
  if (partition.value() < 0 || partition.value() >= topic->partition_count) {
    co_return base::make_error(Errc::kPartitionNotFound, "topic " + name + " has no partition " +
                                                             std::to_string(partition.value()));
  }
  SH_CO_TRY(const auto scope, ports_.scope.get());
  const model::TopicPartition key{topic->no, partition};
  const auto log = scope->partitions().find(key);
  if (!log) co_return co_await not_led_here(ports_.leaders, std::move(name), key);
  const model::Offset wanted = offset.value() == -1 ? log->high_watermark() : offset;
  if (wanted < model::Offset(0) || wanted > log->high_watermark()) {
    base::Error error =
        base::make_error(Errc::kInvalidOffset, "offset " + std::to_string(wanted.value()) +
                                                   " is above the high watermark " +
                                                   std::to_string(log->high_watermark().value()));
    co_return co_await partition_error(nullptr, std::move(name), key, std::move(error));
  }
  const model::SessionId session = scope->session_id();
  const auto write = [this, key, session, &log, wanted] {
    return ports_.metadata.advance_log_start(key, session, log->epoch(), wanted);
  };
  const auto moved = co_await runtime::retry_until_known(ports_.runtime, ports_.group, write);
  if (!moved && moved.error().code == Errc::kFenced) {
    co_return co_await not_led_here(ports_.leaders, std::move(name), key);
  }
  SH_CO_TRY_OK(moved);
  log->raise_log_start(wanted);  // P13: durable first
  co_return log->log_start();
}

}  // namespace streamhouse::service
