#include "runtime/telemetry/log.h"

#include <spdlog/logger.h>
#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/stdout_sinks.h>

#include <array>
#include <utility>

#include "runtime/telemetry/log_format.h"

namespace streamhouse::runtime {
namespace {

constexpr std::array<std::string_view, 5> kLevelNames = {"trace", "debug", "info", "warn", "error"};

constexpr auto kTextPattern = "%Y-%m-%dT%H:%M:%S.%eZ %v";
constexpr auto kJsonPattern = R"({"time":"%Y-%m-%dT%H:%M:%S.%eZ",%v})";

class StderrSink final : public LogSink {
 public:
  explicit StderrSink(LogFormat format)
      : format_(format), logger_("streamhouse", std::make_shared<spdlog::sinks::stderr_sink_mt>()) {
    const auto* pattern = format == LogFormat::kText ? kTextPattern : kJsonPattern;
    logger_.set_formatter(
        std::make_unique<spdlog::pattern_formatter>(pattern, spdlog::pattern_time_type::utc));
    logger_.flush_on(spdlog::level::info);
  }

  void write(LogLevel level, std::string_view message, std::span<const LogField> fields) override {
    const std::string payload = format_ == LogFormat::kText
                                    ? format_text(level, message, fields)
                                    : format_json_members(level, message, fields);
    logger_.log(spdlog::level::info, spdlog::string_view_t(payload.data(), payload.size()));
  }

 private:
  const LogFormat format_;
  spdlog::logger logger_;  // only its line and time; levels are Log's
};

}  // namespace

std::string_view log_level_name(LogLevel level) {
  return kLevelNames[static_cast<std::size_t>(level)];
}

std::optional<LogLevel> parse_log_level(std::string_view name) {
  for (std::size_t index = 0; index < kLevelNames.size(); ++index)
    if (kLevelNames[index] == name) return static_cast<LogLevel>(index);
  return std::nullopt;
}

std::optional<LogFormat> parse_log_format(std::string_view name) {
  if (name == "text") return LogFormat::kText;
  if (name == "json") return LogFormat::kJson;
  return std::nullopt;
}

std::unique_ptr<LogSink> make_stderr_sink(LogFormat format) {
  return std::make_unique<StderrSink>(format);
}

void CapturingSink::write(LogLevel level, std::string_view message,
                          std::span<const LogField> fields) {
  std::string line = format_text(level, message, fields);
  const MutexLock lock(mutex_);
  lines_.push_back(std::move(line));
}

std::vector<std::string> CapturingSink::lines() const {
  const MutexLock lock(mutex_);
  return lines_;
}

}  // namespace streamhouse::runtime
