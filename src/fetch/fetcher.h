#pragma once
/// \file  Fetcher: answers one fetch of one partition. Every byte it returns is committed and
/// checked (R1, R5); it never skips an offset (R2).

#include "blockcache/object_blocks.h"
#include "cluster/agent_session.h"
#include "fetch/index_loader.h"
#include "fetch/timestamp_search.h"

namespace streamhouse::fetch {

enum class Source : std::uint8_t { kTail, kStore };

struct FetchRequest {
  model::TopicPartition key;
  model::Offset offset;
  std::size_t bytes_max = 1u << 20;  ///< At least one whole batch is returned, even if larger.
  runtime::MonoTime deadline;        ///< Of the long poll; in the past: answer at once.
};

struct Fetched {
  model::Offset high_watermark;
  model::Offset log_start;
  /// Whole batches, in order; the first holds the offset asked for and may begin before it. Empty
  /// at the end of the log.
  std::vector<base::Bytes> batches;
  Source source = Source::kTail;
};

/// Threading: the core's executor.
class Fetcher {
 public:
  struct Ports {
    runtime::Runtime& runtime;
    partition::PartitionTable& partitions;
    blockcache::ObjectBlocks& blocks;
    cluster::AgentSession& session;
    IndexLoader& indexes;
  };
  explicit Fetcher(Ports ports) : ports_(ports) {}

  /// Errors: kNotLeader; kInvalidOffset outside [log start, high watermark]; kCorrupt;
  /// kUnavailable.
  runtime::Task<base::Result<Fetched>> fetch(FetchRequest request);
  /// The first record whose timestamp is >= `timestamp`; if there is none, the high watermark.
  runtime::Task<base::Result<TimestampHit>> find_at(model::TopicPartition key,
                                                    std::int64_t timestamp);
  /// The first record that has the greatest timestamp, of what batches say of their records.
  runtime::Task<base::Result<TimestampHit>> find_newest(model::TopicPartition key);

 private:
  using Log = std::shared_ptr<partition::PartitionLog>;

  base::Result<Log> find_led(model::TopicPartition key) const;
  runtime::Task<base::Result<Log>> find_indexed(model::TopicPartition key);
  runtime::Task<base::Status> check_range(Log log, model::Offset offset);
  runtime::Task<base::Status> wait_for_data(Log log, FetchRequest request);
  runtime::Task<base::Result<Fetched>> read(Log log, FetchRequest request);
  runtime::Task<base::Result<Fetched>> read_store(Log log, FetchRequest request);
  runtime::Task<base::Error> why_unread(Log log, model::Offset offset, base::Error error);

  Ports ports_;
};

}  // namespace streamhouse::fetch
