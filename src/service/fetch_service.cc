#include "service/fetch_service.h"

#include <algorithm>

#include "service/partition_error.h"

namespace streamhouse::service {

using base::Errc;

runtime::Task<base::Result<model::TopicPartition>> FetchService::key_of(
    std::string topic, model::PartitionIndex partition) {
  SH_CO_TRY(const cluster::TopicPtr found, co_await ports_.topics.get(topic));
  if (partition.value() < 0 || partition.value() >= found->partition_count) {
    co_return base::make_error(Errc::kPartitionNotFound,
                               "topic " + topic + " has no partition " +
                                   std::to_string(partition.value()) + ", only 0 to " +
                                   std::to_string(found->partition_count - 1));
  }
  co_return model::TopicPartition{found->no, partition};
}

runtime::Task<base::Result<LedPartition>> FetchService::led(std::string topic,
                                                            model::PartitionIndex partition) {
  SH_CO_TRY(const model::TopicPartition key, co_await key_of(topic, partition));
  SH_CO_TRY(const auto scope, ports_.scope.get());
  LedPartition led{.scope = scope, .log = scope->partitions().find(key)};
  if (!led.log) co_return co_await not_led_here(ports_.leaders, std::move(topic), key);
  co_return led;
}

runtime::Task<base::Result<fetch::TimestampHit>> FetchService::find_time(
    std::string topic, model::PartitionIndex partition, std::optional<std::int64_t> ms) {
  SH_CO_TRY(const LedPartition led, co_await this->led(topic, partition));
  fetch::Fetcher& fetcher = led.scope->fetcher();
  const model::TopicPartition key = led.log->key();
  auto finding = ms ? fetcher.find_at(key, *ms) : fetcher.find_newest(key);
  auto hit = co_await std::move(finding);
  if (hit) co_return hit;
  co_return co_await partition_error(ports_.leaders, std::move(topic), key, hit.error());
}

runtime::Task<base::Result<ReadRange>> FetchService::resolve(std::string topic,
                                                             model::PartitionIndex partition,
                                                             StartPosition start) {
  SH_CO_TRY(const model::TopicPartition key, co_await key_of(topic, partition));
  SH_CO_TRY(const auto scope, ports_.scope.get());
  const auto log = scope->partitions().find(key);
  if (!log) co_return co_await not_led_here(ports_.leaders, std::move(topic), key);
  ReadRange range{log->log_start(), log->log_start(), log->high_watermark()};
  if (const auto* offset = std::get_if<model::Offset>(&start)) {
    range.start = *offset;
  } else if (std::holds_alternative<Latest>(start)) {
    range.start = range.high_watermark;
  } else if (const auto* at = std::get_if<AtTimestamp>(&start)) {
    SH_CO_TRY(const fetch::TimestampHit hit, co_await scope->fetcher().find_at(key, at->ms));
    range.start = hit.offset;
  } else if (const auto* group = std::get_if<AtGroup>(&start)) {
    SH_CO_TRY(range.start,
              co_await committed_or(topic, partition, group->group_id, range.log_start));
  }
  co_return range;
}

/// A position below the log start (its records were deleted) is moved up to it.
runtime::Task<base::Result<model::Offset>> FetchService::committed_or(
    std::string topic, model::PartitionIndex partition, std::string group_id,
    model::Offset otherwise) {
  std::vector<TopicOffset> question;
  question.push_back({.topic = std::move(topic), .partition = partition});
  SH_CO_TRY(const auto answer,
            co_await ports_.groups.committed(std::move(group_id), std::move(question)));
  co_return std::max(answer.front().offset, otherwise);
}

runtime::Task<base::Result<model::Offset>> FetchService::high_watermark(
    std::string topic, model::PartitionIndex partition) {
  SH_CO_TRY(const model::TopicPartition key, co_await key_of(std::move(topic), partition));
  const auto scope = ports_.scope.get();
  const auto log = scope ? (*scope)->partitions().find(key) : nullptr;
  if (log) co_return log->high_watermark();
  SH_CO_TRY(const metadata::Partition row, co_await ports_.metadata.get_partition(key));
  co_return std::max(row.high_watermark, row.visible_high_watermark);
}

runtime::Task<base::Result<fetch::Fetched>> FetchService::fetch(std::string topic,
                                                                model::PartitionIndex partition,
                                                                model::Offset offset,
                                                                std::size_t bytes_max,
                                                                runtime::Duration wait) {
  SH_CO_TRY(const model::TopicPartition key, co_await key_of(topic, partition));
  SH_CO_TRY(const auto scope, ports_.scope.get());
  fetch::FetchRequest request{.key = key,
                              .offset = offset,
                              .bytes_max = bytes_max,
                              .deadline = ports_.runtime.now() + wait};
  auto fetched = co_await scope->fetcher().fetch(request);
  if (fetched) co_return fetched;
  co_return co_await partition_error(ports_.leaders, std::move(topic), key, fetched.error());
}

runtime::Task<base::Result<fetch::Fetched>> FetchService::fetch(LedPartition led, std::string topic,
                                                                model::Offset offset,
                                                                std::size_t bytes_max) {
  const model::TopicPartition key = led.log->key();
  fetch::FetchRequest request{.key = key, .offset = offset, .bytes_max = bytes_max, .deadline = {}};
  auto fetched = co_await led.scope->fetcher().fetch(request);
  if (fetched) co_return fetched;
  co_return co_await partition_error(ports_.leaders, std::move(topic), key, fetched.error());
}

}  // namespace streamhouse::service
