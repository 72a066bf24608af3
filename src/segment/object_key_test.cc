// Goal: keys are exactly those that the documents promise, and only such keys are read back.
// Method: literal examples; seeded random names round trip; every one-byte change of a key is
// either refused or is another name's own key.
#include "segment/object_key.h"

#include <gtest/gtest.h>

#include <random>
#include <vector>

namespace streamhouse::segment {
namespace {

constexpr model::SessionId kSession{0x0123456789abcdef};

SegmentKey example_segment() {
  SegmentKey name{.partition = model::PartitionIndex(12),
                  .base = model::Offset(4711),
                  .compactor = kSession,
                  .number = 3};
  for (std::size_t i = 0; i < 16; ++i) name.topic.bytes[i] = static_cast<std::uint8_t>(0xa0 + i);
  return name;
}

std::vector<ObjectName> random_names(std::mt19937_64& random) {
  const auto positive = [&random] {
    return static_cast<std::int64_t>(random() >> (random() % 63 + 1));
  };
  const model::SessionId session(random());
  SegmentKey segment{.partition = model::PartitionIndex(static_cast<std::int32_t>(random() >> 33)),
                     .base = model::Offset(positive()),
                     .compactor = session,
                     .number = positive()};
  for (std::uint8_t& byte : segment.topic.bytes) byte = static_cast<std::uint8_t>(random());
  return {FlushKey{session, model::Seq(positive())},
          segment,
          SealKey{session},
          TrimKey{session, model::Seq(positive())},
          CatalogueKey{segment.topic, positive()},
          GroupsKey{segment.partition,
                    model::LeaderEpoch(static_cast<std::int32_t>(random() >> 33)), positive()}};
}

TEST(ObjectKeyTest, KeysAreThoseOfTheDocuments) {
  EXPECT_EQ(object_key(kSession, model::Seq(42)), "01/0123456789abcdef/42");
  EXPECT_EQ(to_key(SealKey{kSession}), "01/0123456789abcdef/seal");
  EXPECT_EQ(to_key(TrimKey{kSession, model::Seq(42)}), "01/0123456789abcdef/trimmed-42");
  EXPECT_EQ(to_key(CatalogueKey{example_segment().topic, 7}),
            "catalogue/a0a1a2a3-a4a5-a6a7-a8a9-aaabacadaeaf/00000000000000000007");
  EXPECT_EQ(to_key(GroupsKey{model::PartitionIndex(49), model::LeaderEpoch(3), 12}),
            "groups/49/00000000000000000003-00000000000000000012");
  EXPECT_EQ(to_key(example_segment()),
            "seg/a0a1a2a3-a4a5-a6a7-a8a9-aaabacadaeaf/12/00000000000000004711-0123456789abcdef-3");
  EXPECT_EQ(session_prefix(kSession), "01/0123456789abcdef/");
}

TEST(ObjectKeyTest, RandomNamesRoundTrip) {
  std::mt19937_64 random(1);
  for (int round = 0; round < 500; ++round)
    for (const ObjectName& name : random_names(random)) ASSERT_EQ(parse_key(to_key(name)), name);
}

TEST(ObjectKeyTest, OtherTextsAreNoKeys) {
  for (const auto* text :
       {"",
        "/",
        "01",
        "01/0123456789abcdef",
        "01/0123456789abcdef/",
        "01/0123456789abcdef/042",
        "01/0123456789abcdef/-1",
        "01/0123456789abcdef/+1",
        "01/0123456789abcdef/4 ",
        "02/0123456789abcdef/42",
        "01/0123456789ABCDEF/42",
        "01/0123456789abcdef/42/1",
        "01/0123456789abcdef/9223372036854775808",
        "01/0123456789abcdef/seals",
        "01/0123456789abcdef/trimmed-",
        "01/0123456789abcdef/trimmed-042",
        "01/0123456789abcdef/trimmed--1",
        "seg/",
        "catalogue/",
        "catalogue/00000000000000000007",
        "catalogue/a0a1a2a3-a4a5-a6a7-a8a9-aaabacadaeaf/7",
        "catalogue/a0a1a2a3-a4a5-a6a7-a8a9-aaabacadaeaf/-0000000000000000007",
        "groups/",
        "groups/049/00000000000000000003-00000000000000000012",
        "groups/49/3-12",
        "seg/x/1/2-3-4",
        "seg/a0a1a2a3-a4a5-a6a7-a8a9-aaabacadaeaf/-1/00000000000000004711-0123456789abcdef-3"})
    EXPECT_FALSE(parse_key(text).has_value()) << text;
}

TEST(ObjectKeyTest, AChangedByteNeverLeadsBackToTheSameName) {
  std::mt19937_64 random(2);
  for (const ObjectName& name : random_names(random)) {
    const std::string key = to_key(name);
    for (std::size_t i = 0; i < key.size() * 8; ++i) {
      std::string changed = key;
      changed[i / 8] = static_cast<char>(changed[i / 8] ^ (1 << i % 8));
      const auto parsed = parse_key(changed);
      if (!parsed) continue;
      EXPECT_NE(*parsed, name);
      EXPECT_EQ(to_key(*parsed), changed);
    }
  }
}

}  // namespace
}  // namespace streamhouse::segment
