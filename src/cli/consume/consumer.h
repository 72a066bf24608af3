#pragma once
/// \file  Records of a topic on their way to the output.

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "cli/client/server_streams.h"
#include "cli/commands/run.h"
#include "cli/consume/cursor.h"
#include "cli/consume/interrupt.h"

namespace streamhouse::cli {

/// Reads partitions to their high watermarks, one after the other; then, with --follow, all of them
/// at once, each from where it was. A group's offsets are committed only after what they stand for
/// has left the output's buffer, so that nothing is skipped when this process dies.
class Consumer {
 public:
  Consumer(const Consume& command, Context& context)
      : command_(command), client_(context.client), output_(context.output) {}

  /// Errors: what an agent refuses; kUnknownOutcome when one stays silent; the output's own.
  base::Status run(const std::vector<std::int32_t>& partitions);

 private:
  using Streams = ServerStreams<v1::ConsumeResponse>;
  /// A partition being read. Its stream bears the partition's number.
  struct Reading {
    explicit Reading(std::int32_t partition) : cursor(partition) {}
    Cursor cursor;
    std::string address;                               ///< Whom to ask.
    std::int64_t high_watermark = 0;                   ///< The last one told.
    std::optional<Clock::time_point> answer_by;        ///< A message is awaited until then.
    std::optional<Clock::time_point> reopen_at;        ///< Its leader is being looked for.
    std::optional<Clock::time_point> searching_since;  ///< No leader has answered since.
    bool ended = false;
  };

  base::Status read(std::vector<Reading*> readings, Follow follow);
  base::Status open(Streams& streams, Reading& reading, Follow follow);
  base::Status handle(Streams& streams, const Streams::Event& event, Follow follow);
  base::Status handle_message(Reading& reading, const v1::ConsumeResponse& message, Follow follow);
  base::Status look_for_leader(Streams& streams, Reading& reading, Failure failure, Follow follow);
  base::Status tick(Streams& streams, const std::vector<Reading*>& readings, Follow follow);
  base::Status print(std::int32_t partition, const v1::ConsumedRecord& record);
  base::Status commit();
  std::int64_t records_left() const;
  bool done() const;

  const Consume& command_;
  Client& client_;
  Output& output_;
  std::optional<InterruptFlag> interrupt_;    ///< With --follow.
  std::map<std::int32_t, Reading> readings_;  ///< By partition.
  std::int64_t printed_ = 0;
  Clock::time_point next_tick_;
  Clock::time_point next_commit_;
};

}  // namespace streamhouse::cli
