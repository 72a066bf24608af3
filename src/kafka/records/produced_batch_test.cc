// Goal: batches that cannot be stored are refused with Kafka's codes, and a batch that is accepted
// lies in the client's own frame unless that would keep much else alive.
// Method: batches as producers send them, damaged in one place each.

#include "kafka/records/produced_batch.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "base/crc32c.h"
#include "base/endian.h"
#include "model/record_batch_layout.h"
#include "tests/core/batches.h"

namespace streamhouse::kafka {
namespace {

using core_testing::produced_batch;
using wire::ErrorCode;
namespace layout = model::batch_layout;

constexpr wire::Version kNewest = 13;

wire::NullableRecords records_of(base::ByteVector batch) {
  return wire::Records{.pieces = {base::Bytes(std::move(batch))}};
}

/// kNone if it is accepted.
ErrorCode code_of(base::ByteVector batch, std::map<std::string, std::string> config = {},
                  wire::Version version = kNewest) {
  const metadata::Topic topic{.name = "orders", .config = std::move(config)};
  const wire::NullableRecords records = records_of(std::move(batch));
  const auto checked = check_batch(records, topic, version);
  return checked ? ErrorCode::kNone : checked.error().code;
}

/// With these attributes and the CRC that belongs to them.
base::ByteVector with_attributes(std::int16_t attributes) {
  base::ByteVector batch = produced_batch();
  base::store_big(batch.data() + layout::kAttributes, attributes);
  const base::BytesView summed = base::BytesView(batch).subspan(layout::kAttributes);
  base::store_big(batch.data() + layout::kCrc, base::crc32c(summed));
  return batch;
}

TEST(ProducedBatchTest, AcceptsWhatAProducerSends) {
  EXPECT_EQ(code_of(produced_batch({.count = 3})), ErrorCode::kNone);
  EXPECT_EQ(code_of(produced_batch({.producer = 7})), ErrorCode::kNone);
}

TEST(ProducedBatchTest, RefusesWhatIsNoBatch) {
  const metadata::Topic topic;
  EXPECT_EQ(check_batch(std::nullopt, topic, kNewest).error().code, ErrorCode::kInvalidRecord);
  EXPECT_EQ(check_batch(wire::Records{}, topic, kNewest).error().code, ErrorCode::kInvalidRecord);
  for (const std::size_t size : {0u, 1u, 17u, 60u}) {
    base::ByteVector none = produced_batch();
    none.resize(size);
    EXPECT_EQ(code_of(none), ErrorCode::kInvalidRecord) << size << " bytes hold no batch";
  }
  base::ByteVector cut = produced_batch();
  cut.pop_back();
  EXPECT_EQ(code_of(cut), ErrorCode::kCorruptMessage);
  base::ByteVector damaged = produced_batch();
  damaged.back() ^= 1;
  EXPECT_EQ(code_of(damaged), ErrorCode::kCorruptMessage);
  base::ByteVector two = produced_batch();
  const base::ByteVector second = produced_batch();
  two.insert(two.end(), second.begin(), second.end());
  EXPECT_EQ(code_of(two), ErrorCode::kInvalidRecord);
  base::ByteVector old = produced_batch();
  old[layout::kMagic] = 1;
  EXPECT_EQ(code_of(old), ErrorCode::kInvalidRecord);
}

TEST(ProducedBatchTest, RefusesWhatItsTopicDoesNotTake) {
  const base::ByteVector batch = produced_batch({.value_bytes = 1000});
  EXPECT_EQ(code_of(batch, {{"max.message.bytes", "1000"}}), ErrorCode::kMessageTooLarge);
  EXPECT_EQ(code_of(batch, {{"max.message.bytes", "2000"}}), ErrorCode::kNone);
  const base::ByteVector stamped = with_attributes(layout::kLogAppendTimeBit);
  EXPECT_EQ(code_of(stamped), ErrorCode::kInvalidTimestamp);
  EXPECT_EQ(code_of(stamped, {{"message.timestamp.type", "LogAppendTime"}}), ErrorCode::kNone);
}

TEST(ProducedBatchTest, RefusesZstdOfClientsThatCannotKnowIt) {
  constexpr std::int16_t kZstd = 4;
  EXPECT_EQ(code_of(with_attributes(kZstd), {}, 6), ErrorCode::kUnsupportedCompressionType);
  EXPECT_EQ(code_of(with_attributes(kZstd), {}, 7), ErrorCode::kNone);
  EXPECT_EQ(code_of(with_attributes(kZstd + 1)), ErrorCode::kUnsupportedCompressionType);
}

TEST(ProducedBatchTest, RefusesTransactionsAndControlBatches) {
  base::ByteVector batch = produced_batch({.producer = 7});
  base::store_big(batch.data() + layout::kAttributes, layout::kTransactionalBit);
  const base::BytesView summed = base::BytesView(batch).subspan(layout::kAttributes);
  base::store_big(batch.data() + layout::kCrc, base::crc32c(summed));
  EXPECT_EQ(code_of(batch), ErrorCode::kInvalidTransactionState);
  EXPECT_EQ(code_of(with_attributes(layout::kControlBit)), ErrorCode::kInvalidRecord);
}

class TakeBatchTest : public testing::Test {
 protected:
  /// A frame with a batch at `position` and so many bytes behind it.
  void lay_out(std::size_t position, std::size_t behind) {
    const base::ByteVector batch = produced_batch({.value_bytes = 500});
    const std::size_t size = position + batch.size() + behind;
    frame_.owner = std::make_shared<std::uint8_t[]>(size);
    frame_.bytes = {frame_.owner.get(), size};
    std::ranges::copy(batch, frame_.owner.get() + position);
    const auto bytes = base::BytesView(frame_.bytes).subspan(position, batch.size());
    batch_ = model::RecordBatchView::front_of(bytes).value();
  }
  bool is_in_frame(const ingest::ProducedBatch& taken) const {
    return taken.bytes.data() == batch_->bytes().data();
  }

  net::Frame frame_;
  std::optional<model::RecordBatchView> batch_;
};

TEST_F(TakeBatchTest, TakesABatchThatMakesUpItsFrameWhereItLies) {
  lay_out(40, 10);
  const ingest::ProducedBatch taken = take_batch(frame_, *batch_);
  EXPECT_TRUE(is_in_frame(taken));
  EXPECT_EQ(frame_.owner.use_count(), 2) << "the batch keeps the frame";
}

TEST_F(TakeBatchTest, CopiesABatchThatWouldKeepMuchElseAlive) {
  lay_out(40, 5000);
  const ingest::ProducedBatch taken = take_batch(frame_, *batch_);
  EXPECT_FALSE(is_in_frame(taken));
  EXPECT_TRUE(base::equal(taken.bytes, batch_->bytes()));
  EXPECT_EQ(frame_.owner.use_count(), 1);
}

}  // namespace
}  // namespace streamhouse::kafka
