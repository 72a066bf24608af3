// sim_mutants NAME SEED...   runs the seeds under one mutant (`none` = the true core) until a
// violation shows; exit 1 then.
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <iterator>
#include <string_view>

#include "mutant.h"
#include "run_seed.h"

namespace {

bool select_mutant(std::string_view name) {
  using namespace streamhouse::mutants;
  for (std::size_t i = 0; i < std::size(kNames); ++i) {
    if (name != kNames[i]) continue;
    selected = static_cast<int>(i);
    return true;
  }
  return false;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 3 || !select_mutant(argv[1])) {
    std::fputs("usage: sim_mutants NAME SEED...\n", stderr);
    return 2;
  }
  for (int i = 2; i < argc; ++i) {
    const std::uint64_t seed = std::strtoull(argv[i], nullptr, 10);
    std::printf("seed %llu\n", static_cast<unsigned long long>(seed));
    std::fflush(stdout);
    const auto report = streamhouse::sim::run_seed(seed);
    if (report.violations.empty()) continue;
    const auto& first = report.violations.front();
    std::printf("%s: %s\n", first.invariant.c_str(), first.detail.c_str());
    return 1;
  }
  return 0;
}
