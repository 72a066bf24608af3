// Goal: each word of the command line is taken in exactly the forms that help promises, and an
// error quotes it.
// Method: accepted and refused words by example, at and beyond each limit.
#include "cli/line/arguments.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

namespace streamhouse::cli {
namespace {

using std::chrono::milliseconds;

TEST(ArgumentsTest, TakesWholeDecimalNumbersWithinTheirLimits) {
  EXPECT_EQ(parse_integer("0", 0, 9).value(), 0);
  EXPECT_EQ(parse_integer("010", 0, 99).value(), 10);  // never octal
  EXPECT_EQ(parse_integer("-1", -1, 9).value(), -1);
  for (const auto* word :
       {"", "10", "-1", "+1", " 1", "1 ", "0x1", "1.0", "1e0", "one", "99999999999999999999999"}) {
    const auto refused = parse_integer(word, 0, 9);
    ASSERT_FALSE(refused) << word;
    EXPECT_EQ(refused.error().code, base::Errc::kInvalid);
    EXPECT_EQ(refused.error().text,
              std::string("'") + word + "' is not a whole number from 0 to 9");
  }
}

TEST(ArgumentsTest, SaysNoUpperLimitWhereThereIsNone) {
  const auto refused = parse_integer("x", 1, std::numeric_limits<std::int64_t>::max());
  EXPECT_EQ(refused.error().text, "'x' is not a whole number from 1 on");
}

TEST(ArgumentsTest, TakesDurationsWithTheirUnit) {
  EXPECT_EQ(parse_duration("250ms").value(), milliseconds(250));
  EXPECT_EQ(parse_duration("6s").value(), milliseconds(6000));
  EXPECT_EQ(parse_duration("1m").value(), milliseconds(60'000));
  for (const auto* word : {"", "30", "s", "0s", "-1s", "1h", "1.5s", "1 s", "99999999999999999m"}) {
    EXPECT_FALSE(parse_duration(word)) << word;
  }
}

TEST(ArgumentsTest, CutsAPairAtItsFirstEqualsSign) {
  EXPECT_EQ(parse_key_value("k=v").value(), std::pair(std::string("k"), std::string("v")));
  EXPECT_EQ(parse_key_value("k=a=b").value().second, "a=b");
  EXPECT_EQ(parse_key_value("k=").value().second, "");
  EXPECT_FALSE(parse_key_value("k"));
  EXPECT_FALSE(parse_key_value("=v"));
}

TEST(ArgumentsTest, TakesEveryFormOfAStart) {
  using Kind = StartOffset::Kind;
  EXPECT_EQ(parse_start_offset("earliest").value(), (StartOffset{Kind::kEarliest, 0}));
  EXPECT_EQ(parse_start_offset("latest").value(), (StartOffset{Kind::kLatest, 0}));
  EXPECT_EQ(parse_start_offset("42").value(), (StartOffset{Kind::kOffset, 42}));
  EXPECT_EQ(parse_start_offset("@1700000000000").value(),
            (StartOffset{Kind::kTimestamp, 1700000000000}));
  for (const auto* word : {"", "-1", "@", "@-1", "first", "Latest", "1,000"}) {
    EXPECT_FALSE(parse_start_offset(word)) << word;
  }
}

TEST(ArgumentsTest, TakesAddressesWithAPort) {
  for (const auto* word : {"localhost:9090", "10.0.0.1:1", "[::1]:65535", "a-b.example:80"}) {
    EXPECT_EQ(parse_address(word).value(), word);
  }
  for (const auto* word : {"", "localhost", ":9090", "h:", "h:0", "h:65536", "h:x", "::1:9090",
                           "http://h:80", "a b:80"}) {
    EXPECT_FALSE(parse_address(word)) << word;
  }
}

TEST(ArgumentsTest, TakesRetentionInMillisecondsOrNone) {
  EXPECT_EQ(parse_retention("none").value(), -1);
  EXPECT_EQ(parse_retention("0").value(), 0);
  EXPECT_EQ(parse_retention("604800000").value(), 604800000);
  EXPECT_THAT(parse_retention("7d").error().text, testing::HasSubstr("'7d'"));
}

}  // namespace
}  // namespace streamhouse::cli
