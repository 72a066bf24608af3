// Goal: one key goes to one partition, whichever client or server chooses.
// Method: hashes that librdkafka's murmur2 partitioner gives for the same keys (over 2^31 - 1
// partitions: the hash itself), covering every length modulo four.
#include "model/key_partition.h"

#include <gtest/gtest.h>

#include <array>
#include <string_view>

namespace streamhouse::model {
namespace {

struct Golden {
  std::string_view key;
  std::uint32_t hash;  // without its sign bit
};

constexpr Golden kGolden[] = {
    {"", 275646681},
    {"a", 584102524},
    {"ab", 316155434},
    {"abc", 479470107},
    {"21", 1173551340},
    {"foobar", 1357151166},
    {"a-little-bit-long-string", 1161502112},
    {"a-little-bit-longer-string", 661178819},
    {"lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8", 2088585677},
    {"\xc3\xa9\xe4\xb8\xad", 1857657724},
};

TEST(KeyPartitionTest, HashesAsKafkasClientsDo) {
  for (const auto& [key, hash] : kGolden) {
    EXPECT_EQ(murmur2(base::as_bytes(key)) & 0x7fffffff, hash) << key;
  }
}

TEST(KeyPartitionTest, HashesBytesAboveAsciiAsUnsigned) {
  std::array<std::uint8_t, 256> bytes;
  for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<std::uint8_t>(i);
  EXPECT_EQ(murmur2(bytes) & 0x7fffffff, 199136374u);
}

TEST(KeyPartitionTest, DropsTheSignBitBeforeTheModulus) {
  EXPECT_GT(murmur2(base::as_bytes("21")), 0x7fffffffu);  // negative as Java's int
  EXPECT_EQ(partition_of_key(base::as_bytes("21"), 10), PartitionIndex{0});
  EXPECT_EQ(partition_of_key(base::as_bytes("foobar"), 10), PartitionIndex{6});
  EXPECT_EQ(partition_of_key(base::as_bytes("foobar"), 1), PartitionIndex{0});
}

}  // namespace
}  // namespace streamhouse::model
