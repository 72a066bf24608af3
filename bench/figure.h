#pragma once
/// \file  How benchmarks measure and print: one line a figure, `figure measured goal baseline
/// ratio`.

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <string>
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

/// The value below which 99 % of `samples` lie. Requires: at least one.
inline double percentile_99(std::vector<double> samples) {
  const auto at = samples.begin() + static_cast<std::ptrdiff_t>((samples.size() - 1) * 99 / 100);
  std::ranges::nth_element(samples, at);
  return *at;
}

struct Figure {
  std::string name;
  double measured = 0;
  std::string goal = "-";  ///< `>=50000` or `<=1`, in the unit that the name ends with.
  double baseline = 0;     ///< The same by other means in the same run; 0 = none.
};

inline void print_header() {
  std::printf("%-48s %12s %12s %12s %6s\n", "figure", "measured", "goal", "baseline", "ratio");
}

inline void print(const Figure& figure) {
  std::printf("%-48s %12.4g %12s ", figure.name.c_str(), figure.measured, figure.goal.c_str());
  if (figure.baseline > 0)
    std::printf("%12.4g %6.2f\n", figure.baseline, figure.measured / figure.baseline);
  else
    std::printf("%12s %6s\n", "-", "-");
  std::fflush(stdout);
}

}  // namespace streamhouse::bench
