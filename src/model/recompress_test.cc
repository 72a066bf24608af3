// Goal: a batch keeps its records and all that its header says but the codec, and is as good as one
// that a producer sent. Method: every codec to every other; what does not decompress.
#include "model/recompress.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "model/record.h"
#include "model/record_batch_builder.h"

namespace streamhouse::model {
namespace {

using base::as_bytes;
using base::Errc;

constexpr std::size_t kSizeMax = 1u << 20;
constexpr Codec kCodecs[] = {Codec::kNone, Codec::kGzip, Codec::kSnappy, Codec::kLz4, Codec::kZstd};

base::ByteVector make_batch(Codec codec) {
  RecordBatchBuilder builder({.producer = ProducerId(77),
                              .producer_epoch = ProducerEpoch(3),
                              .base_sequence = 40,
                              .flags = batch_layout::kTransactionalBit});
  for (int i = 0; i < 9; ++i) {
    const auto added = builder.append({.timestamp = 1'000 + i,
                                       .key = as_bytes("key"),
                                       .value = as_bytes("value after value after value")});
    EXPECT_TRUE(added);
  }
  return std::move(builder).build(codec).value();
}

TEST(RecompressTest, RecordsAndTheRestOfTheHeaderStay) {
  const base::ByteVector plain = make_batch(Codec::kNone);
  for (const Codec from : kCodecs) {
    const base::ByteVector bytes = make_batch(from);
    const auto batch = RecordBatchView::front_of(bytes);
    ASSERT_TRUE(batch);
    for (const Codec to : kCodecs) {
      const auto changed = recompress(*batch, to, kSizeMax);
      ASSERT_TRUE(changed) << codec_name(from) << " to " << codec_name(to);
      const auto view = validate_produced(*changed, {});
      ASSERT_TRUE(view) << to_string(view.error());
      EXPECT_EQ(view->codec(), to);
      EXPECT_TRUE(validate_records(*view, kSizeMax));
      const auto back = recompress(*view, Codec::kNone, kSizeMax);
      ASSERT_TRUE(back);
      EXPECT_EQ(*back, plain);
    }
  }
}

TEST(RecompressTest, TheLeadersMarksStay) {
  base::ByteVector bytes = make_batch(Codec::kNone);
  place_batch(bytes, Offset(500), LeaderEpoch(6));
  stamp_log_append_time(bytes, 9'000);
  const auto changed = recompress(*RecordBatchView::front_of(bytes), Codec::kLz4, kSizeMax);
  ASSERT_TRUE(changed);
  const auto view = RecordBatchView::front_of(*changed);
  ASSERT_TRUE(view);
  EXPECT_EQ(view->base_offset(), Offset(500));
  EXPECT_EQ(view->leader_epoch(), LeaderEpoch(6));
  EXPECT_EQ(view->timestamp_type(), TimestampType::kLogAppendTime);
  EXPECT_EQ(view->max_timestamp(), 9'000);
  EXPECT_TRUE(view->crc_matches());
}

TEST(RecompressTest, WhatDoesNotDecompressIsRefused) {
  const base::ByteVector bytes = make_batch(Codec::kZstd);
  const auto batch = *RecordBatchView::front_of(bytes);
  const auto large = recompress(batch, Codec::kLz4, 100);
  ASSERT_FALSE(large);
  EXPECT_EQ(large.error().code, Errc::kTooLarge);
  base::ByteVector broken = bytes;
  broken[kBatchHeaderSize] ^= 0xff;
  const auto refused = recompress(*RecordBatchView::front_of(broken), Codec::kLz4, kSizeMax);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Errc::kInvalid);
}

}  // namespace
}  // namespace streamhouse::model
