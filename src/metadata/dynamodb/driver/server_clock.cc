#include "metadata/dynamodb/driver/server_clock.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>

namespace streamhouse::metadata::dynamodb {
namespace {

constexpr std::array<std::string_view, 12> kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                      "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
constexpr std::size_t kDateBytes = 29;
constexpr std::int64_t kSecondMs = 1'000;

/// -1 if it is no number.
int digits(std::string_view text, std::size_t at, std::size_t count) {
  int value = -1;
  const char* const begin = text.data() + at;
  const auto [end, failure] = std::from_chars(begin, begin + count, value);
  return failure == std::errc() && end == begin + count ? value : -1;
}

}  // namespace

std::optional<runtime::WallMs> parse_http_date(std::string_view text) {
  if (text.size() != kDateBytes || !text.ends_with(" GMT")) return std::nullopt;
  const auto month = std::ranges::find(kMonths, text.substr(8, 3));
  const int day = digits(text, 5, 2);
  const int year = digits(text, 12, 4);
  const int hour = digits(text, 17, 2);
  const int minute = digits(text, 20, 2);
  const int second = digits(text, 23, 2);
  if (month == kMonths.end() || day < 1 || year < 1970 || hour < 0 || minute < 0 || second < 0)
    return std::nullopt;
  using namespace std::chrono;
  const auto number = static_cast<unsigned>(month - kMonths.begin()) + 1;
  const year_month_day date(std::chrono::year(year), std::chrono::month(number),
                            std::chrono::day(static_cast<unsigned>(day)));
  if (!date.ok() || hour > 23 || minute > 59 || second > 60) return std::nullopt;
  const auto time = sys_days(date) + hours(hour) + minutes(minute) + seconds(second);
  return duration_cast<milliseconds>(time.time_since_epoch()).count();
}

void ServerClock::observe(std::string_view date, runtime::WallMs sent, runtime::WallMs received) {
  const auto second = parse_http_date(date);
  if (!second || received < sent) return;
  const std::int64_t least = *second - received;
  const std::int64_t most = *second + kSecondMs - sent;
  offset_ms_ = std::clamp(offset_ms_, least, most);
}

}  // namespace streamhouse::metadata::dynamodb
