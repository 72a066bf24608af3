#include "agent/config/config_parser.h"

#include <vector>

#include "agent/config/option.h"
#include "agent/config/toml_file.h"
#include "agent/config/value_text.h"
#include "runtime/telemetry/redact.h"

namespace streamhouse::agent {
namespace {

using base::Errc;
using base::Result;
using base::Status;

struct FlagSetting {
  const Option* option;
  std::string value;
};

/// The command line, taken apart.
struct CommandLine {
  std::vector<FlagSetting> flags;
  std::optional<std::string> config_file;
  bool help = false;
  bool version = false;
};

Status apply(Config& config, const Option& option, const std::string& source,
             const std::string& value) {
  const Status set = option.set(config, value);
  if (set) return {};
  return {Errc::kInvalid, runtime::redact(source + "=" + value) + ": " + set.error().text};
}

Result<CommandLine> parse_arguments(std::span<const std::string> arguments) {
  CommandLine line;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const std::string& argument = arguments[i];
    if (argument == "--help" || argument == "-h") {
      line.help = true;
      continue;
    }
    if (argument == "--version") {
      line.version = true;
      continue;
    }
    if (!argument.starts_with("--")) {
      return {Errc::kInvalid, "unexpected argument '" + argument + "': flags begin with --"};
    }
    const std::size_t equals = argument.find('=');
    const std::string flag = argument.substr(2, equals - (equals == std::string::npos ? 0 : 2));
    const Option* const option = find_option(flag);
    if (option == nullptr && flag != "config") {
      return {Errc::kInvalid, "unknown flag --" + flag + "; --help lists them"};
    }
    std::string value;
    if (equals != std::string::npos) {
      value = argument.substr(equals + 1);
    } else if (++i < arguments.size()) {
      value = arguments[i];
    } else {
      return {Errc::kInvalid, "--" + flag + ": its value is missing"};
    }
    if (option == nullptr) {
      line.config_file = value;
    } else {
      line.flags.push_back({.option = option, .value = std::move(value)});
    }
  }
  return line;
}

Status apply_file(Config& config, const std::string& path) {
  SH_TRY(const auto settings, read_toml_file(path));
  for (const FileSetting& setting : settings) {
    const auto known = [&setting](const Option& option) {
      return option.file_key() == setting.key;
    };
    const auto option = std::ranges::find_if(options(), known);
    if (option == options().end()) {
      return {Errc::kInvalid, path + ": unknown key " + setting.key};
    }
    SH_TRY_OK(apply(config, *option, path + ": " + setting.key, setting.value));
  }
  return {};
}

/// An empty variable counts as not set.
std::optional<std::string> get(const Environment& environment, const std::string& name) {
  auto value = environment(name);
  if (value && value->empty()) return std::nullopt;
  return value;
}

/// GRPC_PORT sets only the port; beside a GRPC_ADDR it must say the same.
Status apply_grpc_port(Config& config, const Environment& environment) {
  const auto text = get(environment, "GRPC_PORT");
  if (!text) return {};
  const auto port = parse_integer(*text, 0, 65535);
  if (!port) return {Errc::kInvalid, "GRPC_PORT=" + *text + ": " + port.error().text};
  if (get(environment, "GRPC_ADDR") && config.listeners.grpc.port != *port) {
    return {Errc::kInvalid, "GRPC_PORT=" + *text +
                                " contradicts GRPC_ADDR=" + net::to_string(config.listeners.grpc)};
  }
  config.listeners.grpc.port = static_cast<std::uint16_t>(*port);
  return {};
}

Status apply_environment(Config& config, const Environment& environment) {
  for (const Option& option : options()) {
    const std::string name = option.environment_name();
    if (const auto value = get(environment, name)) {
      SH_TRY_OK(apply(config, option, name, *value));
    }
  }
  config.aws = net::AwsSettings::from(environment);
  return apply_grpc_port(config, environment);
}

/// S3_BUCKET alone is a store; beside one that was chosen it must say the same.
Status apply_bucket(ObjectStoreConfig& store, const Environment& environment) {
  const auto bucket = get(environment, "S3_BUCKET");
  if (!bucket) return {};
  SH_TRY(store.bucket, objectstore::bucket_beside(store.chosen ? store.url : "", *bucket));
  store.url = store.bucket->url();
  return {};
}

/// What depends on several settings. A bucket's puts cost money and tens of milliseconds: fewer and
/// larger ones, and a lone record waits a little for company.
Status settle(Config& config, const Environment& environment) {
  SH_TRY_OK(apply_bucket(config.object_store, environment));
  const auto& bucket = config.object_store.bucket;
  ingest::FlushLimits& flush = config.core.scope.writer.flush;
  if (bucket) {
    constexpr auto kBucketInterval = std::chrono::milliseconds(250);
    constexpr auto kBucketLinger = std::chrono::milliseconds(5);
    flush.interval = kBucketInterval;
    flush.linger = kBucketLinger;
    SH_TRY_OK(objectstore::locate_bucket(bucket->bucket, config.aws.region, config.aws.endpoint_s3,
                                         config.aws.s3_addressing));
  }
  if (!bucket) flush.pause = std::chrono::milliseconds(2);
  if (config.flush_interval) flush.interval = *config.flush_interval;
  if (config.flush_interval) flush.pause.reset();
  return {};
}

/// What no single value shows.
Status check(const Config& config) {
  const auto& session = config.core.session;
  if (session.session_timeout < 2 * session.heartbeat_interval) {
    return {Errc::kInvalid, "--session-timeout must be at least twice --heartbeat-interval"};
  }
  if (config.core.buffer_limit < config.core.scope.writer.flush.object_bytes_max) {
    return {Errc::kInvalid, "--buffer-limit must be at least --flush-size"};
  }
  if (config.core.upkeep.grace < upkeep::kGraceMin) {
    return {Errc::kInvalid, "--deletion-grace must be at least 1m, twice the longest read"};
  }
  return {};
}

}  // namespace

