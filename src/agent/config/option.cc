#include "agent/config/option.h"

#include <algorithm>
#include <array>

#include "agent/config/value_text.h"
#include "metadata/opened_metadata_store.h"
#include "metadata/topics.h"
#include "objectstore/store_url.h"

namespace streamhouse::agent {
namespace {

using base::Errc;
using base::Status;
using Text = std::string_view;
using std::chrono::milliseconds;

Status set_address(net::HostPort& address, Text value) {
  SH_TRY(address, net::parse_host_port(value));
  return {};
}

/// An address for others to connect to needs a port.
Status set_advertised(std::optional<net::HostPort>& address, Text value) {
  SH_TRY(address, net::parse_host_port(value));
  if (address->port != 0) return {};
  return {Errc::kInvalid, "expected a port that others can connect to"};
}

Status set_database(DatabaseConfig& database, Text value) {
  database.url = value;
  database.scheme = value.starts_with("postgres")    ? "postgres"
                    : value.starts_with("cockroach") ? "cockroach"
                    : value.starts_with("dynamodb")  ? "dynamodb"
                                                     : "sqlite";
  return metadata::check_metadata_url(database.url);
}

Status set_object_store(ObjectStoreConfig& store, Text value) {
  store.chosen = true;
  store.bucket.reset();
  if (value.starts_with("s3://")) {
    SH_TRY(store.bucket, objectstore::parse_s3_url(value));
    store.url = store.bucket->url();
    return {};
  }
  if (!value.starts_with("file:")) {
    return {Errc::kInvalid, "expected file:PATH or s3://BUCKET[/PREFIX]"};
  }
  SH_TRY_OK(objectstore::directory_of_url(value));
  store.url = value;
  return {};
}

Status set_flush_interval(Config& config, Text value) {
  SH_TRY(config.flush_interval, parse_duration(value));
  if (*config.flush_interval > runtime::Duration(0)) return {};
  return {Errc::kInvalid, "expected more than nothing"};
}

Status set_duration(runtime::Duration& duration, Text value) {
  SH_TRY(duration, parse_duration(value));
  if (duration > runtime::Duration(0)) return {};
  return {Errc::kInvalid, "expected more than nothing"};
}

/// May be nothing.
Status set_delay(runtime::Duration& duration, Text value) {
  SH_TRY(duration, parse_duration(value));
  return {};
}

Status set_size(std::size_t& size, Text value) {
  SH_TRY(size, parse_size(value));
  if (size > 0) return {};
  return {Errc::kInvalid, "expected more than nothing"};
}

template <class Integer>
Status set_integer(Integer& integer, Text value, std::int64_t low, std::int64_t high) {
  SH_TRY(const std::int64_t wide, parse_integer(value, low, high));
  integer = static_cast<Integer>(wide);
  return {};
}

/// Kept to what fits a log line, a file name and an address book.
Status set_name(std::string& name, Text value) {
  constexpr std::size_t kNameMax = 128;
  const auto allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_' || c == '.' || c == ':';
  };
  if (value.size() > kNameMax || !std::ranges::all_of(value, allowed)) {
    return {Errc::kInvalid, "expected at most 128 of letters, digits, '-', '_', '.' and ':'"};
  }
  name = value;
  return {};
}

Status set_agent_id(std::string& name, Text value) {
  if (value.empty()) return {Errc::kInvalid, "expected a name"};
  return set_name(name, value);
}

Status set_level(runtime::LogLevel& level, Text value) {
  const auto parsed = runtime::parse_log_level(value);
  if (!parsed) return {Errc::kInvalid, "expected trace, debug, info, warn or error"};
  level = *parsed;
  return {};
}

Status set_format(runtime::LogFormat& format, Text value) {
  const auto parsed = runtime::parse_log_format(value);
  if (!parsed) return {Errc::kInvalid, "expected text or json"};
  format = *parsed;
  return {};
}

Status set_boolean(bool& boolean, Text value) {
  SH_TRY(boolean, parse_boolean(value));
  return {};
}

constexpr Option kOptions[] = {
    {"grpc-addr", "HOST:PORT", "where gRPC listens; port 0 = any free one; GRPC_PORT sets the port",
     "127.0.0.1:9090", [](Config& c, Text v) { return set_address(c.listeners.grpc, v); }},
    {"advertised-grpc-addr", "HOST:PORT", "what clients and other agents are told",
     "as --grpc-addr",
     [](Config& c, Text v) { return set_advertised(c.listeners.advertised_grpc, v); }},
    {"http-addr", "HOST:PORT", "where /healthz, /readyz and /metrics are served", "127.0.0.1:8080",
     [](Config& c, Text v) { return set_address(c.listeners.http, v); }},
    {"kafka-addr", "HOST:PORT", "where Kafka clients connect; port 0 = any free one",
     "127.0.0.1:9092", [](Config& c, Text v) { return set_address(c.listeners.kafka, v); }},
    {"advertised-kafka-addr", "HOST:PORT", "what Kafka clients are told", "as --kafka-addr",
     [](Config& c, Text v) { return set_advertised(c.listeners.advertised_kafka, v); }},
    {"database-url", "URL",
     "metadata: sqlite:PATH, postgres://..., cockroach://..., dynamodb://TABLE",
     "sqlite:./data/metadata.db", [](Config& c, Text v) { return set_database(c.database, v); }},
    {"object-store", "URL", "records: file:PATH or s3://BUCKET/PREFIX", "file:./data/objects",
     [](Config& c, Text v) { return set_object_store(c.object_store, v); }},
    {"agent-id", "NAME", "names this agent in the cluster", "HOSTNAME-GRPC_PORT",
     [](Config& c, Text v) { return set_agent_id(c.core.agent.agent_id, v); }},
    {"zone", "NAME", "availability zone", "none",
     [](Config& c, Text v) { return set_name(c.core.agent.zone, v); }},
    {"agent-group", "NAME", "agents of a group share partitions", "default",
     [](Config& c, Text v) { return set_name(c.core.agent.group, v); }},
    {"flush-interval", "DURATION", "between objects under steady load", "5ms on file, 250ms on s3",
     [](Config& c, Text v) { return set_flush_interval(c, v); }},
    {"flush-size", "SIZE", "an object this large is closed at once", "8MiB",
     [](Config& c, Text v) { return set_size(c.core.scope.writer.flush.object_bytes_max, v); }},
    {"buffer-limit", "SIZE", "batches held until committed; all buffers: 2.75 times this + 272MiB",
     "256MiB", [](Config& c, Text v) { return set_size(c.core.buffer_limit, v); }},
    {"produce-timeout", "DURATION", "then the outcome of a produce is answered as unknown", "30s",
     [](Config& c, Text v) { return set_duration(c.core.produce_timeout, v); }},
    {"io-threads", "N", "threads for Kafka and HTTP connections; 0 = the core's own", "0",
     [](Config& c, Text v) { return set_integer(c.listeners.io_threads, v, 0, 64); }},
    {"database-pool-size", "N", "connections to a database server (SQLite has one)", "20",
     [](Config& c, Text v) { return set_integer(c.database.connections_max, v, 1, 1000); }},
    {"allow-async-standbys", "true|false",
     "use a PostgreSQL whose standbys may lack commits: never promote one", "false",
     [](Config& c, Text v) { return set_boolean(c.database.allow_async_standbys, v); }},
    {"heartbeat-interval", "DURATION", "between signs of life", "1s",
     [](Config& c, Text v) { return set_duration(c.core.session.heartbeat_interval, v); }},
    {"session-timeout", "DURATION", "without a sign of life others take over", "6s",
     [](Config& c, Text v) { return set_duration(c.core.session.session_timeout, v); }},
    {"deletion-grace", "DURATION", "between an object's last use in metadata and its removal",
     "10m", [](Config& c, Text v) { return set_duration(c.core.upkeep.grace, v); }},
    {"auto-create-topics", "true|false", "when a Kafka client names an unknown one", "true",
     [](Config& c, Text v) { return set_boolean(c.topics.auto_create, v); }},
    {"default-partitions", "N", "of a topic that is created without a number", "1",
     [](Config& c, Text v) {
       return set_integer(c.topics.partitions, v, 1, metadata::kPartitionsPerTopicMax);
     }},
    {"group-initial-rebalance-delay", "DURATION",
     "for which the first members of a group are given time to meet", "3s",
     [](Config& c, Text v) {
       return set_delay(c.core.scope.groups.membership.initial_rebalance_delay, v);
     }},
    {"log-level", "LEVEL", "trace, debug, info, warn or error", "info",
     [](Config& c, Text v) { return set_level(c.log.level, v); }},
    {"log-format", "FORMAT", "text or json, on stderr", "text",
     [](Config& c, Text v) { return set_format(c.log.format, v); }},
};

}  // namespace

std::string Option::environment_name() const {
  std::string name(flag);
  for (char& c : name) c = c == '-' ? '_' : static_cast<char>(c - 'a' + 'A');
  return name;
}

std::string Option::file_key() const {
  std::string name(flag);
  std::ranges::replace(name, '-', '_');
  return name;
}

std::span<const Option> options() { return kOptions; }

const Option* find_option(std::string_view flag) {
  const auto found = std::ranges::find(kOptions, flag, &Option::flag);
  return found == std::end(kOptions) ? nullptr : found;
}

}  // namespace streamhouse::agent
