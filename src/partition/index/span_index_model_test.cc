// Goal: an index answers as a sorted list of its spans would, whatever was done to it before.
// Method: random appends, trims, reloads, replacements and look-ups on an index and on such a list;
// lengths, offsets and timestamps are of every size, timestamps in no order.

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <limits>
#include <random>

#include "partition/index/span_index.h"

namespace streamhouse::partition {
namespace {

using model::Offset;

constexpr std::array kBegins = {
    Offset(0), Offset(std::int64_t{1} << 62),
    Offset(std::numeric_limits<std::int64_t>::max() - (std::int64_t{1} << 24))};

class SpanIndexModelTest : public testing::TestWithParam<std::uint64_t> {
 protected:
  std::int64_t between(std::int64_t low, std::int64_t high) {
    return std::uniform_int_distribution<std::int64_t>(low, high)(random_);
  }
  bool chance(double probability) { return std::bernoulli_distribution(probability)(random_); }

  IndexEntry entry(Offset base, Offset next) {
    const std::string key = std::to_string(between(0, 50));
    const std::int64_t wild =
        between(std::numeric_limits<std::int64_t>::min(), std::numeric_limits<std::int64_t>::max());
    return {.offsets = {base, next},
            .object = objects_->add(key, static_cast<std::uint64_t>(std::stoi(key))),
            .length = static_cast<std::uint32_t>(between(0, 1u << 31)),
            .max_timestamp = chance(0.01) ? wild : time_ += between(-50, 60)};
  }
  void append() {
    const std::int64_t size = chance(0.02) ? between(1, std::int64_t{1} << 40) : between(1, 20);
    if (end_ > Offset(std::numeric_limits<std::int64_t>::max() - size)) return;
    spans_.push_back(entry(end_, end_ + size));
    index_.append(spans_.back());
    end_ = spans_.back().offsets.next;
  }
  /// Mostly a few spans, sometimes all.
  void trim() {
    if (spans_.empty()) return;
    const auto last = static_cast<std::int64_t>(spans_.size()) - 1;
    const std::int64_t upto = chance(0.02) ? last : std::min(last, between(0, 20));
    const model::OffsetRange cut = spans_[static_cast<std::size_t>(upto)].offsets;
    log_start_ = std::max(log_start_, Offset(between(cut.base.value(), cut.next.value())));
    index_.trim(log_start_);
    std::erase_if(spans_, [&](const IndexEntry& one) { return one.offsets.next <= log_start_; });
  }
  /// As an index is evicted, appended to, and loaded again.
  void reload() {
    index_.clear();
    const std::size_t before = spans_.size();
    for (std::int64_t i = between(0, 5); i > 0; --i) {
      const IndexEntry newest = entry(end_, end_ + 1);
      spans_.push_back(newest);
      index_.append(newest);
      end_ = newest.offsets.next;
    }
    std::vector<IndexEntry> older = spans_;
    std::ranges::shuffle(older, random_);
    ASSERT_TRUE(index_.load_older(older, log_start_, end_)) << before;
  }
  /// A few neighbours become one or two.
  void replace() {
    if (spans_.empty()) return;
    const auto size = static_cast<std::int64_t>(spans_.size());
    const std::int64_t first = between(0, size - 1);
    const std::int64_t last = std::min(size - 1, first + between(0, chance(0.1) ? 200 : 10));
    const auto from = spans_.begin() + first;
    const auto upto = spans_.begin() + last + 1;
    const model::OffsetRange range{from->offsets.base, std::prev(upto)->offsets.next};
    std::vector<IndexEntry> made;
    const Offset middle(between(range.base.value(), range.next.value() - 1));
    if (middle > range.base) made.push_back(entry(range.base, middle));
    made.push_back(entry(middle, range.next));
    ASSERT_TRUE(index_.replace(made));
    const auto place = spans_.erase(from, upto);
    spans_.insert(place, made.begin(), made.end());
  }

  static void expect_same(const std::optional<FoundSpan>& found, const IndexEntry* expected) {
    ASSERT_EQ(found.has_value(), expected != nullptr);
    if (!found) return;
    ASSERT_EQ(found->offsets, expected->offsets);
    ASSERT_EQ(found->object->key, expected->object->key);
    ASSERT_EQ(found->length, expected->length);
    ASSERT_EQ(found->max_timestamp, expected->max_timestamp);
  }
  const IndexEntry* first_that(const auto& condition) {
    const auto found = std::ranges::find_if(spans_, condition);
    return found == spans_.end() ? nullptr : &*found;
  }
  void look_up(Offset offset, std::int64_t timestamp) {
    expect_same(index_.find(offset),
                first_that([&](const IndexEntry& one) { return one.offsets.contains(offset); }));
    expect_same(index_.find_timestamp(timestamp),
                first_that([&](const IndexEntry& one) { return one.max_timestamp >= timestamp; }));
  }
  void look_up_some() {
    std::uint64_t length = 0;
    for (const IndexEntry& one : spans_) length += one.length;
    ASSERT_EQ(index_.size(), spans_.size());
    ASSERT_EQ(index_.total_length(), length);
    for (int i = 0; i < 5; ++i) {
      const std::int64_t low = std::max<std::int64_t>(log_start_.value() - 5, 0);
      ASSERT_NO_FATAL_FAILURE(
          look_up(Offset(between(low, end_.value())), between(time_ - 500, time_ + 500)));
    }
    if (spans_.empty()) return;
    const auto any = static_cast<std::size_t>(between(0, std::ssize(spans_) - 1));
    const IndexEntry& one = spans_[any];
    ASSERT_NO_FATAL_FAILURE(look_up(one.offsets.base, one.max_timestamp));
    ASSERT_NO_FATAL_FAILURE(look_up(one.offsets.next - 1, one.max_timestamp));
  }

  std::mt19937_64 random_{GetParam()};
  std::shared_ptr<ObjectTable> objects_ = ObjectTable::make();
  SpanIndex index_;
  std::vector<IndexEntry> spans_;
  Offset end_ = kBegins[GetParam() % kBegins.size()];
  Offset log_start_ = end_;
  std::int64_t time_ = 1'700'000'000'000;
};

TEST_P(SpanIndexModelTest, AnswersAsASortedListOfItsSpansWould) {
  for (int step = 0; step < 2'000; ++step) {
    if (chance(0.8)) {
      for (std::int64_t i = between(1, 10); i > 0; --i) append();
    } else if (chance(0.5)) {
      trim();
    } else if (chance(0.7)) {
      ASSERT_NO_FATAL_FAILURE(replace()) << step;
    } else {
      ASSERT_NO_FATAL_FAILURE(reload()) << step;
    }
    ASSERT_NO_FATAL_FAILURE(look_up_some()) << step;
  }
  spans_.clear();
  index_.clear();
  EXPECT_EQ(objects_->size(), 0u) << "each reference was given back";
  EXPECT_EQ(objects_->bytes(), 0u);
}

INSTANTIATE_TEST_SUITE_P(Seeds, SpanIndexModelTest, testing::Range<std::uint64_t>(0, 12));

}  // namespace
}  // namespace streamhouse::partition
