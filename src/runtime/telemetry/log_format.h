#pragma once
/// \file  What a log record looks like as text and as JSON, without its time.

#include <span>
#include <string>
#include <string_view>

#include "runtime/telemetry/log.h"

namespace streamhouse::runtime {

/// `warn lease lost partition=3 topic="a b"`: one line, whatever the arguments hold.
std::string format_text(LogLevel level, std::string_view message, std::span<const LogField> fields);
/// The members of one JSON object, without braces, so that a time can stand beside them:
/// `"level":"warn","message":"lease lost","partition":3`. Bytes that are not UTF-8 become U+FFFD.
std::string format_json_members(LogLevel level, std::string_view message,
                                std::span<const LogField> fields);

}  // namespace streamhouse::runtime
