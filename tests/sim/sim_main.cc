// sim --seed N            one run; prints its trace and digest; exit 1 and `seed N: INVARIANT` if
//                         it is violated
// sim --seeds FROM COUNT  many runs; prints how often each fault was injected; last line
//                         `N passed, N failed`
// sim --replay FILE       the seeds that stand first in the lines of FILE; last line as above
#include <algorithm>
#include <charconv>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "report.h"
#include "run_seed.h"

namespace {

using streamhouse::sim::Fault;
using streamhouse::sim::SeedReport;

int run_one(std::uint64_t seed) {
  const SeedReport report = streamhouse::sim::run_seed(seed);
  print(report);
  return exit_code(report);
}

/// Faults that a run of many seeds must have injected in this many of every 2,000.
struct Coverage {
  static constexpr std::uint64_t kSeedsMin = 100;
  static constexpr std::uint64_t kSeedsOf = 2'000;
  static constexpr Fault kFaults[] = {
      Fault::kLostReply,         Fault::kLateApply,        Fault::kUnknownCommit,
      Fault::kCrashBeforeCommit, Fault::kSealOfLiveWriter, Fault::kTornWrite,
      Fault::kObjectRemoved,     Fault::kDamagedRead,      Fault::kShortRead,
      Fault::kDatabaseThrottled, Fault::kStaleRead};
  static constexpr std::uint64_t kAckedMedianMin = 200;
};

/// What a run of many seeds injected, by fault.
struct Injected {
  std::vector<std::uint64_t> times = std::vector<std::uint64_t>(streamhouse::sim::kFaults, 0);
  std::vector<std::uint64_t> seeds = std::vector<std::uint64_t>(streamhouse::sim::kFaults, 0);

  void add(const streamhouse::sim::FaultLog& faults) {
    for (std::size_t i = 0; i < streamhouse::sim::kFaults; ++i) {
      const std::uint64_t count = faults.of(static_cast<Fault>(i));
      times[i] += count;
      if (count > 0) ++seeds[i];
    }
  }
};

/// `acked` is not empty.
int check_coverage(const Injected& injected, std::vector<std::uint64_t> acked,
                   std::uint64_t count) {
  int failed = 0;
  for (std::size_t i = 0; i < streamhouse::sim::kFaults; ++i) {
    std::printf("%-28s %9llu times, in %llu of %llu seeds\n",
                std::string(fault_name(static_cast<Fault>(i))).c_str(),
                static_cast<unsigned long long>(injected.times[i]),
                static_cast<unsigned long long>(injected.seeds[i]),
                static_cast<unsigned long long>(count));
  }
  for (const Fault fault : Coverage::kFaults) {
    const std::uint64_t needed = Coverage::kSeedsMin * count / Coverage::kSeedsOf;
    if (injected.seeds[static_cast<std::size_t>(fault)] >= needed) continue;
    std::printf("too few seeds with: %s\n", std::string(fault_name(fault)).c_str());
    ++failed;
  }
  std::ranges::sort(acked);
  const std::uint64_t median = acked[acked.size() / 2];
  std::printf("acknowledged records of the median seed: %llu\n",
              static_cast<unsigned long long>(median));
  if (median < Coverage::kAckedMedianMin) ++failed;
  return failed;
}

int run_many(std::uint64_t from, std::uint64_t count) {
  Injected injected;
  std::vector<std::uint64_t> acked;
  std::uint64_t failed = 0;
  for (std::uint64_t i = 0; i < count; ++i) {
    const SeedReport report = streamhouse::sim::run_seed(from + i);  // may pass 2^64
    acked.push_back(report.acked);
    injected.add(report.faults);
    if (!report.violations.empty()) ++failed;
    print_violations(report);
  }
  const int uncovered = check_coverage(injected, std::move(acked), count);
  std::printf("%llu passed, %llu failed\n", static_cast<unsigned long long>(count - failed),
              static_cast<unsigned long long>(failed) + static_cast<unsigned long long>(uncovered));
  return failed == 0 && uncovered == 0 ? 0 : 1;
}

int replay(const char* path) {
  std::ifstream file(path);
  int passed = 0;
  int failed = 0;
  for (std::string line; std::getline(file, line);) {
    if (line.empty() || line.front() == '#') continue;
    char* reason = nullptr;
    const std::uint64_t seed = std::strtoull(line.c_str(), &reason, 10);
    if (reason == line.c_str() || *reason != ' ') {
      std::printf("%s: expected a seed and what it was: %s\n", path, line.c_str());
      ++failed;
      continue;
    }
    const SeedReport report = streamhouse::sim::run_seed(seed);
    print_violations(report);
    ++(report.violations.empty() ? passed : failed);
  }
  std::printf("%d passed, %d failed\n", passed, failed);
  return passed > 0 && failed == 0 ? 0 : 1;
}

/// The number that an argument is; exits with 2, naming the argument, if it is none.
std::uint64_t parse_number(const char* name, std::string_view text) {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error == std::errc() && end == text.data() + text.size()) return number;
  std::fprintf(stderr, "error: invalid: %s is '%s', expected a number from 0 to 2^64-1\n", name,
               std::string(text).c_str());
  std::exit(2);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc == 3 && std::string_view(argv[1]) == "--seed") {
    return run_one(parse_number("N", argv[2]));
  }
  if (argc == 4 && std::string_view(argv[1]) == "--seeds") {
    const std::uint64_t from = parse_number("FROM", argv[2]);
    const std::uint64_t count = parse_number("COUNT", argv[3]);
    if (count > 0) return run_many(from, count);
    std::fputs("error: invalid: COUNT is 0: a run of no seeds says nothing\n", stderr);
    return 2;
  }
  if (argc == 3 && std::string_view(argv[1]) == "--replay") return replay(argv[2]);
  std::fputs("usage: sim --seed N | sim --seeds FROM COUNT | sim --replay FILE\n", stderr);
  return 2;
}
