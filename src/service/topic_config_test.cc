// Goal: a topic's name and configuration are taken or refused as documented, naming what is wrong.
// Method: the borders of every key and rule.

#include "service/topic_config.h"

#include <gtest/gtest.h>

#include "model/record_batch.h"

namespace streamhouse::service {
namespace {

using base::Errc;
using Config = std::map<std::string, std::string>;

TEST(TopicName, TakesKafkasNames) {
  for (const char* name : {"a", "A-z_0.9", "...", "__consumer_offsets"}) {
    EXPECT_TRUE(check_topic_name(name)) << name;
  }
  EXPECT_TRUE(check_topic_name(std::string(249, 'x')));
}

TEST(TopicName, RefusesEverythingElse) {
  const std::vector<std::string> names = {"",    ".",     "..",        std::string(250, 'x'),
                                          "a b", "a/b",   "gr\u00fcn", std::string("a\0b", 3),
                                          "a:b", "{name}"};
  for (const std::string& name : names) {
    const auto checked = check_topic_name(name);
    ASSERT_FALSE(checked) << name;
    EXPECT_EQ(checked.error().code, Errc::kInvalid);
    EXPECT_NE(checked.error().text.find("'" + name + "'"), std::string::npos) << name;
  }
}

TEST(TopicConfig, TakesEveryKeyUpToItsBorders) {
  EXPECT_TRUE(check_topic_config({}));
  EXPECT_TRUE(check_topic_config({{"retention.ms", "-1"},
                                  {"retention.bytes", "9223372036854775807"},
                                  {"max.message.bytes", "2147483647"},
                                  {"cleanup.policy", "delete"},
                                  {"compression.type", "producer"},
                                  {"message.timestamp.type", "LogAppendTime"},
                                  {"streamhouse.ack", "buffered"}}));
  EXPECT_TRUE(check_topic_config({{"max.message.bytes", "0"},
                                  {"message.timestamp.type", "CreateTime"},
                                  {"streamhouse.ack", "durable"}}));
  EXPECT_TRUE(check_topic_config({{"retention.bytes", " 1\n"},
                                  {"preallocate", " True"},
                                  {"cleanup.policy", "delete "},
                                  {"min.cleanable.dirty.ratio", " 0.25"},
                                  {"leader.replication.throttled.replicas", "0:1,1:1"}}))
      << "Kafka trims them";
}

TEST(TopicConfig, EveryDefaultIsAllowedAndKeysAreInOrder) {
  std::string_view before;
  for (const ConfigKey& key : topic_config_keys()) {
    EXPECT_LT(before, key.name);
    before = key.name;
    EXPECT_TRUE(check_topic_config({{std::string(key.name), std::string(key.default_value)}}))
        << key.name;
    EXPECT_EQ(find_config_key(key.name), &key);
  }
  EXPECT_EQ(find_config_key("no.such.key"), nullptr);
}

TEST(TopicConfig, ATopicsOwnHasRetentionToo) {
  const metadata::Topic topic{.retention_ms = 5000, .config = {{"segment.bytes", "1048576"}}};
  EXPECT_EQ(own_config(topic), (Config{{"retention.ms", "5000"}, {"segment.bytes", "1048576"}}));
  EXPECT_TRUE(own_config({}).empty());
}

TEST(TopicConfig, RefusesUnknownKeysAndValuesAndNamesThem) {
  const std::vector<std::pair<std::string, std::string>> refused = {
      {"no.such.key", "1"},
      {"follower.replication.throttled.replicas", std::string(32'768, '0')},
      {"segment.bytes", "13"},
      {"min.insync.replicas", "0"},
      {"preallocate", "yes"},
      {"retention.ms", "-2"},
      {"retention.ms", ""},
      {"retention.ms", "7d"},
      {"retention.ms", "9223372036854775808"},
      {"retention.bytes", "1 2"},
      {"min.cleanable.dirty.ratio", "1.1"},
      {"min.cleanable.dirty.ratio", "half"},
      {"remote.storage.enable", "true"},
      {"compression.gzip.level", "10"},
      {"message.timestamp.after.max.ms", "-1"},
      {"max.message.bytes", "-1"},
      {"max.message.bytes", "2147483648"},
      {"cleanup.policy", "compact"},
      {"compression.type", "none"},
      {"compression.type", ""},
      {"message.timestamp.type", "logappendtime"},
      {"streamhouse.ack", ""},
  };
  for (const auto& [key, value] : refused) {
    const auto checked = check_topic_config({{key, value}});
    ASSERT_FALSE(checked) << key << "=" << value;
    EXPECT_EQ(checked.error().code, Errc::kInvalid);
    EXPECT_NE(checked.error().text.find(key), std::string::npos) << checked.error().text;
  }
}

TEST(CheckTimestamp, TakesThePastAndAnHourOfTheFutureUnlessTheTopicSaysOtherwise) {
  constexpr std::int64_t kNow = 1'700'000'000'000;
  constexpr std::int64_t kHour = 3'600'000;
  const auto takes = [](const Config& config, std::int64_t timestamp) {
    const auto checked = check_timestamp({.config = config}, timestamp, kNow);
    if (!checked) EXPECT_EQ(checked.error().code, Errc::kInvalidTimestamp);
    return checked.has_value();
  };
  EXPECT_TRUE(takes({}, 0));
  EXPECT_TRUE(takes({}, -1)) << "none";
  EXPECT_TRUE(takes({}, kNow + kHour));
  EXPECT_FALSE(takes({}, kNow + kHour + 1));
  EXPECT_FALSE(takes({}, std::numeric_limits<std::int64_t>::max()));
  EXPECT_TRUE(takes({{"message.timestamp.type", "LogAppendTime"}}, kNow + 2 * kHour));
  const Config strict = {{"message.timestamp.before.max.ms", "10"},
                         {"message.timestamp.after.max.ms", "20"}};
  EXPECT_TRUE(takes(strict, kNow - 10));
  EXPECT_FALSE(takes(strict, kNow - 11));
  EXPECT_FALSE(takes(strict, 0));
  EXPECT_TRUE(takes(strict, -1));
  EXPECT_TRUE(takes(strict, kNow + 20));
  EXPECT_FALSE(takes(strict, kNow + 21));
  EXPECT_TRUE(takes({{"message.timestamp.after.max.ms", "9223372036854775807"}},
                    std::numeric_limits<std::int64_t>::max()));
}

TEST(StoredCodec, IsTheProducersUnlessTheTopicNamesOne) {
  using enum model::Codec;
  EXPECT_EQ(stored_codec({}), std::nullopt);
  EXPECT_EQ(stored_codec({.config = {{"compression.type", "producer"}}}), std::nullopt);
  const std::map<std::string, model::Codec> named = {{"uncompressed", kNone},
                                                     {"gzip", kGzip},
                                                     {"snappy", kSnappy},
                                                     {"lz4", kLz4},
                                                     {"zstd", kZstd}};
  for (const auto& [name, codec] : named) {
    EXPECT_TRUE(check_topic_config({{"compression.type", name}}));
    EXPECT_EQ(stored_codec({.config = {{"compression.type", name}}}), codec);
  }
}

TEST(Retention, MovesFromTheConfigIntoTheTopicsOwnField) {
  Config config{{"retention.ms", "5000"}, {"streamhouse.ack", "durable"}};
  EXPECT_EQ(take_retention(config, 1).value(), 5'000);
  EXPECT_EQ(config, (Config{{"streamhouse.ack", "durable"}}));
  EXPECT_EQ(take_retention(config, 1).value(), 1) << "without the key the field stays";
  EXPECT_EQ(take_retention(config, std::nullopt).value(), std::nullopt);
}

TEST(Retention, IsUnboundedForMinusOneAndRefusedBelow) {
  Config forever{{"retention.ms", "-1"}};
  EXPECT_EQ(take_retention(forever, 7).value(), std::nullopt);
  for (const char* value : {"-2", "soon", ""}) {
    Config config{{"retention.ms", value}};
    const auto taken = take_retention(config, {});
    ASSERT_FALSE(taken) << value;
    EXPECT_EQ(taken.error().code, Errc::kInvalid);
    EXPECT_EQ(config.size(), 1u) << "refused input is left alone";
  }
}

TEST(TopicSettings, HaveTheirDefaultsAndTheirConfiguredValues) {
  const metadata::Topic plain;
  EXPECT_EQ(batch_bytes_max(plain), model::kBatchBytesMaxDefault);
  EXPECT_FALSE(uses_log_append_time(plain));
  EXPECT_FALSE(acknowledges_buffered(plain));
  metadata::Topic topic;
  topic.config = {{"max.message.bytes", "0"},
                  {"message.timestamp.type", "LogAppendTime"},
                  {"streamhouse.ack", "buffered"}};
  EXPECT_EQ(batch_bytes_max(topic), 0u);
  EXPECT_TRUE(uses_log_append_time(topic));
  EXPECT_TRUE(acknowledges_buffered(topic));
  topic.config = {{"message.timestamp.type", "CreateTime"}, {"streamhouse.ack", "durable"}};
  EXPECT_FALSE(uses_log_append_time(topic));
  EXPECT_FALSE(acknowledges_buffered(topic));
}

}  // namespace
}  // namespace streamhouse::service
