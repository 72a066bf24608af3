// Goal: exactly the keys that are safe as paths and as S3 names pass; each refusal names its rule.
// Method: tables of good and bad keys, every byte value in turn, and lengths at their limits.
#include "objectstore/object_key.h"

#include <gtest/gtest.h>

namespace streamhouse::objectstore {
namespace {

using base::Errc;

void expect_refused(const base::Status& status, std::string_view rule) {
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().code, Errc::kInvalid);
  EXPECT_NE(status.error().text.find(rule), std::string::npos) << status.error().text;
}

TEST(ObjectKeyTest, AcceptsTheKeysOfTheSystem) {
  for (const auto* key : {"ab/0123456789abcdef/42", "cluster", "a/b/c/d/e", "seg/1-2/3/00.x-9_y",
                          "a..b", "a.", "-", "_/0"})
    EXPECT_TRUE(check_key(key)) << key;
}

TEST(ObjectKeyTest, RefusesWhatCouldLeaveTheStore) {
  expect_refused(check_key(""), "is empty");
  expect_refused(check_key("/a"), "empty component");
  expect_refused(check_key("a//b"), "empty component");
  expect_refused(check_key("a/"), "ends with a slash");
  for (const auto* key : {".", "..", "../a", "a/../b", "a/./b", "a/..", ".tmp/1", "a/.b"})
    expect_refused(check_key(key), "begins with a dot");
}

TEST(ObjectKeyTest, AcceptsExactlyTheDocumentedBytes) {
  const std::string allowed = "abcdefghijklmnopqrstuvwxyz0123456789-_./";
  for (int byte = 0; byte < 256; ++byte) {
    const std::string key = std::string("a") + static_cast<char>(byte) + "b";
    const bool expected = allowed.find(static_cast<char>(byte)) != std::string::npos;
    EXPECT_EQ(check_key(key).has_value(), expected) << byte;
  }
}

TEST(ObjectKeyTest, BoundsTheKeyAndItsComponents) {
  const std::string component(kKeyComponentBytesMax, 'a');
  EXPECT_TRUE(check_key(component));
  expect_refused(check_key(component + "a"), "component longer");
  const std::string longest = component + "/" + component + "/";
  ASSERT_EQ(longest.size(), kKeyBytesMax);
  expect_refused(check_key(longest + "a"), "longer than 512");
  EXPECT_TRUE(check_key(component + "/" + std::string(254, 'a') + "/a"));
}

TEST(ObjectKeyTest, APrefixMayStopAnywhere) {
  for (const auto* prefix : {"", "a", "a/", "ab/01", "ab/01/"}) EXPECT_TRUE(check_prefix(prefix));
  for (const auto* prefix : {"/", "../", ".", "a/.", "A", "a//"})
    EXPECT_FALSE(check_prefix(prefix));
}

TEST(ObjectKeyTest, ListLimitsAreOneToAThousand) {
  EXPECT_TRUE(check_list("", 1));
  EXPECT_TRUE(check_list("", 1000));
  expect_refused(check_list("", 0), "1..1000");
  expect_refused(check_list("", 1001), "1..1000");
}

TEST(ObjectKeyTest, SplitsAtSlashes) {
  EXPECT_EQ(split_components(""), std::vector<std::string>());
  EXPECT_EQ(split_components("a/b/c"), (std::vector<std::string>{"a", "b", "c"}));
  EXPECT_EQ(split_key("a/b/c").directory, "a/b");
  EXPECT_EQ(split_key("a/b/c").name, "c");
  EXPECT_EQ(split_key("c").directory, "");
  EXPECT_EQ(split_key("c").name, "c");
}

TEST(ObjectKeyTest, ComponentsThatCannotStandInAKeyAreTold) {
  EXPECT_TRUE(is_key_component("0a.b"));
  for (const auto* name : {"", ".a", "a/b", "lost+found", "A"})
    EXPECT_FALSE(is_key_component(name)) << name;
}

TEST(ObjectKeyTest, QuotesUnprintableBytesAndCutsLongText) {
  EXPECT_EQ(printable(std::string_view("a\0\n\xff", 4)), "'a\\x00\\x0a\\xff'");
  EXPECT_EQ(printable(std::string(101, 'x')), "'" + std::string(100, 'x') + "...'");
}

}  // namespace
}  // namespace streamhouse::objectstore
