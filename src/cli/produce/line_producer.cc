#include "cli/produce/line_producer.h"

#include <fcntl.h>
#include <fmt/core.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <random>

#include "cli/output/progress.h"
#include "cli/produce/line_reader.h"
#include "cli/produce/produce_pipeline.h"

namespace streamhouse::cli {

using base::Errc;
using base::Result;
using base::Status;

namespace {

/// How long a pipe may be silent before the records read so far are sent.
constexpr auto kLinger = std::chrono::milliseconds(5);
constexpr std::size_t kMessageBytesDefault = 1048588;

/// A descriptor of the file, or stdin; closed with it.
class Input {
 public:
  explicit Input(const std::string& path)
      : standard_(path == "-"),
        name_(standard_ ? "standard input" : path),
        descriptor_(standard_ ? STDIN_FILENO : ::open(path.c_str(), O_RDONLY | O_CLOEXEC)) {}
  Input(const Input&) = delete;
  Input& operator=(const Input&) = delete;
  ~Input() {
    if (!standard_ && descriptor_ >= 0) ::close(descriptor_);
  }
  int descriptor() const { return descriptor_; }
  const std::string& name() const { return name_; }
  /// In bytes, of a regular file.
  std::optional<double> size() const {
    struct stat status{};
    const bool known = ::fstat(descriptor_, &status) == 0 && S_ISREG(status.st_mode);
    if (!known || status.st_size == 0) return std::nullopt;
    return static_cast<double>(status.st_size);
  }

 private:
  bool standard_;
  std::string name_;
  int descriptor_;
};

/// The lines of an input on their way to the topic.
class LineProducer {
 public:
  LineProducer(const Produce& command, Client& client, const v1::Topic& topic, const Input& input)
      : command_(command),
        input_(input),
        size_(input.size()),
        reader_(input.descriptor(), input.name()),
        batcher_(target_of(command, topic), limits_of(topic)),
        pipeline_(client, command.topic) {}

  Result<ProduceSummary> run() {
    for (;;) {
      auto item = reader_.next(busy_ ? std::optional(kLinger) : std::nullopt);
      if (!item) return stop_at(item.error());
      if (auto* const line = std::get_if<LineReader::Line>(&*item)) {
        auto record = make_record(command_, std::move(line->text),
                                  fmt::format("line {} of {}", line->number, input_.name()));
        if (!record) return stop_at(record.error());
        SH_TRY_OK(submit(batcher_.add(*std::move(record), line->number)));
        busy_ = true;
        continue;
      }
      SH_TRY_OK(send_all());
      if (std::holds_alternative<LineReader::End>(*item)) break;
    }
    pipeline_.close();
    return pipeline_.summary();
  }

 private:
  static RecordBatcher::Target target_of(const Produce& command, const v1::Topic& topic) {
    // allow(ambient-chance): each run begins elsewhere, or partition 0 would be everybody's first
    std::random_device random;
    const auto count = std::max(1, topic.partition_count());
    std::uniform_int_distribution<std::int32_t> any(0, count - 1);
    return {command.topic, count, command.partition, any(random)};
  }

  static BatchLimits limits_of(const v1::Topic& topic) {
    auto message_bytes = kMessageBytesDefault;
    if (const auto set = topic.config().find("max.message.bytes"); set != topic.config().end()) {
      const auto& text = set->second;
      std::from_chars(text.data(), text.data() + text.size(), message_bytes);
    }
    BatchLimits limits;
    limits.batch_bytes = std::min(limits.batch_bytes, message_bytes);
    return limits;
  }

  Status submit(std::vector<Batch> batches) {
    for (auto& batch : batches) {
      SH_TRY_OK(pipeline_.submit(std::move(batch)));
      show_progress();
    }
    return {};
  }

  Status send_all() {
    busy_ = false;
    SH_TRY_OK(submit(batcher_.close_all()));
    return pipeline_.drain();
  }

  /// What stands before the line that cannot be sent is sent.
  base::Error stop_at(base::Error error) {
    const auto sent = send_all();
    if (!sent) return sent.error();
    error.text +=
        fmt::format("; {} records before it are appended", pipeline_.summary().record_count);
    return error;
  }

  void show_progress() {
    const auto read = static_cast<double>(reader_.bytes_read());
    const auto share = size_ ? std::optional(read / *size_) : std::nullopt;
    progress_.show(fmt::format("{} records", pipeline_.summary().record_count), share);
  }

  const Produce& command_;
  const Input& input_;
  std::optional<double> size_;
  LineReader reader_;
  RecordBatcher batcher_;
  ProducePipeline pipeline_;
  Progress progress_;
  bool busy_ = false;  ///< Something read is not yet answered.
};

}  // namespace

Result<v1::Record> make_record(const Produce& command, std::string line, const std::string& name) {
  v1::Record record;
  if (command.key) record.set_key(*command.key);
  if (!command.key_separator.empty()) {
    const auto cut = line.find(command.key_separator);
    if (cut == std::string::npos) {
      return {Errc::kInvalid,
              fmt::format("{} has no '{}' behind a key", name, command.key_separator)};
    }
    record.set_key(line.substr(0, cut));
    line.erase(0, cut + command.key_separator.size());
  }
  record.set_value(std::move(line));
  for (const auto& [key, value] : command.headers) {
    auto& header = *record.add_headers();
    header.set_key(key);
    header.set_value(value);
  }
  record.set_timestamp_ms(command.timestamp_ms);
  return record;
}

Result<ProduceSummary> produce_lines(const Produce& command, Client& client) {
  const Input input(command.input);
  if (input.descriptor() < 0) {
    return {Errc::kInvalid, fmt::format("cannot read {}: {}", input.name(), strerror(errno))};
  }
  v1::GetTopicRequest request;
  request.set_name(command.topic);
  request.set_omit_partitions(true);
  SH_TRY(const auto response, client.call(&Admin::GetTopic, request));
  return LineProducer(command, client, response.topic(), input).run();
}

}  // namespace streamhouse::cli
