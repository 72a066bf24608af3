// Goal: every row is in exactly one part, in order, and an error ends the run.
// Method: lengths around the bound.
#include "metadata/postgres/driver/chunks.h"

#include <gtest/gtest.h>

#include <numeric>
#include <vector>

namespace streamhouse::metadata::postgres {
namespace {

std::vector<int> numbers(std::size_t count) {
  std::vector<int> list(count);
  std::iota(list.begin(), list.end(), 0);
  return list;
}

TEST(ChunksTest, EveryRowIsInOnePartAndNoPartIsTooLong) {
  for (const std::size_t count : {0u, 1u, 4'999u, 5'000u, 5'001u, 12'345u}) {
    const std::vector<int> rows = numbers(count);
    std::vector<int> seen;
    const auto take = [&](std::span<const int> part) -> base::Status {
      EXPECT_FALSE(part.empty());
      EXPECT_LE(part.size(), kStatementRowsMax);
      seen.insert(seen.end(), part.begin(), part.end());
      return {};
    };
    EXPECT_TRUE(in_chunks(std::span<const int>(rows), take));
    EXPECT_EQ(seen, rows);
  }
}

TEST(ChunksTest, AnErrorEndsTheRun) {
  const std::vector<int> rows = numbers(3 * kStatementRowsMax);
  int parts = 0;
  const auto fail_second = [&](std::span<const int>) -> base::Status {
    if (++parts < 2) return {};
    return {base::Errc::kConflict, "the second"};
  };
  EXPECT_FALSE(in_chunks(std::span<const int>(rows), fail_second));
  EXPECT_EQ(parts, 2);
}

}  // namespace
}  // namespace streamhouse::metadata::postgres
