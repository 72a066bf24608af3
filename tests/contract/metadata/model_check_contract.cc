// Goal: a store gives the very answers that the in-memory model gives, whatever is asked in
// whatever order, late copies of earlier calls included, and the model keeps its invariants.
// Method: seeded random operations on both, answers compared field by field, all tables compared
// now and then; once in each run both move by way of an archive. METADATA_MODEL_SEED=N runs that
// seed alone, METADATA_MODEL_SEEDS=N that many.
#include <cstdlib>

#include "tests/contract/metadata/random_operations.h"

namespace streamhouse::metadata::contract {
namespace {

constexpr int kSeeds = 25;
constexpr int kSteps = 400;
constexpr int kSuccessesMin = 10;
constexpr int kStepsBetweenComparisons = 50;
/// Then both sides move into other databases.
constexpr int kStepsBeforeMove = 260;

/// 0 if the variable is not set.
std::uint64_t number_from(const char* variable) {
  const char* text = std::getenv(variable);
  return text ? std::strtoull(text, nullptr, 10) : 0;
}

TEST_P(MetadataStoreContract, RandomOperationsGetTheAnswersOfTheModel) {
  const std::uint64_t only = number_from("METADATA_MODEL_SEED");
  const std::uint64_t wanted = number_from("METADATA_MODEL_SEEDS");
  const auto usual = static_cast<std::uint64_t>(GetParam().rounds(kSeeds));
  const std::uint64_t last = only ? only : (wanted ? wanted : usual);
  std::map<std::string, int> succeeded;
  for (std::uint64_t seed = only ? only : 1; seed <= last; ++seed) {
    start_anew();
    RandomOperations operations(*this, seed);
    for (int step = 1; step <= kSteps && !operations.failure(); ++step) {
      operations.step();
      if (step % kStepsBetweenComparisons == 0) operations.compare_everything();
      if (step == kStepsBeforeMove) operations.move();
      if (operations.failure())
        FAIL() << "METADATA_MODEL_SEED=" << seed << ", step " << step << ": "
               << *operations.failure();
    }
    for (const auto& [name, times] : operations.successes()) succeeded[name] += times;
  }
  if (!only && last >= kSeeds)
    for (const auto& [name, times] : succeeded)
      EXPECT_GE(times, GetParam().rounds(kSuccessesMin))
          << name << " hardly ever succeeds: the check proves little";
}

}  // namespace
}  // namespace streamhouse::metadata::contract
