#include "cli/output/progress.h"

#include <fmt/core.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>

namespace streamhouse::cli {

namespace {
constexpr auto kQuietFor = std::chrono::seconds(1);
constexpr auto kInterval = std::chrono::milliseconds(100);
constexpr int kBarWidth = 30;
}  // namespace

std::string progress_line(const std::string& text, std::optional<double> share) {
  if (!share) return text;
  const auto part = std::clamp(*share, 0.0, 1.0);
  const auto filled = static_cast<int>(part * kBarWidth);
  return fmt::format("{:3.0f}% [{:=<{}}{: <{}}] {}", part * 100, "", filled, "", kBarWidth - filled,
                     text);
}

Progress::Progress() : terminal_(::isatty(STDERR_FILENO) == 1), next_(Clock::now() + kQuietFor) {}

Progress::~Progress() {
  if (shown_) fmt::print(stderr, "\r\x1b[K");
}

void Progress::show(const std::string& text, std::optional<double> share) {
  if (!terminal_ || Clock::now() < next_) return;
  fmt::print(stderr, "\r\x1b[K{}", progress_line(text, share));
  std::fflush(stderr);
  shown_ = true;
  next_ = Clock::now() + kInterval;
}

}  // namespace streamhouse::cli
