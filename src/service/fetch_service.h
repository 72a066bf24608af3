#pragma once
/// \file  FetchService: read a partition by topic name, from a start that may be an offset, a time
/// or a group's position.

#include <variant>

#include "service/group_service.h"

namespace streamhouse::service {

struct Earliest {};
struct Latest {};
struct AtTimestamp {
  std::int64_t ms = 0;
};
struct AtGroup {
  std::string group_id;  ///< Its committed offset; without one, the earliest.
};
using StartPosition = std::variant<model::Offset, Earliest, Latest, AtTimestamp, AtGroup>;

/// Where a consumer may start and what there is to read.
struct ReadRange {
  model::Offset start;
  model::Offset log_start;
  model::Offset high_watermark;
};

/// A partition on its leader, for as long as that lasts: log->state() tells.
struct LedPartition {
  std::shared_ptr<SessionScope> scope;
  std::shared_ptr<partition::PartitionLog> log;
};

/// Threading: the core's executor.
class FetchService {
 public:
  struct Ports {
    runtime::Runtime& runtime;
    metadata::MetadataStore& metadata;
    cluster::TopicCatalog& topics;
    CurrentScope& scope;
    GroupService& groups;
    cluster::LeaderDirectory* leaders = nullptr;
  };
  explicit FetchService(Ports ports) : ports_(ports) {}

  /// An offset is taken as it is: fetch() judges it (rule P14). Errors: kTopicNotFound,
  /// kPartitionNotFound, kNotLeader; of a time, those of Fetcher::find_at.
  runtime::Task<base::Result<ReadRange>> resolve(std::string topic, model::PartitionIndex partition,
                                                 StartPosition start);
  /// For readers of many partitions at once, who watch them. Errors: kTopicNotFound,
  /// kPartitionNotFound, kNotLeader.
  runtime::Task<base::Result<LedPartition>> led(std::string topic, model::PartitionIndex partition);
  /// The first record of that time or later; nullopt: of those with the greatest time. Errors: as
  /// led(), kCorrupt, kUnavailable.
  runtime::Task<base::Result<fetch::TimestampHit>> find_time(std::string topic,
                                                             model::PartitionIndex partition,
                                                             std::optional<std::int64_t> ms);
  /// As its leader knows it; of a partition that is led elsewhere, as of its last checkpoint.
  runtime::Task<base::Result<model::Offset>> high_watermark(std::string topic,
                                                            model::PartitionIndex partition);
  /// Waits up to `wait` for data at the end of the log. Errors: as Fetcher::fetch, and
  /// kTopicNotFound, kPartitionNotFound.
  runtime::Task<base::Result<fetch::Fetched>> fetch(std::string topic,
                                                    model::PartitionIndex partition,
                                                    model::Offset offset, std::size_t bytes_max,
                                                    runtime::Duration wait);
  /// The same of a partition that was found before, at once: never of another that has its name by
  /// now (L7). `topic`: its name. Errors: as Fetcher::fetch.
  runtime::Task<base::Result<fetch::Fetched>> fetch(LedPartition led, std::string topic,
                                                    model::Offset offset, std::size_t bytes_max);

 private:
  runtime::Task<base::Result<model::TopicPartition>> key_of(std::string topic,
                                                            model::PartitionIndex partition);
  runtime::Task<base::Result<model::Offset>> committed_or(std::string topic,
                                                          model::PartitionIndex partition,
                                                          std::string group_id,
                                                          model::Offset otherwise);

  Ports ports_;
};

}  // namespace streamhouse::service
