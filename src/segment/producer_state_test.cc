// Goal: the producer state of a partition survives packing, and nothing else is ever decoded from
// bytes that are damaged.
// Method: seeded round trips; every truncation and bit flip, with the old checksum and with a new
// one; hand-made faults.
#include "segment/producer_state.h"

#include <gtest/gtest.h>

#include "tests/segment/packed_faults.h"
#include "tests/segment/random_table.h"

namespace streamhouse::segment {
namespace {

using base::Errc;
using testing::decode_error;
using testing::packed;

ProducerSnapshot random_snapshot(std::mt19937_64& random, std::size_t count) {
  ProducerSnapshot snapshot;
  std::int64_t producer = 0;
  for (std::size_t i = 0; i < count; ++i) {
    ProducerEntry& entry = snapshot.emplace_back();
    entry.producer = model::ProducerId(producer += 1 + testing::random_below(random, 1000));
    entry.epoch = model::ProducerEpoch(static_cast<std::int16_t>(random() % 5));
    entry.last_timestamp = static_cast<std::int64_t>(random() >> (random() % 60)) - 100;
    const model::Offset base(testing::random_below(random, 1 << 30));
    entry.batches = testing::random_producers(random, {base, base + 300});
    entry.batches.resize(std::min(entry.batches.size(), random() % (kProducerBatchesMax + 1)));
    for (ProducerBatch& batch : entry.batches) {
      batch.producer = entry.producer;
      batch.epoch = entry.epoch;
    }
    if (random() % 3 == 0) entry.open_transaction = base;
  }
  return snapshot;
}

TEST(ProducerStateTest, RandomSnapshotsRoundTrip) {
  std::mt19937_64 random(1);
  for (int round = 0; round < 300; ++round) {
    const ProducerSnapshot snapshot = random_snapshot(random, random() % 30);
    const auto decoded = decode_producer_snapshot(encode_producer_snapshot(snapshot));
    ASSERT_TRUE(decoded.has_value()) << decoded.error().text;
    ASSERT_EQ(*decoded, snapshot) << "round " << round;
  }
}

TEST(ProducerStateTest, AnEmptySnapshotIsNoBytes) {
  EXPECT_TRUE(encode_producer_snapshot({}).empty());
  const auto decoded = decode_producer_snapshot({});
  ASSERT_TRUE(decoded.has_value());
  EXPECT_TRUE(decoded->empty());
}

TEST(ProducerStateTest, ExtremeValuesRoundTrip) {
  constexpr auto kMax = std::numeric_limits<std::int64_t>::max();
  ProducerEntry entry{.producer = model::ProducerId(kMax),
                      .epoch = model::ProducerEpoch(32767),
                      .last_timestamp = kMax,
                      .open_transaction = model::Offset(kMax)};
  entry.batches.push_back({.producer = entry.producer,
                           .epoch = entry.epoch,
                           .first_sequence = -1,
                           .last_sequence = -1,
                           .offsets = {model::Offset(0), model::Offset(kMax)},
                           .max_timestamp = std::numeric_limits<std::int64_t>::min(),
                           .flags = 255});
  const auto decoded = decode_producer_snapshot(encode_producer_snapshot({entry}));
  ASSERT_TRUE(decoded.has_value()) << decoded.error().text;
  EXPECT_EQ(*decoded, ProducerSnapshot{entry});
}

TEST(ProducerStateTest, AFurtherProducerWithFiveBatchesTakesAtMostSixtyBytes) {
  ProducerEntry entry{.producer = model::ProducerId(4711), .last_timestamp = 1'790'000'000'000};
  for (int i = 0; i < 5; ++i) {
    const model::Offset base(1'000'000 + i * 10);
    entry.batches.push_back({.producer = entry.producer,
                             .epoch = entry.epoch,
                             .first_sequence = 50'000 + i * 10,
                             .last_sequence = 50'009 + i * 10,
                             .offsets = {base, base + 10},
                             .max_timestamp = entry.last_timestamp - 250 * (4 - i)});
  }
  const auto one = encode_producer_snapshot({entry}).size();
  const auto first = entry.producer;
  ProducerSnapshot two{entry, entry};
  two[1].producer = model::ProducerId(first.value() + 1);
  for (ProducerBatch& batch : two[1].batches) batch.producer = two[1].producer;
  EXPECT_LE(encode_producer_snapshot(two).size() - one, 60u);
}

TEST(ProducerStateTest, EveryTruncationIsRefused) {
  std::mt19937_64 random(2);
  testing::expect_truncations_refused(decode_producer_snapshot,
                                      encode_producer_snapshot(random_snapshot(random, 12)));
}

TEST(ProducerStateTest, EveryBitFlipIsRefusedOrLeavesASnapshotThatKeepsItsRules) {
  std::mt19937_64 random(3);
  const auto expect_valid = [](const ProducerSnapshot& snapshot) {
    const ProducerEntry* previous = nullptr;
    for (const ProducerEntry& entry : snapshot) {
      EXPECT_EQ(producer_fault(previous, entry), "");
      previous = &entry;
    }
  };
  testing::expect_flips_refused(decode_producer_snapshot,
                                encode_producer_snapshot(random_snapshot(random, 12)),
                                expect_valid);
}

TEST(ProducerStateTest, BrokenRulesAreNamed) {
  const auto error_of = [](const std::vector<std::uint64_t>& varints, Errc code = Errc::kCorrupt) {
    return decode_error(decode_producer_snapshot, packed(varints), code);
  };
  EXPECT_NE(error_of({2, 1}, Errc::kUnsupported).find("version"), std::string::npos);
  EXPECT_NE(error_of({1, 0}).find("producer count"), std::string::npos);
  EXPECT_NE(error_of({1, 2, 9, 0, 0, 0, 0, 9, 0, 0, 0, 0}).find("not sorted"), std::string::npos);
  EXPECT_NE(error_of({1, 1, 9, 0, 0, 6}).find("batch count"), std::string::npos);
  EXPECT_NE(error_of({1, 1, 9, 0, 0, 1, 0, 0, 0, 5, 0, 0, 0}).find("no offset"), std::string::npos);
  EXPECT_NE(error_of({1, 1, 9, 0, 0, 1, 0, base::zigzag(-2), 0, 5, 1, 0, 0}).find("sequence"),
            std::string::npos);
  EXPECT_NE(error_of({1, 1, 9, 0, 0, 0, 0, 0}).find("followed by more"), std::string::npos);
  EXPECT_NE(error_of({1, ~std::uint64_t{0}, 9, 0, 0, 0, 0}).find("cut short"), std::string::npos);
}

}  // namespace
}  // namespace streamhouse::segment
