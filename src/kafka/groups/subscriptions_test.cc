// Goal: what members subscribe to is read from what they say, and taken for everything where that
// cannot be read. Method: metadata as clients send it, whole and cut at each byte.

#include "kafka/groups/subscriptions.h"

#include <gtest/gtest.h>

#include "tests/kafka/group_requests.h"

namespace streamhouse::kafka {
namespace {

groups::MembershipRecord members(const std::vector<std::string>& metadata) {
  groups::MembershipRecord record;
  for (const std::string& each : metadata) {
    groups::MemberRecord& member = record.members.emplace_back();
    member.protocols.push_back({.name = "range", .metadata = base::Bytes(std::string(each))});
  }
  return record;
}

TEST(SubscriptionsTest, AreThoseOfAllMembers) {
  const std::string orders(kafka_testing::kReadsOrders);
  std::string two("\0\3\0\0\0\2\0\1a\0\1b\0\0\0\0", 16);
  const Subscriptions read(members({orders, two}));
  EXPECT_TRUE(read.contain("orders"));
  EXPECT_TRUE(read.contain("a"));
  EXPECT_TRUE(read.contain("b"));
  EXPECT_FALSE(read.contain("c"));
  EXPECT_FALSE(Subscriptions(members({})).contain("orders"));
}

TEST(SubscriptionsTest, WhatCannotBeReadCountsAsEverything) {
  const std::string orders(kafka_testing::kReadsOrders);
  constexpr std::size_t kTopicsEnd = 14;
  for (std::size_t size = 0; size < orders.size(); ++size) {
    const Subscriptions read(members({orders.substr(0, size)}));
    EXPECT_EQ(read.contain("anything"), size < kTopicsEnd) << size;
    EXPECT_TRUE(read.contain("orders")) << size;
  }
  std::string many = orders;
  many[2] = '\x7f';  // so many topics cannot be there
  EXPECT_TRUE(Subscriptions(members({many})).contain("anything"));
}

}  // namespace
}  // namespace streamhouse::kafka
