#pragma once
/// \file  Checkpointer: writes down from time to time what the partitions have come to, so that a
/// restart replays little.

#include "ingest/session_writer.h"

namespace streamhouse::ingest {

struct CheckpointConfig {
  runtime::Duration interval = std::chrono::seconds(5);  ///< Views show high watermarks this old.
  std::int64_t rows_max =
      1'000;  ///< Also after this many rows: what bounds the replay of a restart.
};

/// Every checkpoint holds every partition that is led, as of one committed seq; then the log is
/// trimmed as far as rule P3 allows. Threading: the core's executor.
class Checkpointer {
 public:
  Checkpointer(CommitLoop::Ports ports, SessionWriter& writer, CheckpointConfig config,
               runtime::TaskGroup& group)
      : ports_(ports), writer_(writer), config_(config), group_(group) {}

  /// Runs until the session is lost or the group stops.
  runtime::Task<void> run();
  /// Writes one now, if rows were committed since the last.
  runtime::Task<base::Status> checkpoint();

 private:
  CommitLoop::Ports ports_;
  SessionWriter& writer_;
  CheckpointConfig config_;
  runtime::TaskGroup& group_;
  model::Seq upto_{0};
};

}  // namespace streamhouse::ingest
