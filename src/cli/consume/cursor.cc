#include "cli/consume/cursor.h"

#include <algorithm>

namespace streamhouse::cli {

namespace {

void set_start(v1::ConsumeRequest& request, const StartOffset& start) {
  switch (start.kind) {
    case StartOffset::Kind::kEarliest:
      return request.set_earliest(true);
    case StartOffset::Kind::kLatest:
      return request.set_latest(true);
    case StartOffset::Kind::kOffset:
      return request.set_offset(start.value);
    case StartOffset::Kind::kTimestamp:
      return request.set_timestamp_ms(start.value);
  }
}

}  // namespace

v1::ConsumeRequest Cursor::request(const Consume& command, Follow follow,
                                   std::int64_t records_max) const {
  v1::ConsumeRequest request;
  request.set_topic(command.topic);
  request.set_partition(partition_);
  request.set_max_records(records_max);
  request.set_follow(follow == Follow::kYes);
  if (next_) {
    request.set_offset(*next_);
  } else if (command.start || command.group.empty()) {
    set_start(request, command.start.value_or(StartOffset()));
  } else {
    request.set_group(command.group);
  }
  return request;
}

void Cursor::printed(std::int64_t offset) {
  next_ = offset + 1;
  uncommitted_ = true;
}

void Cursor::reached(std::int64_t high_watermark) {
  next_ = std::max(next_.value_or(0), high_watermark);
}

std::optional<std::int64_t> Cursor::take_commit() {
  if (!uncommitted_) return std::nullopt;
  uncommitted_ = false;
  return next_;
}

}  // namespace streamhouse::cli
