// Goal: what clients want changed of a configuration comes to what Kafka makes of it, or is refused
// as a whole. Method: one operation at a time on a topic with a few settings of its own.

#include "kafka/configs/config_change.h"

#include <gtest/gtest.h>

namespace streamhouse::kafka {
namespace {

using wire::ErrorCode;
using Change = wire::IncrementalAlterConfigsRequest::Config;

const Config kOwn{{"retention.ms", "1000"}, {"segment.bytes", "1048576"}};
constexpr std::int8_t kSet = 0;
constexpr std::int8_t kDelete = 1;
constexpr std::int8_t kAppend = 2;
constexpr std::int8_t kSubtract = 3;

std::expected<ConfigChange, Refusal> change(const std::vector<Change>& changes) {
  return change_config(kOwn, {.configs = changes});
}
ErrorCode code_of(const std::vector<Change>& changes) {
  const auto changed = change(changes);
  return changed ? ErrorCode::kNone : changed.error().code;
}

TEST(ConfigChangeTest, SetsAndForgetsSingleKeys) {
  const auto changed = change({{"max.message.bytes", kSet, "2000"}, {"retention.ms", kDelete, {}}});
  ASSERT_TRUE(changed);
  EXPECT_EQ(*changed,
            (ConfigChange{{"max.message.bytes", "2000"}, {"retention.ms", std::nullopt}}));
}

TEST(ConfigChangeTest, OnlyListsGrowAndShrink) {
  EXPECT_EQ(change({{"cleanup.policy", kAppend, "delete"}})->at("cleanup.policy"), "delete")
      << "it is there already";
  EXPECT_EQ(code_of({{"cleanup.policy", kAppend, "compact"}}), ErrorCode::kInvalidConfig)
      << "compaction is not served";
  EXPECT_EQ(code_of({{"cleanup.policy", kSubtract, "delete"}}), ErrorCode::kInvalidConfig)
      << "nothing would be left";
  EXPECT_EQ(code_of({{"cleanup.policy", kSubtract, "compact"}}), ErrorCode::kNone);
  EXPECT_EQ(code_of({{"retention.ms", kAppend, "1"}}), ErrorCode::kInvalidConfig);
}

TEST(ConfigChangeTest, RefusesWhatMakesNoSense) {
  EXPECT_EQ(code_of({{"no.such.key", kSet, "1"}}), ErrorCode::kInvalidConfig);
  EXPECT_TRUE(change({{"no.such.key", kDelete, {}}})->empty()) << "nothing, as in Kafka";
  EXPECT_EQ(code_of({{"no.such.key", kAppend, "1"}}), ErrorCode::kInvalidConfig);
  EXPECT_EQ(code_of({{"retention.ms", kSet, "soon"}}), ErrorCode::kInvalidConfig);
  EXPECT_EQ(code_of({{"retention.ms", kSet, {}}}), ErrorCode::kInvalidRequest) << "null";
  EXPECT_EQ(code_of({{"retention.ms", 4, "1"}}), ErrorCode::kInvalidRequest);
  EXPECT_EQ(code_of({{"retention.ms", -1, "1"}}), ErrorCode::kInvalidRequest);
  EXPECT_EQ(code_of({{"retention.ms", kSet, "1"}, {"retention.ms", kDelete, {}}}),
            ErrorCode::kInvalidRequest)
      << "twice";
  EXPECT_EQ(code_of({{"segment.bytes", kSet, "5000"}, {"retention.ms", kSet, "soon"}}),
            ErrorCode::kInvalidConfig)
      << "all or nothing";
}

TEST(ConfigChangeTest, ReplacingForgetsWhatIsNotNamed) {
  const auto replaced = replace_config(
      kOwn, {.configs = {{"segment.bytes", "2097152"}, {"max.message.bytes", "2000"}}});
  ASSERT_TRUE(replaced);
  EXPECT_EQ(*replaced, (ConfigChange{{"max.message.bytes", "2000"},
                                     {"retention.ms", std::nullopt},
                                     {"segment.bytes", "2097152"}}));
  EXPECT_EQ(replace_config(kOwn, {.configs = {{"segment.bytes", std::nullopt}}}).error().code,
            ErrorCode::kInvalidRequest);
  EXPECT_EQ(replace_config(kOwn, {.configs = {{"segment.bytes", "x"}}}).error().code,
            ErrorCode::kInvalidConfig);
}

}  // namespace
}  // namespace streamhouse::kafka