Result<Invocation> parse_config(std::span<const std::string> arguments,
                                const Environment& environment) {
  SH_TRY(CommandLine line, parse_arguments(arguments));
  if (line.help) return Invocation(ShowHelp{});
  if (line.version) return Invocation(ShowVersion{});
  if (!line.config_file) line.config_file = get(environment, "CONFIG");
  Config config;
  if (line.config_file) SH_TRY_OK(apply_file(config, *line.config_file));
  SH_TRY_OK(apply_environment(config, environment));
  for (const FlagSetting& setting : line.flags) {
    const std::string source = "--" + std::string(setting.option->flag);
    SH_TRY_OK(apply(config, *setting.option, source, setting.value));
  }
  SH_TRY_OK(settle(config, environment));
  SH_TRY_OK(check(config));
  return Invocation(std::move(config));
}

std::string help_text() {
  std::string text =
      "Usage: streamhouse-server [--flag VALUE]...\n"
      "One StreamHouse agent. --some-name is also the environment variable SOME_NAME and the key\n"
      "some_name of the TOML file --config FILE; a flag beats the environment, that the file.\n"
      "Durations: 250ms 6s 1m. Sizes: 64KiB 8MiB.\n\n";
  const auto add = [&text](std::string left, std::string_view help, std::string_view otherwise) {
    constexpr std::size_t kColumn = 34;
    left.resize(std::max(left.size() + 2, kColumn), ' ');
    text += left + std::string(help);
    if (!otherwise.empty()) text += " [" + std::string(otherwise) + "]";
    text += '\n';
  };
  for (const Option& option : options()) {
    add("  --" + std::string(option.flag) + " " + std::string(option.form), option.help,
        option.default_text);
  }
  add("  --config FILE", "TOML file with these settings", "none");
  add("  --version", "shows the version", "");
  add("  --help", "shows this", "");
  return text;
}

}  // namespace streamhouse::agent
