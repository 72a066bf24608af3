#pragma once
/// \file  Config: what an agent is told by flags, environment and file, as one small struct for
/// each part of it.

#include <optional>
#include <string>

#include "agent/agent_core.h"
#include "net/address.h"
#include "net/aws/credentials/aws_settings.h"
#include "objectstore/s3/s3_location.h"
#include "runtime/telemetry/log.h"

namespace streamhouse::agent {

struct Listeners {
  net::HostPort grpc{.host = "127.0.0.1", .port = 9090};
  std::optional<net::HostPort> advertised_grpc;  ///< nullopt: as it listens.
  net::HostPort http{.host = "127.0.0.1", .port = 8080};
  net::HostPort kafka{.host = "127.0.0.1", .port = 9092};
  std::optional<net::HostPort> advertised_kafka;
  int io_threads = 0;  ///< For Kafka and HTTP connections; 0: the core's own.
};

struct DatabaseConfig {
  std::string scheme = "sqlite";  ///< Or "postgres", "cockroach", "dynamodb".
  std::string url = "sqlite:./data/metadata.db";
  int connections_max = 20;  ///< PostgreSQL's.
  bool allow_async_standbys = false;
};

struct ObjectStoreConfig {
  std::string url = "file:./data/objects";
  std::optional<objectstore::S3Location> bucket;  ///< Instead of the directory.
  bool chosen = false;                            ///< Not the default.
};

struct TopicDefaults {
  bool auto_create = true;  ///< By Kafka clients.
  std::int32_t partitions = 1;
};

struct LogConfig {
  runtime::LogLevel level = runtime::LogLevel::kInfo;
  runtime::LogFormat format = runtime::LogFormat::kText;
};

struct Config {
  Listeners listeners;
  DatabaseConfig database;
  ObjectStoreConfig object_store;
  net::AwsSettings aws;
  std::optional<runtime::Duration> flush_interval;  ///< nullopt: as the kind of store wants it.
  CoreConfig core{.agent = {.group = "default"}};   ///< An empty agent id: derived from the port.
  TopicDefaults topics;
  LogConfig log;
};

}  // namespace streamhouse::agent
