// sim --seed N            one run; prints its trace and digest; exit 1 and `seed N: INVARIANT` if
//                         it is violated
// sim --seeds FROM COUNT  many runs; prints how often each fault was injected; last line
//                         `N passed, N failed`
// sim --replay FILE       the seeds that stand first in the lines of FILE; last line as above
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <string>
#include <string_view>

#include "run_seed.h"

namespace {

using streamhouse::sim::Fault;
using streamhouse::sim::SeedReport;

void print_violations(const SeedReport& report) {
  for (const auto& violation : report.violations) {
    std::printf("seed %llu: %s (%s) %s\n", static_cast<unsigned long long>(report.seed),
                violation.invariant.c_str(), std::string(kind_name(report.kind)).c_str(),
                violation.detail.c_str());
  }
}

int run_one(std::uint64_t seed) {
  const SeedReport report = streamhouse::sim::run_seed(seed);
  std::fputs(report.trace.c_str(), stdout);
  std::printf("acked %llu read %llu commits %llu removals %llu group commits %llu\n",
              static_cast<unsigned long long>(report.acked),
              static_cast<unsigned long long>(report.read),
              static_cast<unsigned long long>(report.commits),
              static_cast<unsigned long long>(report.faults.of(Fault::kObjectRemoved)),
              static_cast<unsigned long long>(report.group_commits));
  std::printf("digest %016llx\n", static_cast<unsigned long long>(report.digest));
  print_violations(report);
  return report.violations.empty() ? 0 : 1;
}

/// Faults that a run of many seeds must have injected in this many of every 2,000.
struct Coverage {
  static constexpr std::uint64_t kSeedsMin = 100;
  static constexpr std::uint64_t kSeedsOf = 2'000;
  static constexpr Fault kFaults[] = {
      Fault::kLostReply,        Fault::kLateApply, Fault::kUnknownCommit, Fault::kCrashBeforeCommit,
      Fault::kSealOfLiveWriter, Fault::kTornWrite, Fault::kObjectRemoved};
  static constexpr std::uint64_t kAckedMedianMin = 200;
};

int check_coverage(const std::vector<std::uint64_t>& seeds_with, std::vector<std::uint64_t> acked,
                   std::uint64_t count) {
  int failed = 0;
  for (std::size_t i = 0; i < streamhouse::sim::kFaults; ++i) {
    std::printf(
        "%-28s in %llu of %llu seeds\n", std::string(fault_name(static_cast<Fault>(i))).c_str(),
        static_cast<unsigned long long>(seeds_with[i]), static_cast<unsigned long long>(count));
  }
  for (const Fault fault : Coverage::kFaults) {
    const std::uint64_t needed = Coverage::kSeedsMin * count / Coverage::kSeedsOf;
    if (seeds_with[static_cast<std::size_t>(fault)] >= needed) continue;
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
  std::vector<std::uint64_t> seeds_with(streamhouse::sim::kFaults, 0);
  std::vector<std::uint64_t> acked;
  std::uint64_t failed = 0;
  for (std::uint64_t seed = from; seed < from + count; ++seed) {
    const SeedReport report = streamhouse::sim::run_seed(seed);
    acked.push_back(report.acked);
    for (std::size_t i = 0; i < streamhouse::sim::kFaults; ++i) {
      if (report.faults.of(static_cast<Fault>(i)) > 0) ++seeds_with[i];
    }
    if (!report.violations.empty()) ++failed;
    print_violations(report);
  }
  const int uncovered = check_coverage(seeds_with, acked, count);
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

}  // namespace

int main(int argc, char** argv) {
  if (argc == 3 && std::string_view(argv[1]) == "--seed") {
    return run_one(std::strtoull(argv[2], nullptr, 10));
  }
  if (argc == 4 && std::string_view(argv[1]) == "--seeds") {
    return run_many(std::strtoull(argv[2], nullptr, 10), std::strtoull(argv[3], nullptr, 10));
  }
  if (argc == 3 && std::string_view(argv[1]) == "--replay") return replay(argv[2]);
  std::fputs("usage: sim --seed N | sim --seeds FROM COUNT | sim --replay FILE\n", stderr);
  return 2;
}
