#include "cli/produce/line_reader.h"

#include <fmt/core.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace streamhouse::cli {

using base::Errc;
using base::Result;

namespace {
constexpr std::size_t kBlockBytes = 256 << 10;
}  // namespace

std::optional<LineReader::Line> LineReader::take_line() {
  const auto found = buffer_.find('\n', searched_);
  searched_ = buffer_.size();
  const bool last = found == std::string::npos && ended_ && begin_ < buffer_.size();
  if (found == std::string::npos && !last) return std::nullopt;
  const auto end = last ? buffer_.size() : found;
  Line line{buffer_.substr(begin_, end - begin_), ++lines_};
  begin_ = searched_ = last ? end : end + 1;
  return line;
}

/// Appends what one read gives; false at the end.
Result<bool> LineReader::fill() {
  buffer_.erase(0, begin_);
  searched_ -= begin_;
  begin_ = 0;
  const auto used = buffer_.size();
  buffer_.resize(used + kBlockBytes);
  auto count = ::read(descriptor_, buffer_.data() + used, kBlockBytes);
  while (count < 0 && errno == EINTR) {
    count = ::read(descriptor_, buffer_.data() + used, kBlockBytes);
  }
  const int reason = errno;
  buffer_.resize(used + static_cast<std::size_t>(std::max<ssize_t>(count, 0)));
  if (count < 0) {
    return {Errc::kUnavailable, fmt::format("cannot read {}: {}", name_, strerror(reason))};
  }
  bytes_read_ += count;
  return count > 0;
}

Result<LineReader::Item> LineReader::next(std::optional<std::chrono::milliseconds> patience) {
  for (;;) {
    if (auto line = take_line()) return Item(*std::move(line));
    if (ended_) return Item(End{});
    if (buffer_.size() - begin_ > kLineBytesMax) {
      return {Errc::kTooLarge, fmt::format("line {} of {} is longer than {} bytes", lines_ + 1,
                                           name_, kLineBytesMax)};
    }
    pollfd state{descriptor_, POLLIN, 0};
    const int wait = patience ? static_cast<int>(patience->count()) : -1;
    if (::poll(&state, 1, wait) == 0) return Item(Idle{});
    SH_TRY(const bool more, fill());
    ended_ = !more;
  }
}

}  // namespace streamhouse::cli
