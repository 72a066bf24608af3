#pragma once
/// \file  How far long work has got, on stderr, for people who watch it.

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

namespace streamhouse::cli {

/// `  42% [========>           ] 1200 records`, or without the bar where the end is not known.
std::string progress_line(const std::string& text, std::optional<double> share);

/// Says nothing unless stderr is a terminal and the work takes longer than a second.
class Progress {
 public:
  Progress();
  /// Leaves no trace of the bar.
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  /// `share` of the work done, 0..1, where it is known.
  void show(const std::string& text, std::optional<double> share);

 private:
  using Clock = std::chrono::steady_clock;
  bool terminal_;
  bool shown_ = false;
  Clock::time_point next_;
};

}  // namespace streamhouse::cli
