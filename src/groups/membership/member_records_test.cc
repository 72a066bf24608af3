// Goal: the members of a group survive being written down, and nothing is ever read from bytes that
// are damaged.
// Method: seeded round trips; every truncation and bit flip, with the old checksum and with a new
// one; the bytes of one group by hand.
#include "groups/membership/member_records.h"

#include <gtest/gtest.h>

#include <random>

#include "tests/segment/packed_faults.h"

namespace streamhouse::groups {
namespace {

using namespace std::chrono_literals;
using namespace std::string_literals;
using segment::testing::decode_error;

base::Result<MembershipRecord> read(base::BytesView bytes) {
  return read_membership({.group_id = "readers",
                          .generation = 7,
                          .protocol_type = "consumer",
                          .members = base::Bytes::copy_of(bytes)});
}
metadata::Group written(const MembershipRecord& record) {
  metadata::Group group{.group_id = "readers", .commit_no = 3};
  write_membership(record, group);
  return group;
}
void expect_valid(const MembershipRecord& record) { EXPECT_EQ(membership_fault(record), ""); }

class RandomMemberships {
 public:
  MembershipRecord next() {
    MembershipRecord record{.generation = static_cast<std::int32_t>(below(1u << 31)),
                            .protocol_type = text(10),
                            .protocol_name = text(300)};
    const auto count = 1 + below(9);
    for (std::uint64_t i = 0; i < count; ++i) record.members.push_back(member(i));
    if (below(4) > 0) record.leader_id = record.members[below(count)].member_id;
    return record;
  }

 private:
  std::uint64_t below(std::uint64_t bound) { return random_() % bound; }
  std::string text(std::uint64_t size_max) {
    std::string text(below(size_max + 1), 'x');
    for (char& each : text) each = static_cast<char>(below(256));
    return text;
  }
  MemberRecord member(std::uint64_t number) {
    const std::string name = std::to_string(number);
    MemberRecord member{.member_id = name + text(50),
                        .client_id = text(20),
                        .client_host = text(20),
                        .session_timeout = std::chrono::milliseconds(below(1u << 31)),
                        .rebalance_timeout = std::chrono::milliseconds(below(1u << 31)),
                        .assignment = base::Bytes(text(1000))};
    if (below(2) == 0) member.instance_id = name + text(20);
    for (std::uint64_t i = below(4); i > 0; --i)
      member.protocols.push_back({.name = text(10), .metadata = base::Bytes(text(200))});
    return member;
  }

  std::mt19937_64 random_{1};
};

MembershipRecord two_members() {
  return {.generation = 7,
          .protocol_type = "consumer",
          .protocol_name = "range",
          .leader_id = "b",
          .members = {{.member_id = "a",
                       .client_id = "c",
                       .client_host = "h",
                       .session_timeout = 10s,
                       .rebalance_timeout = 60s,
                       .protocols = {{"range", base::Bytes(std::string("m"))}},
                       .assignment = base::Bytes(std::string("p0"))},
                      {.member_id = "b", .instance_id = "i"}}};
}

TEST(MemberRecordsTest, RandomMembershipsReadBackTheSame) {
  RandomMemberships random;
  for (int round = 0; round < 300; ++round) {
    const MembershipRecord record = random.next();
    const auto again = read_membership(written(record));
    ASSERT_TRUE(again) << to_string(again.error());
    ASSERT_EQ(*again, record) << "round " << round;
  }
}

TEST(MemberRecordsTest, TheBytesAreThoseOfTheFormat) {
  const std::string expected =
      "\x01\x05range\x02\x02"
      "\x01"
      "a"
      "\x00"
      "\x01"
      "c"
      "\x01h\x90\x4e\xe0\xd4\x03\x01\x05range\x01m\x02p0"
      "\x01"
      "b"
      "\x01\x01i\x00\x00\x00\x00\x00\x00"s;
  const metadata::Group group = written(two_members());
  EXPECT_EQ(base::to_string(group.members.view().subspan(segment::kPackedChecksumSize)), expected);
  EXPECT_EQ(group.generation, 7);
  EXPECT_EQ(group.protocol_type, "consumer");
  EXPECT_EQ(group.state, "Stable");
}

TEST(MemberRecordsTest, AGroupWithoutMembersHasNoBytes) {
  const metadata::Group group = written({.generation = 9, .protocol_type = "consumer"});
  EXPECT_TRUE(group.members.empty());
  EXPECT_EQ(group.state, "Empty");
  const auto again = read_membership(group);
  ASSERT_TRUE(again);
  EXPECT_EQ(again->generation, 9);
  EXPECT_TRUE(again->members.empty());
}

TEST(MemberRecordsTest, EveryTruncationIsRefused) {
  segment::testing::expect_truncations_refused(read,
                                               base::to_vector(written(two_members()).members));
}

TEST(MemberRecordsTest, EveryBitFlipIsRefusedOrLeavesAMembershipThatKeepsItsRules) {
  segment::testing::expect_flips_refused(read, base::to_vector(written(two_members()).members),
                                         expect_valid);
}

TEST(MemberRecordsTest, WhatBreaksARuleIsRefusedAndNamesTheGroup) {
  const auto packed = [](std::string content) {
    base::ByteVector out(segment::kPackedChecksumSize);
    out.insert(out.end(), content.begin(), content.end());
    segment::seal_packed(out);
    return out;
  };
  const auto expect = [&](const std::string& content, std::string_view why,
                          base::Errc code = base::Errc::kCorrupt) {
    const std::string text = decode_error(read, packed(content), code);
    EXPECT_NE(text.find(why), std::string::npos) << text;
    EXPECT_NE(text.find("members of group 'readers'"), std::string::npos) << text;
  };
  const std::string member =
      "\x01"
      "a\x00\x00\x00\x00\x00\x00\x00"s;
  const std::string with_instance = "\x01\x01i\x00\x00\x00\x00\x00\x00"s;
  expect("\x02", "version", base::Errc::kUnsupported);
  expect("\x01\x00\x00\x00"s, "member count");
  expect("\x01\x00\x02\x01"s + member, "leader");
  expect("\x01\x00\x00\x01"s + member + "x", "end");
  expect("\x01\x00\x00\x02"s + member + member, "two members have one id");
  expect(
      "\x01\x00\x00\x02\x01"
      "a"s +
          with_instance +
          "\x01"
          "b" +
          with_instance,
      "two members have one instance id");
  expect("\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00\x00\x00"s, "a member has no id");
  expect(
      "\x01\x00\x00\x01\x01"
      "a\x02"s,
      "has an instance id");
  expect(
      "\x01\x00\x00\x01\x01"
      "a\x00\x00\x00\x80\x80\x80\x80\x08\x00\x00\x00"s,
      "session timeout");
  ASSERT_TRUE(read(packed("\x01\x00\x01\x01"s + member))) << "the pieces are right";
}

}  // namespace
}  // namespace streamhouse::groups
