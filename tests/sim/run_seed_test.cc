// Goal: a run is a function of its seed: the same seed gives the same bytes of trace and the same
// order of execution, whatever the kind of scenario, or no failure could be replayed.
// Method: one seed of each kind is run twice in one process, so that nothing that a run leaves
// behind and no address of memory may show; another seed of the kind must give another run.
#include "run_seed.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <string>

#include "report.h"

namespace streamhouse::sim {
namespace {

class RunSeedTest : public testing::TestWithParam<std::uint64_t> {};

TEST_P(RunSeedTest, TheSameSeedTwiceGivesTheSameTraceAndDigest) {
  const SeedReport first = run_seed(GetParam());
  const SeedReport second = run_seed(GetParam());
  EXPECT_FALSE(first.trace.empty());
  EXPECT_EQ(first.trace, second.trace);
  EXPECT_EQ(first.digest, second.digest);
}

TEST_P(RunSeedTest, AnotherSeedOfTheSameKindGivesAnotherRun) {
  const SeedReport one = run_seed(GetParam());
  const SeedReport other = run_seed(GetParam() + kKinds);
  EXPECT_EQ(kind_name(one.kind), kind_name(other.kind));
  EXPECT_NE(one.trace, other.trace);
  EXPECT_NE(one.digest, other.digest);
}

TEST(ReportTest, AViolatedInvariantIsNamedWithItsSeedAndEndsWithOne) {
  SeedReport report{.seed = 7, .trace = "trace\n", .digest = 0xabc};
  EXPECT_EQ(exit_code(report), 0);
  report.violations = {{.invariant = "F1", .detail = "row 3 after the seal"}};
  EXPECT_EQ(exit_code(report), 1);
  testing::internal::CaptureStdout();
  print(report);
  const std::string printed = testing::internal::GetCapturedStdout();
  EXPECT_TRUE(printed.starts_with("trace\n")) << printed;
  EXPECT_TRUE(
      printed.ends_with("digest 0000000000000abc\nseed 7: F1 (restarts) row 3 after the seal\n"))
      << printed;
}

std::string kind_of(const testing::TestParamInfo<std::uint64_t>& seed) {
  return std::string(kind_name(make_scenario(seed.param).kind));
}

INSTANTIATE_TEST_SUITE_P(EachKind, RunSeedTest, testing::Range<std::uint64_t>(0, kKinds), kind_of);
INSTANTIATE_TEST_SUITE_P(OfKafkaClients, RunSeedTest,
                         testing::Values(kFirstKafkaSeed, kFirstKafkaSeed + 1), kind_of);

}  // namespace
}  // namespace streamhouse::sim
