// Goal: a search by time answers the first record that is new enough, at or above an offset.
// Method: runs of real batches whose records are 10 ms apart.

#include "fetch/timestamp_search.h"

#include <gtest/gtest.h>

#include "tests/core/batches.h"

namespace streamhouse::fetch {
namespace {

using core_testing::placed_batch;
using model::Offset;

/// Offsets 10..12 at 1000, 1010, 1020; 13..14 at 500, 510; 15 at 2000.
std::vector<base::Bytes> run() {
  return {placed_batch(10, {.count = 3, .first_timestamp = 1'000}),
          placed_batch(13, {.count = 2, .first_timestamp = 500}),
          placed_batch(15, {.count = 1, .first_timestamp = 2'000})};
}

std::string hit(std::int64_t from, std::int64_t timestamp) {
  const auto found = find_timestamp(run(), Offset(from), timestamp);
  if (!found) return to_string(found.error());
  return (found->found ? "at " : "none before ") + std::to_string(found->offset.value());
}

TEST(TimestampSearch, FindsTheFirstRecordThatIsNewEnough) {
  EXPECT_EQ(hit(10, 0), "at 10");
  EXPECT_EQ(hit(10, 1'000), "at 10");
  EXPECT_EQ(hit(10, 1'001), "at 11");
  EXPECT_EQ(hit(10, 1'020), "at 12");
  EXPECT_EQ(hit(10, 1'021), "at 15");
}

TEST(TimestampSearch, LeavesOutRecordsBelowTheOffset) {
  EXPECT_EQ(hit(12, 0), "at 12");
  EXPECT_EQ(hit(13, 505), "at 14");
  EXPECT_EQ(hit(13, 600), "at 15");
}

TEST(TimestampSearch, SaysWhereToGoOnIfNoneIsNewEnough) {
  EXPECT_EQ(hit(10, 2'001), "none before 16");
}

TEST(TimestampSearch, WalksSeveralBatchesInOneBuffer) {
  base::ByteVector joined;
  for (const base::Bytes& batch : run()) {
    joined.insert(joined.end(), batch.view().begin(), batch.view().end());
  }
  const auto found = find_timestamp({base::Bytes(std::move(joined))}, Offset(10), 1'021);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->offset, Offset(15));
}

TEST(TimestampSearch, SaysThatABatchDoesNotDecode) {
  auto cut = run();
  cut.back() = cut.back().slice(0, cut.back().size() - 1);
  const auto found = find_timestamp(cut, Offset(10), 1'021);
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().code, base::Errc::kCorrupt);
}

}  // namespace
}  // namespace streamhouse::fetch
