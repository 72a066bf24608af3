#include "report.h"

#include <cstdint>
#include <cstdio>
#include <string>

namespace streamhouse::sim {
namespace {

/// std::printf's own type for what it prints with %llu.
unsigned long long number(std::uint64_t value) { return value; }

}  // namespace

void print(const SeedReport& report) {
  std::fputs(report.trace.c_str(), stdout);
  std::printf("acked %llu read %llu commits %llu removals %llu group commits %llu\n",
              number(report.acked), number(report.read), number(report.commits),
              number(report.faults.of(Fault::kObjectRemoved)), number(report.group_commits));
  std::printf("digest %016llx\n", number(report.digest));
  print_violations(report);
}

void print_violations(const SeedReport& report) {
  for (const Violation& violation : report.violations) {
    std::printf("seed %llu: %s (%s) %s\n", number(report.seed), violation.invariant.c_str(),
                std::string(kind_name(report.kind)).c_str(), violation.detail.c_str());
  }
}

int exit_code(const SeedReport& report) { return report.violations.empty() ? 0 : 1; }

}  // namespace streamhouse::sim
