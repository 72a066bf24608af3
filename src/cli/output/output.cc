#include "cli/output/output.h"

#include <fmt/core.h>
#include <poll.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace streamhouse::cli {

using base::Errc;
using base::Status;

namespace {
constexpr std::size_t kBufferBytes = 64 << 10;
}  // namespace

Status Output::write(std::string_view text) {
  buffer_.append(text);
  return buffer_.size() < kBufferBytes ? Status() : flush();
}

Status Output::flush() {
  std::string_view rest = buffer_;
  while (!rest.empty()) {
    const auto written = ::write(descriptor_, rest.data(), rest.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) {
      const int reason = errno;
      buffer_.clear();
      closed_ = reason == EPIPE;
      if (closed_) return {Errc::kStopped, "the reader of the output has gone"};
      return {Errc::kUnavailable, fmt::format("cannot write the output: {}", strerror(reason))};
    }
    rest.remove_prefix(static_cast<std::size_t>(written));
  }
  buffer_.clear();
  return {};
}

bool Output::check_closed() {
  pollfd state{descriptor_, 0, 0};
  if (::poll(&state, 1, 0) > 0 && (state.revents & POLLERR) != 0) closed_ = true;
  return closed_;
}

}  // namespace streamhouse::cli
