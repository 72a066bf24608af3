// Goal: keys are what docs/dynamodb.md says, in the order of what they name, and no text of a user
// makes one that is empty or another's. Method: every key as text; neighbours compared as bytes.
#include "metadata/dynamodb/items/keys.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <set>

namespace streamhouse::metadata::dynamodb {
namespace {

using model::LeaderEpoch;
using model::Offset;
using model::PartitionIndex;
using model::Seq;
using model::SessionId;
using model::TopicNo;
using model::TopicPartition;

constexpr SessionId kSession{0xfedcba9876543210};
const TopicPartition kPlace{TopicNo(7), PartitionIndex(300)};

TEST(DynamodbKeysTest, AreWhatTheTableForPeopleSays) {
  const std::pair<Key, Key> keys[] = {
      {topic_key(TopicNo(7)), {"T", "0000000007"}},
      {topic_name_key("orders"), {"N#orders", "A"}},
      {topic_id_key({{1}}), {"I#01000000-0000-0000-0000-000000000000", "A"}},
      {partition_key(kPlace), {"P#0000000007#0001", "000300"}},
      {segment_key(kPlace, Offset(42), "seg/x"),
       {"SG#0000000007#0001", "000300#00000000000000000042#seg/x"}},
      {session_key(kSession), {"S", "fedcba9876543210"}},
      {unrecovered_key(kSession), {"U", "fedcba9876543210"}},
      {agent_key("host-1"), {"A", "=host-1"}},
      {row_key(kSession, Seq(3)), {"L#fedcba9876543210", "00000000000000000003"}},
      {checkpoint_key(kSession), {"C#fedcba9876543210", "H"}},
      {led_chunk_key(kSession, TopicNo(7), 1), {"W#fedcba9876543210", "0000000007#0001"}},
      {live_object_key("seg/x"), {"OL", "=seg/x"}},
      {dead_object_key("seg/x"), {"OD", "=seg/x"}},
      {group_key("billing"), {"G#billing", "M"}},
      {group_list_key("billing"), {"GL", "=billing"}},
      {offset_key("billing", kPlace), {"G#billing", "O#0000000007#000300"}},
      {floor_key(kPlace), {"F", "0000000007#000300"}},
      {change_head_key(), {"X", "head"}},
      {change_key(41), {"X", "00000000000000000041"}},
      {setting_key("acl/one"), {"V", "=acl/one"}},
      {counter_key("topic_no"), {"K", "topic_no"}},
      {cluster_key(), {"K", "cluster"}},
  };
  for (const auto& [key, expected] : keys) {
    EXPECT_EQ(key.pk, expected.pk);
    EXPECT_EQ(key.sk, expected.sk) << "under " << expected.pk;
  }
  EXPECT_EQ(session_blobs_key(kSession), "B#fedcba9876543210");
  EXPECT_EQ(producers_key(TopicNo(7), 1), "PB#0000000007#0001");
}

TEST(DynamodbKeysTest, NumbersAreOrderedWhereTheyGetAnotherDigit) {
  std::string before;
  for (std::int64_t number = 1;
       number > 0 && number < std::numeric_limits<std::int64_t>::max() / 10; number *= 10) {
    for (const std::int64_t one : {number - 1, number, number + 1}) {
      EXPECT_EQ(padded(one).size(), 20u);
      EXPECT_LE(before, padded(one)) << one;
      before = padded(one);
      EXPECT_EQ(number_at(before, 0), one);
    }
  }
  EXPECT_EQ(number_at(padded(std::numeric_limits<std::int64_t>::max()), 0),
            std::numeric_limits<std::int64_t>::max());
}

TEST(DynamodbKeysTest, TheGreatestNumbersHaveRoom) {
  EXPECT_EQ(topic_text(TopicNo(std::numeric_limits<std::uint32_t>::max())), "4294967295");
  EXPECT_EQ(partition_text(PartitionIndex(999'999)), "999999");
  EXPECT_EQ(topic_chunk(TopicNo(1), chunk_of(PartitionIndex(999'999))), "0000000001#3906");
  EXPECT_EQ(digits(12'345, 3), "12345") << "nothing is cut off";
  EXPECT_EQ(digits(0, 3), "000");
}

TEST(DynamodbKeysTest, ANumberIsReadFromWhereItBegins) {
  EXPECT_EQ(number_at("P#0000000007#0001", 2), 7);
  EXPECT_EQ(number_at("P#0000000007#0001", 13), 1);
  for (const auto& [key, at] : {std::pair("", std::size_t{0}), {"12", 2}, {"12", 99}, {"ab", 0}})
    EXPECT_EQ(number_at(key, at), 0) << key << " at " << at;
  EXPECT_EQ(number_at("99999999999999999999", 0), 0) << "more than there are";
}

TEST(DynamodbKeysTest, PartitionsOfOneKeyAreFoundTogetherAndNoOthers) {
  for (const std::int32_t chunk : {0, 1, 3906}) {
    const std::int32_t first = chunk * kPartitionsPerKey;
    const std::string pk = partitions_key(TopicNo(1), chunk);
    EXPECT_EQ(partition_key({TopicNo(1), PartitionIndex(first)}).pk, pk);
    EXPECT_EQ(partition_key({TopicNo(1), PartitionIndex(first + kPartitionsPerKey - 1)}).pk, pk);
    EXPECT_NE(partition_key({TopicNo(1), PartitionIndex(first + kPartitionsPerKey)}).pk, pk);
    EXPECT_NE(partition_key({TopicNo(2), PartitionIndex(first)}).pk, pk);
  }
}

TEST(DynamodbKeysTest, SegmentsOfAPartitionAreARangeThatEndsBeforeTheNext) {
  const std::string prefix = segments_prefix(PartitionIndex(2));
  const std::string behind = partition_text(PartitionIndex(2)) + "$";
  for (const std::int64_t offset : {std::int64_t{0}, std::numeric_limits<std::int64_t>::max()}) {
    const Key key = segment_key({TopicNo(1), PartitionIndex(2)}, Offset(offset), "\xff");
    EXPECT_TRUE(key.sk.starts_with(prefix));
    EXPECT_LT(key.sk, behind);
  }
  EXPECT_GT(segment_key({TopicNo(1), PartitionIndex(3)}, Offset(0), "").sk, behind);
}

TEST(DynamodbKeysTest, TextsOfUsersKeepTheirOrderAndNeverMeet) {
  const std::vector<std::string> texts = {"",  "#",   "=", "==",  "A",
                                          "M", "O#1", "a", "a#A", "\xc3\xbf"};
  std::set<Key> keys;
  for (const std::string& text : texts)
    for (const Key& key :
         {topic_name_key(text), agent_key(text), live_object_key(text), dead_object_key(text),
          group_key(text), group_list_key(text), offset_key(text, kPlace), setting_key(text)}) {
      EXPECT_TRUE(keys.insert(key).second) << key.pk << " " << key.sk;
      EXPECT_FALSE(key.pk.empty() || key.sk.empty()) << "DynamoDB takes no empty key";
    }
  for (std::size_t i = 1; i < texts.size(); ++i)
    EXPECT_LT(setting_key(texts[i - 1]), setting_key(texts[i])) << "lists are in their order";
}

TEST(DynamodbKeysTest, AreInTheOrderOfWhatTheyName) {
  EXPECT_LT(topic_key(model::TopicNo(9)), topic_key(model::TopicNo(4'000'000'000)));
  EXPECT_LT(row_key(kSession, Seq(9)), row_key(kSession, Seq(10)));
  EXPECT_LT(session_key(SessionId(5)), session_key(kSession));
  EXPECT_LT(change_key(99'999'999), change_head_key());
  const TopicPartition two{model::TopicNo(1), model::PartitionIndex(2)};
  const TopicPartition ten{model::TopicNo(1), model::PartitionIndex(10)};
  EXPECT_LT(segment_key(two, Offset(100), "x"), segment_key(ten, Offset(5), "x"));
  EXPECT_LT(segment_key(two, Offset(9), "z"), segment_key(two, Offset(10), "a"));
  EXPECT_EQ(padded(-3), padded(0));
}

TEST(DynamodbKeysTest, DifferForDifferentThings) {
  const TopicPartition one{model::TopicNo(1), model::PartitionIndex(2)};
  const TopicPartition other{model::TopicNo(12), model::PartitionIndex(0)};
  const std::vector<Key> keys = {topic_key(one.topic),
                                 topic_key(other.topic),
                                 topic_name_key("a"),
                                 topic_name_key("a#A"),
                                 topic_id_key({{1}}),
                                 partition_key(one),
                                 partition_key(other),
                                 segment_key(one, Offset(5), "o"),
                                 segment_key(one, Offset(5), "p"),
                                 session_key(kSession),
                                 unrecovered_key(kSession),
                                 agent_key("a"),
                                 agent_key("="),
                                 row_key(kSession, Seq(1)),
                                 checkpoint_key(kSession),
                                 led_chunk_key(kSession, one.topic, 0),
                                 live_object_key("o"),
                                 dead_object_key("o"),
                                 group_key("g"),
                                 group_key("g#M"),
                                 group_list_key("g"),
                                 offset_key("g", one),
                                 offset_key("g", other),
                                 floor_key(one),
                                 change_head_key(),
                                 change_key(1),
                                 setting_key("k"),
                                 counter_key("k"),
                                 cluster_key()};
  for (const Key& key : keys) {
    EXPECT_EQ(std::ranges::count(keys, key), 1) << key.pk << " " << key.sk;
    EXPECT_FALSE(key.pk.empty());
    EXPECT_FALSE(key.sk.empty());
  }
}

}  // namespace
}  // namespace streamhouse::metadata::dynamodb
