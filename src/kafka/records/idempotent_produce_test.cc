// Goal: an idempotent producer gets an identity of its own, and Kafka's answers to repeats, gaps,
// old epochs and sequence numbers that begin again.
// Method: whole requests to a connection over the real services on the simulated runtime.

#include <limits>
#include <set>

#include "tests/kafka/kafka_world.h"

namespace streamhouse::kafka {
namespace {

using core_testing::produced_batch;
using core_testing::seconds;
using wire::ErrorCode;
using Init = wire::InitProducerIdRequest;
using Produce = wire::ProduceRequest;

constexpr wire::Version kProduce = 9;

class IdempotentProduceTest : public kafka_testing::KafkaWorld {
 protected:
  struct Sent {
    std::int64_t producer = 0;
    std::int32_t sequence = 0;
    int count = 1;
    std::int16_t epoch = 0;
  };
  Produce request(const Sent& sent) {
    return produce_request("orders", produced_batch({.count = sent.count,
                                                     .producer = sent.producer,
                                                     .epoch = sent.epoch,
                                                     .sequence = sent.sequence}));
  }
  wire::ProduceResponse::Partition send(const Sent& sent) {
    return ask(kProduce, request(sent)).responses.at(0).partition_responses.at(0);
  }
  /// Where the batch lies.
  std::int64_t place(const Sent& sent) {
    const auto answered = send(sent);
    EXPECT_EQ(answered.error_code, ErrorCode::kNone);
    return answered.base_offset;
  }
  ErrorCode refusal(const Sent& sent) { return send(sent).error_code; }
};

TEST_F(IdempotentProduceTest, EveryProducerIsAnotherInEveryVersion) {
  std::set<std::int64_t> ids;
  for (wire::Version version = 0; version <= 6; ++version) {
    const auto response = ask(version, Init{});
    EXPECT_EQ(response.error_code, ErrorCode::kNone) << version;
    EXPECT_EQ(response.producer_epoch, 0);
    EXPECT_GE(response.producer_id, 0);
    EXPECT_TRUE(ids.insert(response.producer_id).second);
  }
  const auto again = ask(4, Init{.producer_id = *ids.begin(), .producer_epoch = 3});
  EXPECT_FALSE(ids.contains(again.producer_id)) << "without transactions nothing goes on";
  EXPECT_EQ(again.producer_epoch, 0);
  EXPECT_EQ(ask(4, Init{.producer_id = 5}).error_code, ErrorCode::kInvalidRequest);
  EXPECT_EQ(ask(4, Init{.producer_epoch = 5}).error_code, ErrorCode::kInvalidRequest);
}

TEST_F(IdempotentProduceTest, TransactionsAreRefusedForGood) {
  const auto named = ask(4, Init{.transactional_id = "payments", .transaction_timeout_ms = 1000});
  EXPECT_EQ(named.error_code, ErrorCode::kTransactionalIdAuthorizationFailed);
  EXPECT_EQ(named.producer_id, -1);
  EXPECT_EQ(ask(4, Init{.transactional_id = ""}).error_code, ErrorCode::kInvalidRequest);
}

TEST_F(IdempotentProduceTest, ARepeatHasThePlaceOfItsOriginal) {
  create("orders");
  for (std::int32_t number = 0; number < 5; ++number)
    EXPECT_EQ(place({.sequence = 2 * number, .count = 2}), 2 * number);
  for (std::int32_t number = 0; number < 5; ++number)
    EXPECT_EQ(place({.sequence = 2 * number, .count = 2}), 2 * number) << "of the last five";
  EXPECT_EQ(place({.sequence = 10}), 10) << "nothing was appended twice";
  EXPECT_EQ(refusal({.sequence = 0, .count = 2}), ErrorCode::kOutOfOrderSequenceNumber)
      << "too long ago";
}

TEST_F(IdempotentProduceTest, ARepeatOfWhatIsOnItsWayWaitsForIt) {
  create("orders");
  faults_.hold(objectstore::StoreOperation::kPut);
  const auto original = begin_request(kProduce, request({.count = 3}));
  run(seconds(1));
  const auto repeat = begin_request(kProduce, request({.count = 3}));
  run(seconds(1));
  EXPECT_FALSE(original->has_value());
  EXPECT_FALSE(repeat->has_value()) << "it may still fail with the original";
  faults_.release();
  run(seconds(1));
  ASSERT_TRUE(original->has_value() && repeat->has_value());
  for (const auto& reply : {original, repeat}) {
    const auto response = response_of<Produce>(kProduce, **reply);
    EXPECT_EQ(response.responses.at(0).partition_responses.at(0).base_offset, 0);
  }
  EXPECT_EQ(place({.sequence = 3}), 3);
}

TEST_F(IdempotentProduceTest, GapsAndOldEpochsAreRefused) {
  create("orders");
  EXPECT_EQ(place({.sequence = 7}), 0) << "of an unknown producer any is the first";
  EXPECT_EQ(refusal({.sequence = 9}), ErrorCode::kOutOfOrderSequenceNumber);
  EXPECT_EQ(refusal({.sequence = 6}), ErrorCode::kOutOfOrderSequenceNumber);
  EXPECT_EQ(refusal({.sequence = 8, .epoch = 1}), ErrorCode::kOutOfOrderSequenceNumber)
      << "a new epoch begins at 0";
  EXPECT_EQ(place({.sequence = 0, .epoch = 1}), 1);
  EXPECT_EQ(refusal({.sequence = 8}), ErrorCode::kInvalidProducerEpoch);
  EXPECT_EQ(place({.producer = 1, .sequence = 0}), 2) << "another producer is not concerned";
  EXPECT_EQ(place({.sequence = 1, .epoch = 1}), 3);
}

TEST_F(IdempotentProduceTest, SequenceNumbersBeginAgain) {
  create("orders");
  constexpr std::int32_t kLast = std::numeric_limits<std::int32_t>::max();
  EXPECT_EQ(place({.sequence = kLast - 1, .count = 2}), 0);
  EXPECT_EQ(refusal({.sequence = 1}), ErrorCode::kOutOfOrderSequenceNumber);
  EXPECT_EQ(place({.sequence = 0}), 2);
  EXPECT_EQ(place({.producer = 1, .sequence = kLast, .count = 3}), 3) << "within a batch";
  EXPECT_EQ(place({.producer = 1, .sequence = kLast, .count = 3}), 3) << "and its repeat";
  EXPECT_EQ(place({.producer = 1, .sequence = 2}), 6);
}

TEST_F(IdempotentProduceTest, TheyAlwaysHearOfTheCommit) {
  create("orders", 1, {{"streamhouse.ack", "buffered"}});
  const auto buffered = ask(kProduce, produce_request("orders", produced_batch()));
  EXPECT_EQ(buffered.responses.at(0).partition_responses.at(0).base_offset, -1);
  EXPECT_EQ(place({}), 1);
}

}  // namespace
}  // namespace streamhouse::kafka
