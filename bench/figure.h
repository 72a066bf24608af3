#pragma once
/// \file  How benchmarks measure and report. A program prints a line a figure, its fields between
/// tabs: name, measured, goal, baseline; bench/run makes a table of them.

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdio>
#include <ctime>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

namespace streamhouse::bench {

using Clock = std::chrono::steady_clock;

/// Seconds that `work()` took.
template <class Work>
double seconds(Work work) {
  const auto start = Clock::now();
  work();
  return std::chrono::duration<double>(Clock::now() - start).count();
}

/// Seconds of processor time, of all threads of this process: what others do on the machine
/// meanwhile counts less.
inline double processor_seconds() {
  timespec used{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
  return static_cast<double>(used.tv_sec) + static_cast<double>(used.tv_nsec) * 1e-9;
}

/// Processor seconds that `work()` took.
template <class Work>
double processor_seconds_of(Work work) {
  const double start = processor_seconds();
  work();
  return processor_seconds() - start;
}

/// The value below which that part of `samples` lies. Requires: at least one.
inline double percentile(std::vector<double> samples, double part) {
  const auto index = static_cast<std::ptrdiff_t>(static_cast<double>(samples.size() - 1) * part);
  const auto at = samples.begin() + index;
  std::ranges::nth_element(samples, at);
  return *at;
}

/// How much is done: enough for a figure, or just enough to see that everything works.
struct Effort {
  int rounds = 5;   ///< The best round counts.
  int divisor = 1;  ///< Of every amount of work.

  /// Of the arguments of main(): `--smoke` anywhere.
  static Effort of(int argc, char** argv) {
    const auto smoke = [](std::string_view word) { return word == "--smoke"; };
    const bool found = std::any_of(argv + 1, argv + argc, smoke);
    return found ? Effort{.rounds = 1, .divisor = 100} : Effort{};
  }
  int scaled(int amount) const { return std::max(1, amount / divisor); }
};

/// The least of what `measure()` says in several rounds.
template <class Measure>
double best_of(const Effort& effort, Measure measure) {
  double best = std::numeric_limits<double>::infinity();
  for (int round = 0; round < effort.rounds; ++round) best = std::min<double>(best, measure());
  return best;
}

struct Figure {
  std::string name;
  double measured = 0;
  std::string goal = "-";  ///< `>=50000` or `<=1`, in the unit that the name ends with.
  double baseline = 0;     ///< The same by other means in the same run; 0 = none.
};

inline void print(const Figure& figure) {
  std::printf("%s\t%.6g\t%s\t%.6g\n", figure.name.c_str(), figure.measured, figure.goal.c_str(),
              figure.baseline);
  std::fflush(stdout);
}

}  // namespace streamhouse::bench
