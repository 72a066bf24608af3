// Goal: every setting reaches its place by flag, environment and file; whatever cannot be meant is
// refused, naming where it stands.
// Method: command lines, environments and files in, a Config or an error text out.
#include "agent/config/config_parser.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <map>

#include "agent/config/option.h"
#include "tests/scratch_directory.h"

namespace streamhouse::agent {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

class ConfigParserTest : public testing::Test {
 protected:
  using Arguments = std::vector<std::string>;

  base::Result<Invocation> invoke(const Arguments& arguments) const {
    return parse_config(arguments, [this](const std::string& name) -> std::optional<std::string> {
      const auto found = environment_.find(name);
      if (found == environment_.end()) return std::nullopt;
      return found->second;
    });
  }
  Config parse(const Arguments& arguments = {}) const {
    auto parsed = invoke(arguments);
    EXPECT_TRUE(parsed) << parsed.error().text;
    return parsed ? std::get<Config>(*parsed) : Config{};
  }
  std::string refusal(const Arguments& arguments = {}) const {
    const auto parsed = invoke(arguments);
    EXPECT_FALSE(parsed);
    if (parsed) return "";
    EXPECT_EQ(parsed.error().code, base::Errc::kInvalid);
    return parsed.error().text;
  }
  std::string file(const std::string& content) {
    const std::string path = directory_.path() / "agent.toml";
    std::ofstream(path) << content;
    return path;
  }

