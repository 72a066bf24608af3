// Goal: a list is cut into runs without loss, at most so many at once. Method: lengths about
// bounds.
#include "metadata/dynamodb/driver/take_front.h"

#include <gtest/gtest.h>

#include <numeric>

namespace streamhouse::metadata::dynamodb {
namespace {

TEST(TakeFrontTest, RunsAreAsLongAsAllowedAndTogetherTheList) {
  for (const std::size_t size : {0u, 1u, 24u, 25u, 26u, 50u, 51u}) {
    std::vector<int> list(size);
    std::iota(list.begin(), list.end(), 0);
    std::span<const int> rest(list);
    std::vector<int> together;
    std::size_t runs = 0;
    for (; !rest.empty(); ++runs) {
      const std::vector<int> run = take_front(rest, 25);
      EXPECT_LE(run.size(), 25u);
      together.insert(together.end(), run.begin(), run.end());
    }
    EXPECT_EQ(together, list);
    EXPECT_EQ(runs, (size + 24) / 25) << size;
  }
}

TEST(TakeFrontTest, OfNothingThereIsNothing) {
  std::span<const int> none;
  EXPECT_TRUE(take_front(none, 10).empty());
  const std::vector<int> some = {1, 2};
  std::span<const int> rest(some);
  EXPECT_TRUE(take_front(rest, 0).empty());
  EXPECT_EQ(rest.size(), 2u);
}

}  // namespace
}  // namespace streamhouse::metadata::dynamodb
