// Goal: a clock that is right stays, one that is wrong is set right by the dates of answers.
// Method: dates and local times that contradict each other or do not.
#include "metadata/dynamodb/driver/server_clock.h"

#include <gtest/gtest.h>

#include <string>

namespace streamhouse::metadata::dynamodb {
namespace {

constexpr std::string_view kDate = "Sat, 21 Nov 2026 18:05:07 GMT";
constexpr runtime::WallMs kSecond = 1'795'284'307'000;

TEST(ServerClockTest, ReadsHttpDatesAndNothingElse) {
  EXPECT_EQ(parse_http_date(kDate), kSecond);
  EXPECT_EQ(parse_http_date("Thu, 01 Jan 1970 00:00:00 GMT"), 0);
  for (const char* text : {"", "now", "Sat, 21 Nov 2026 18:05:07 CET",
                           "Sat, 31 Feb 2026 18:05:07 GMT", "Sat, 21 Nov 2026 24:05:07 GMT",
                           "Sat, 21 Foo 2026 18:05:07 GMT", "Sat, 21 Nov 2026 18:xx:07 GMT"})
    EXPECT_FALSE(parse_http_date(text).has_value()) << text;
}

TEST(ServerClockTest, AClockThatCanBeRightIsLeftAlone) {
  ServerClock clock;
  clock.observe(kDate, kSecond + 400, kSecond + 450);
  EXPECT_EQ(clock.now(5), 5);
  clock.observe(kDate, kSecond - 20, kSecond + 5);
  EXPECT_EQ(clock.now(5), 5);
  clock.observe("no date", 0, 1);
  EXPECT_EQ(clock.now(5), 5);
}

TEST(ServerClockTest, AClockThatIsWrongIsCorrectedAsLittleAsIsNeeded) {
  ServerClock fast;
  fast.observe(kDate, kSecond + 60'000, kSecond + 60'030);
  EXPECT_EQ(fast.now(kSecond + 60'030), kSecond + 1'000 + 30);
  ServerClock slow;
  slow.observe(kDate, kSecond - 60'030, kSecond - 60'000);
  EXPECT_EQ(slow.now(kSecond - 60'000), kSecond);
}

TEST(ServerClockTest, FollowsAClockThatJumps) {
  ServerClock clock;
  clock.observe(kDate, kSecond + 3'600'000, kSecond + 3'600'010);
  clock.observe(kDate, kSecond + 500, kSecond + 510);
  const auto now = clock.now(kSecond + 510);
  EXPECT_GE(now, kSecond);
  EXPECT_LE(now, kSecond + 1'010);
}

TEST(ServerClockTest, DatesThatAreNoneChangeNothing) {
  ServerClock clock;
  for (const char* date :
       {"", "yesterday", "Sat, 21 Nov 2026 18:05:00", "21 Nov 2026 18:05:00 GMT"})
    clock.observe(date, 1'000, 2'000);
  EXPECT_EQ(clock.now(5'000), 5'000);
  clock.observe("Sat, 21 Nov 2026 18:05:00 GMT", 2'000, 1'000);
  EXPECT_EQ(clock.now(5'000), 5'000) << "the local clock went back meanwhile: it says nothing";
}

TEST(ServerClockTest, EveryMonthAndLeapDayIsKnown) {
  const char* const months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  runtime::WallMs before = 0;
  for (const char* const month : months) {
    const auto at = parse_http_date(std::string("Mon, 01 ") + month + " 2024 00:00:00 GMT");
    ASSERT_TRUE(at.has_value()) << month;
    EXPECT_GT(*at, before);
    before = *at;
  }
  EXPECT_TRUE(parse_http_date("Thu, 29 Feb 2024 23:59:59 GMT").has_value());
  EXPECT_FALSE(parse_http_date("Wed, 29 Feb 2023 23:59:59 GMT").has_value());
  EXPECT_FALSE(parse_http_date("Wed, 31 Apr 2024 23:59:59 GMT").has_value());
  EXPECT_FALSE(parse_http_date("Wed, 30 Apr 2024 24:00:00 GMT").has_value());
}

}  // namespace
}  // namespace streamhouse::metadata::dynamodb
