// Goal: a group has the coordinator that Kafka would give it, so that the two can be compared.
// Method: golden values, Java's String.hashCode of each id taken apart from this code; the last
// step is Kafka's: the absolute value (0 for the smallest integer) modulo the partitions.

#include "groups/group_shard.h"

#include <gtest/gtest.h>

namespace streamhouse::groups {
namespace {

struct Golden {
  std::string_view group_id;
  std::int32_t shard;  ///< Of 50.
};

std::int32_t shard(std::string_view group_id, std::int32_t partitions = kOffsetsPartitions) {
  return shard_of(group_id, partitions).value();
}

TEST(GroupShard, IsKafkasForIdsWhoseHashIsNotNegative) {
  const Golden goldens[] = {
      {"", 0},                        // 0
      {"a", 47},                      // 97
      {"hello", 22},                  // 99162322
      {"console-consumer-12345", 6},  // 158455506
  };
  for (const Golden& golden : goldens) EXPECT_EQ(shard(golden.group_id), golden.shard);
}

TEST(GroupShard, TakesTheAbsoluteValueOfANegativeHash) {
  EXPECT_EQ(shard("my-group"), 12);  // -1906497762
  EXPECT_EQ(shard("orders"), 31);    // -1008770331
  EXPECT_EQ(shard("billing"), 9);    // -109829509
}

TEST(GroupShard, IsZeroForTheSmallestInteger) {
  EXPECT_EQ(shard("polygenelubricants"), 0);  // -2147483648
  EXPECT_EQ(shard("polygenelubricants", 7), 0);
}

TEST(GroupShard, HashesUtf16UnitsNotBytesOrCodePoints) {
  EXPECT_EQ(shard("gr\u00fc\u00dfe"), 23);          // two bytes each: 98768023
  EXPECT_EQ(shard("\u65e5\u672c\u8a9e"), 43);       // three: 25921943
  EXPECT_EQ(shard("\U0001f600"), 49);               // a surrogate pair: 1772899
  EXPECT_EQ(shard("group-\U0001f600-\u00e9"), 39);  // all of them: -1358452339
}

TEST(GroupShard, IsWithinRangeForAnyBytesAndAnyNumberOfPartitions) {
  for (int first = 0; first < 256; ++first) {
    for (const char* rest : {"", "x", "\x80", "\xff\xff\xff"}) {
      const std::string id = std::string(1, static_cast<char>(first)) + rest;
      for (const std::int32_t partitions : {1, 2, 50, 100'000}) {
        EXPECT_GE(shard(id, partitions), 0);
        EXPECT_LT(shard(id, partitions), partitions);
      }
    }
  }
}

}  // namespace
}  // namespace streamhouse::groups