  std::map<std::string, std::string> environment_;
  tests::ScratchDirectory directory_;
};

TEST_F(ConfigParserTest, DefaultsAreThoseOfTheContract) {
  const Config config = parse();
  EXPECT_EQ(net::to_string(config.listeners.grpc), "127.0.0.1:9090");
  EXPECT_FALSE(config.listeners.advertised_grpc);
  EXPECT_EQ(net::to_string(config.listeners.http), "127.0.0.1:8080");
  EXPECT_EQ(net::to_string(config.listeners.kafka), "127.0.0.1:9092");
  EXPECT_EQ(config.listeners.io_threads, 0);
  EXPECT_EQ(config.database.url, "sqlite:./data/metadata.db");
  EXPECT_EQ(config.database.connections_max, 20);
  EXPECT_EQ(config.object_store.url, "file:./data/objects");
  EXPECT_EQ(config.core.agent.agent_id, "");
  EXPECT_EQ(config.core.agent.zone, "");
  EXPECT_EQ(config.core.agent.group, "default");
  EXPECT_EQ(config.core.scope.writer.flush.interval, milliseconds(5));
  EXPECT_EQ(config.core.scope.writer.flush.object_bytes_max, 8u << 20);
  EXPECT_EQ(config.core.buffer_limit, 256u << 20);
  EXPECT_EQ(config.core.produce_timeout, seconds(30));
  EXPECT_EQ(config.core.session.heartbeat_interval, seconds(1));
  EXPECT_EQ(config.core.session.session_timeout, seconds(6));
  EXPECT_TRUE(config.topics.auto_create);
  EXPECT_EQ(config.topics.partitions, 1);
  EXPECT_EQ(config.core.scope.groups.membership.initial_rebalance_delay, seconds(3));
  EXPECT_EQ(config.log.level, runtime::LogLevel::kInfo);
  EXPECT_EQ(config.log.format, runtime::LogFormat::kText);
}

TEST_F(ConfigParserTest, EveryFlagReachesItsPlace) {
  const Config config = parse({"--grpc-addr=0.0.0.0:1",
                               "--advertised-grpc-addr=a.example:2",
                               "--http-addr",
                               "[::1]:3",
                               "--kafka-addr=h:4",
                               "--advertised-kafka-addr=k:5",
                               "--database-url=sqlite:/db/m.db",
                               "--object-store=file:///o",
                               "--agent-id=a-1",
                               "--zone=z",
                               "--agent-group=g",
                               "--flush-interval=250ms",
                               "--flush-size=64KiB",
                               "--buffer-limit=1GiB",
                               "--produce-timeout=1m",
                               "--io-threads=2",
                               "--database-pool-size=3",
                               "--heartbeat-interval=500ms",
                               "--session-timeout=2s",
                               "--auto-create-topics=false",
                               "--default-partitions=7",
                               "--group-initial-rebalance-delay=0ms",
                               "--log-level=debug",
                               "--log-format=json"});
  EXPECT_EQ(net::to_string(config.listeners.grpc), "0.0.0.0:1");
  EXPECT_EQ(net::to_string(*config.listeners.advertised_grpc), "a.example:2");
  EXPECT_EQ(net::to_string(config.listeners.http), "[::1]:3");
  EXPECT_EQ(net::to_string(config.listeners.kafka), "h:4");
  EXPECT_EQ(net::to_string(*config.listeners.advertised_kafka), "k:5");
  EXPECT_EQ(config.database.url, "sqlite:/db/m.db");
  EXPECT_EQ(config.object_store.url, "file:///o");
  EXPECT_EQ(config.core.agent.agent_id, "a-1");
  EXPECT_EQ(config.core.agent.zone, "z");
  EXPECT_EQ(config.core.agent.group, "g");
  EXPECT_EQ(config.core.scope.writer.flush.interval, milliseconds(250));
  EXPECT_EQ(config.core.scope.writer.flush.object_bytes_max, 64u << 10);
  EXPECT_EQ(config.core.buffer_limit, 1u << 30);
  EXPECT_EQ(config.core.produce_timeout, seconds(60));
  EXPECT_EQ(config.listeners.io_threads, 2);
  EXPECT_EQ(config.database.connections_max, 3);
  EXPECT_EQ(config.core.session.heartbeat_interval, milliseconds(500));
  EXPECT_EQ(config.core.session.session_timeout, seconds(2));
  EXPECT_FALSE(config.topics.auto_create);
  EXPECT_EQ(config.topics.partitions, 7);
  EXPECT_EQ(config.core.scope.groups.membership.initial_rebalance_delay, seconds(0));
  EXPECT_EQ(config.log.level, runtime::LogLevel::kDebug);
  EXPECT_EQ(config.log.format, runtime::LogFormat::kJson);
}

TEST_F(ConfigParserTest, OneNameHasThreeSpellings) {
  for (const Option& option : options()) {
    EXPECT_THAT(std::string(option.flag), testing::MatchesRegex("[a-z]+(-[a-z]+)*"));
    EXPECT_THAT(option.environment_name(), testing::MatchesRegex("[A-Z]+(_[A-Z]+)*"));
    EXPECT_THAT(option.file_key(), testing::MatchesRegex("[a-z]+(_[a-z]+)*"));
  }
  environment_["FLUSH_INTERVAL"] = "7ms";
  EXPECT_EQ(parse().core.scope.writer.flush.interval, milliseconds(7));
  environment_.clear();
  const std::string path =
      file("flush_interval = '8ms'\nio_threads = 4\nauto_create_topics = false\n");
  const Config config = parse({"--config", path});
  EXPECT_EQ(config.core.scope.writer.flush.interval, milliseconds(8));
  EXPECT_EQ(config.listeners.io_threads, 4);
  EXPECT_FALSE(config.topics.auto_create);
}

TEST_F(ConfigParserTest, FlagBeatsEnvironmentBeatsFileBeatsDefault) {
  const std::string path = file("zone = 'file'\nagent_group = 'file'\nagent_id = 'file'\n");
  environment_ = {{"CONFIG", path}, {"ZONE", "environment"}, {"AGENT_GROUP", "environment"}};
  const Config config = parse({"--zone", "flag"});
  EXPECT_EQ(config.core.agent.zone, "flag");
  EXPECT_EQ(config.core.agent.group, "environment");
  EXPECT_EQ(config.core.agent.agent_id, "file");
}

TEST_F(ConfigParserTest, EmptyVariableCountsAsNotSet) {
  environment_ = {{"GRPC_ADDR", ""}, {"GRPC_PORT", ""}, {"S3_BUCKET", ""}, {"CONFIG", ""}};
  EXPECT_EQ(net::to_string(parse().listeners.grpc), "127.0.0.1:9090");
}

TEST_F(ConfigParserTest, GrpcPortSetsOnlyThePort) {
  environment_["GRPC_PORT"] = "7000";
  EXPECT_EQ(net::to_string(parse().listeners.grpc), "127.0.0.1:7000");
  EXPECT_EQ(net::to_string(parse({"--grpc-addr=h:1"}).listeners.grpc), "h:1");
  const std::string path = file("grpc_addr = 'h:1'\n");
  EXPECT_EQ(net::to_string(parse({"--config=" + path}).listeners.grpc), "h:7000");
  environment_["GRPC_ADDR"] = "x:7000";
  EXPECT_EQ(net::to_string(parse().listeners.grpc), "x:7000");
  environment_["GRPC_ADDR"] = "x:7001";
  EXPECT_THAT(refusal(), AllOf(HasSubstr("GRPC_PORT=7000"), HasSubstr("GRPC_ADDR=x:7001")));
  environment_ = {{"GRPC_PORT", "many"}};
  EXPECT_THAT(refusal(), HasSubstr("GRPC_PORT=many"));
}

TEST_F(ConfigParserTest, WhatIsServedLaterIsRefusedByName) {
  for (const char* const flag : {"--block-cache-dir", "--block-cache-size"}) {
    EXPECT_THAT(refusal({flag, "1s"}), HasSubstr(std::string("unknown flag ") + flag));
  }
}

TEST_F(ConfigParserTest, SecretsInRefusedValuesAreBlanked) {
  const std::string text = refusal({"--database-url=oracle://joe:sesame@h/d"});
  EXPECT_THAT(text, AllOf(HasSubstr("oracle://joe:***@h/d"), Not(HasSubstr("sesame"))));
}

TEST_F(ConfigParserTest, DynamodbIsATable) {
  EXPECT_EQ(parse({"--database-url", "dynamodb://records"}).database.scheme, "dynamodb");
  EXPECT_THAT(refusal({"--database-url", "dynamodb://t"}), HasSubstr("dynamodb://TABLE"));
}

TEST_F(ConfigParserTest, PostgresHasTwoSchemesAndKeepsItsWholeUrl) {
  for (const std::string scheme : {"postgres://", "postgresql://"}) {
    const std::string url = scheme + "joe:sesame@h:5433/d?sslmode=require";
    const Config config = parse({"--database-url", url, "--allow-async-standbys=true"});
    EXPECT_EQ(config.database.scheme, "postgres");
    EXPECT_EQ(config.database.url, url);
    EXPECT_TRUE(config.database.allow_async_standbys);
  }
  EXPECT_EQ(parse({"--database-url=cockroach://joe@h/d"}).database.scheme, "cockroach");
  EXPECT_EQ(parse({"--database-url=sqlite:m.db"}).database.scheme, "sqlite");
  EXPECT_FALSE(parse().database.allow_async_standbys);
  EXPECT_THAT(refusal({"--database-url=postgres://joe:sesame@h/d?no_such=1"}),
              AllOf(HasSubstr("--database-url=postgres://"), Not(HasSubstr("sesame"))));
}

TEST_F(ConfigParserTest, UnknownFlagAndKeyAreNamed) {
  EXPECT_THAT(refusal({"--flush-intervall=1s"}), HasSubstr("--flush-intervall"));
  EXPECT_THAT(refusal({"--=1"}), HasSubstr("unknown flag"));
  EXPECT_THAT(refusal({"serve"}), HasSubstr("'serve'"));
  EXPECT_THAT(refusal({"-v"}), HasSubstr("'-v'"));
  EXPECT_THAT(refusal({"--zone"}), HasSubstr("--zone: its value is missing"));
  const std::string path = file("flush-interval = '1s'\n");
  EXPECT_THAT(refusal({"--config", path}), AllOf(HasSubstr(path), HasSubstr("flush-interval")));
}

TEST_F(ConfigParserTest, BadValueIsNamedWithWhereItStands) {
  EXPECT_THAT(refusal({"--flush-interval", "soon"}), HasSubstr("--flush-interval=soon: expected"));
  environment_["BUFFER_LIMIT"] = "8MB";
  EXPECT_THAT(refusal(), HasSubstr("BUFFER_LIMIT=8MB: expected"));
  environment_.clear();
  const std::string path = file("log_level = 'loud'\n");
  EXPECT_THAT(refusal({"--config", path}), HasSubstr(path + ": log_level=loud: expected"));
}

TEST_F(ConfigParserTest, BadValuesOfEachKindAreRefused) {
  const std::vector<std::pair<std::string, std::vector<std::string>>> bad = {
      {"--grpc-addr", {"", "9090", ":1", "h:65536", "h:"}},
      {"--advertised-grpc-addr", {"h:0", "h"}},
      {"--database-url", {"", "sqlite:", "./metadata.db", "mysql://h"}},
      {"--object-store", {"", "file:", "./objects", "file://host/x"}},
      {"--agent-id", {"", "a b", std::string(129, 'a')}},
      {"--flush-interval", {"", "5", "0ms", "-1s", "1.5s", "5 ms", "9223372036854775807h"}},
      {"--flush-size", {"", "5", "0B", "-1KiB", "8MB", "9223372036854775807GiB"}},
      {"--io-threads", {"", "-1", "65", "two"}},
      {"--default-partitions", {"0", "100001"}},
      {"--group-initial-rebalance-delay", {"", "3", "-1s"}},
      {"--auto-create-topics", {"", "yes", "TRUE"}},
      {"--log-level", {"", "INFO"}},
      {"--log-format", {"", "xml"}}};
  for (const auto& [flag, values] : bad) {
    for (const std::string& value : values) {
      EXPECT_THAT(refusal({flag, value}), HasSubstr(flag + "=" + value));
    }
  }
}

TEST_F(ConfigParserTest, SettingsThatContradictEachOtherAreRefused) {
  EXPECT_THAT(refusal({"--heartbeat-interval=4s"}), HasSubstr("--session-timeout"));
  EXPECT_THAT(refusal({"--buffer-limit=1MiB"}), HasSubstr("--flush-size"));
  EXPECT_THAT(refusal({"--deletion-grace=59s"}), HasSubstr("--deletion-grace must be at least 1m"));
}

TEST_F(ConfigParserTest, ABucketIsNamedByUrlOrByVariable) {
  const Config config = parse({"--object-store=s3://bucket/a/b/"});
  EXPECT_EQ(config.object_store.url, "s3://bucket/a/b");
  EXPECT_EQ(config.object_store.bucket->bucket, "bucket");
  EXPECT_EQ(config.object_store.bucket->prefix, "a/b/");
  EXPECT_FALSE(parse().object_store.bucket);
  EXPECT_FALSE(parse({"--object-store=s3://bucket", "--object-store=file:x"}).object_store.bucket);
  environment_["S3_BUCKET"] = "bucket";
  EXPECT_EQ(parse().object_store.url, "s3://bucket");
  EXPECT_EQ(parse({"--object-store=s3://bucket/a"}).object_store.url, "s3://bucket/a");
  for (const char* const other : {"s3://other", "file:./data/objects"})
    EXPECT_THAT(refusal({"--object-store", other}),
                AllOf(HasSubstr("S3_BUCKET=bucket"), HasSubstr(other)));
  for (const char* const bad : {"b", "bucket/a", "Bucket"}) {
    environment_["S3_BUCKET"] = bad;
    EXPECT_THAT(refusal(), HasSubstr(std::string("S3_BUCKET=") + bad));
  }
  environment_.clear();
  EXPECT_THAT(refusal({"--object-store=s3://b"}), HasSubstr("--object-store=s3://b"));
}

TEST_F(ConfigParserTest, ABucketGetsFewerObjectsUnlessToldOtherwise) {
  const auto flush_of = [](const Config& config) { return config.core.scope.writer.flush; };
  EXPECT_EQ(flush_of(parse({"--object-store=s3://bucket"})).interval, milliseconds(250));
  EXPECT_EQ(flush_of(parse({"--object-store=s3://bucket"})).linger, milliseconds(5));
  EXPECT_EQ(flush_of(parse({"--object-store=s3://bucket", "--flush-interval=1s"})).interval,
            milliseconds(1000));
  EXPECT_EQ(flush_of(parse()).linger, milliseconds(0)) << "a directory is quick";
  EXPECT_EQ(flush_of(parse()).pause, milliseconds(2));
  EXPECT_EQ(flush_of(parse({"--object-store=s3://bucket"})).pause, std::nullopt);
  EXPECT_EQ(flush_of(parse({"--flush-interval=9ms"})).pause, std::nullopt) << "who asks gets that";
}

TEST_F(ConfigParserTest, TheAwsVariablesAreRead) {
  environment_ = {{"AWS_REGION", "eu-west-1"},
                  {"AWS_ACCESS_KEY_ID", "key"},
                  {"AWS_ENDPOINT_URL", "http://127.0.0.1:9000"}};
  const Config config = parse({"--object-store=s3://bucket"});
  EXPECT_EQ(config.aws.region, "eu-west-1");
  EXPECT_EQ(config.aws.access_key_id, "key");
  EXPECT_EQ(config.aws.endpoint_s3, "http://127.0.0.1:9000");
  environment_["AWS_S3_ADDRESSING_STYLE"] = "best";
  EXPECT_THAT(refusal({"--object-store=s3://bucket"}), HasSubstr("expected auto, path or virtual"));
  environment_["AWS_S3_ADDRESSING_STYLE"] = "virtual";
  EXPECT_EQ(parse({"--object-store=s3://bucket"}).aws.s3_addressing, "virtual");
  environment_["AWS_ENDPOINT_URL"] = "127.0.0.1:9000";
  EXPECT_THAT(refusal({"--object-store=s3://bucket"}), HasSubstr("endpoint '127.0.0.1:9000'"));
  EXPECT_EQ(parse().aws.region, "eu-west-1") << "nobody asks for it without a bucket";
}

TEST_F(ConfigParserTest, ReadsHowLongDeadObjectsStay) {
  EXPECT_EQ(parse().core.upkeep.grace, std::chrono::minutes(10));
  EXPECT_EQ(parse({"--deletion-grace=1m"}).core.upkeep.grace, std::chrono::minutes(1));
}

TEST_F(ConfigParserTest, FileThatCannotBeReadIsNamedWithTheLine) {
  EXPECT_THAT(refusal({"--config=/nowhere/agent.toml"}), HasSubstr("/nowhere/agent.toml"));
  const std::string path = file("zone = 'a'\nzone = \n");
  EXPECT_THAT(refusal({"--config", path}), HasSubstr(path + ":2: "));
  file("zone = 1.5\n");
  EXPECT_THAT(refusal({"--config", path}), AllOf(HasSubstr(path), HasSubstr("zone")));
  file("[zone]\nname = 'a'\n");
  EXPECT_THAT(refusal({"--config", path}), HasSubstr("zone"));
}

TEST_F(ConfigParserTest, HelpExplainsEveryOptionWithUnitAndDefault) {
  EXPECT_TRUE(std::holds_alternative<ShowHelp>(*invoke({"--help"})));
  EXPECT_TRUE(std::holds_alternative<ShowVersion>(*invoke({"--version"})));
  const std::string help = help_text();
  for (const Option& option : options()) {
    const std::string line = "--" + std::string(option.flag) + " " + std::string(option.form);
    EXPECT_THAT(help, HasSubstr(line));
    EXPECT_THAT(help, HasSubstr(std::string(option.help)));
    EXPECT_FALSE(option.default_text.empty()) << option.flag;
  }
}

}  // namespace
}  // namespace streamhouse::agent
