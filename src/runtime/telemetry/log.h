#pragma once
/// \file  Structured logging: a level, a sentence, and fields. A Log is injected like every other
/// port; there is no global one.

#include <concepts>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "runtime/mutex.h"

namespace streamhouse::runtime {

enum class LogLevel : std::uint8_t { kTrace, kDebug, kInfo, kWarn, kError };
/// `trace`, `debug`, `info`, `warn`, `error`.
std::string_view log_level_name(LogLevel level);
std::optional<LogLevel> parse_log_level(std::string_view name);

enum class LogFormat : std::uint8_t { kText, kJson };
std::optional<LogFormat> parse_log_format(std::string_view name);

/// Borrows its key and text until the call it is an argument of returns. Keys are lower_case.
class LogField {
 public:
  using Value = std::variant<bool, std::int64_t, std::uint64_t, double, std::string_view>;

  LogField(std::string_view key, bool value) : key_(key), value_(value) {}
  LogField(std::string_view key, std::signed_integral auto value)
      : key_(key), value_(std::int64_t{value}) {}
  LogField(std::string_view key, std::unsigned_integral auto value)
      : key_(key), value_(std::uint64_t{value}) {}
  LogField(std::string_view key, double value) : key_(key), value_(value) {}
  LogField(std::string_view key, std::string_view value) : key_(key), value_(value) {}
  LogField(std::string_view key, const std::string& value) : key_(key), value_(value) {}
  LogField(std::string_view key, const char* value) : key_(key), value_(value) {}

  std::string_view key() const { return key_; }
  const Value& value() const { return value_; }

 private:
  std::string_view key_;
  Value value_;
};

/// Where log lines go. Threading: any thread.
class LogSink {
 public:
  virtual ~LogSink() = default;
  virtual void write(LogLevel level, std::string_view message,
                     std::span<const LogField> fields) = 0;
};

/// What components hold, by value. Passwords in URLs and values of fields called password, secret
/// or token are blanked by every sink (redact.h); other secrets are not to be passed.
/// Lifetime:  its sink outlives it.
/// Threading: any thread.
/// Cost:      one comparison when the level is off; the arguments are evaluated all the same.
class Log {
 public:
  using Fields = std::initializer_list<LogField>;

  /// Silent.
  Log() = default;
  Log(LogSink& sink, LogLevel least) : sink_(&sink), least_(least) {}

  bool enabled(LogLevel level) const { return sink_ != nullptr && level >= least_; }
  void write(LogLevel level, std::string_view message, Fields fields = {}) const {
    if (enabled(level)) sink_->write(level, message, {fields.begin(), fields.size()});
  }
  void trace(std::string_view message, Fields fields = {}) const {
    write(LogLevel::kTrace, message, fields);
  }
  void debug(std::string_view message, Fields fields = {}) const {
    write(LogLevel::kDebug, message, fields);
  }
  void info(std::string_view message, Fields fields = {}) const {
    write(LogLevel::kInfo, message, fields);
  }
  void warn(std::string_view message, Fields fields = {}) const {
    write(LogLevel::kWarn, message, fields);
  }
  void error(std::string_view message, Fields fields = {}) const {
    write(LogLevel::kError, message, fields);
  }

 private:
  LogSink* sink_ = nullptr;
  LogLevel least_ = LogLevel::kError;
};

/// One line a record on stderr, with the time in UTC. Cost: a write(2); it blocks if stderr does.
std::unique_ptr<LogSink> make_stderr_sink(LogFormat format);

/// Keeps lines, as text without the time, for tests and simulations.
class CapturingSink final : public LogSink {
 public:
  void write(LogLevel level, std::string_view message, std::span<const LogField> fields) override;
  std::vector<std::string> lines() const;

 private:
  mutable Mutex mutex_;
  std::vector<std::string> lines_ __attribute__((guarded_by(mutex_)));
};

}  // namespace streamhouse::runtime
