#pragma once
/// \file  What a topic's configuration means: which keys there are, which values they take, what
/// holds without them.

#include <map>
#include <string>

#include "metadata/topics.h"

namespace streamhouse::service {

/// Kafka's rule: 1 to 249 of [a-zA-Z0-9._-], not `.` or `..`. Errors: kInvalid naming what is
/// wrong.
base::Status check_topic_name(const std::string& name);
/// Errors: kInvalid naming the key or value.
base::Status check_topic_config(const std::map<std::string, std::string>& config);
/// `retention.ms` in `config` is taken out of it into the topic's own field (its only home); -1 =
/// none.
base::Result<std::optional<std::int64_t>> take_retention(std::map<std::string, std::string>& config,
                                                         std::optional<std::int64_t> retention_ms);

/// `max.message.bytes`, default 1048588.
std::size_t batch_bytes_max(const metadata::Topic& topic);
/// `message.timestamp.type=LogAppendTime`.
bool uses_log_append_time(const metadata::Topic& topic);
/// `streamhouse.ack=buffered`.
bool acknowledges_buffered(const metadata::Topic& topic);

}  // namespace streamhouse::service
