// Goal: a batch of any protocol reaches the right partition, is acknowledged as its topic asks, and
// is refused or waits when the agent is full (Z1). Method: a whole session scope over the in-memory
// database and a store whose puts can be held.

#include "service/produce_service.h"

#include "model/recompress.h"
#include "model/record.h"
#include "runtime/sim/sim_blocking_pool.h"
#include "tests/core/session_world.h"

namespace streamhouse::service {
namespace {

using base::Errc;
using core_testing::BatchSpec;
using core_testing::milliseconds;
using core_testing::seconds;
using model::Offset;
using model::PartitionIndex;
using objectstore::StoreOperation;

class NoBlocks final : public blockcache::ObjectBlocks {
 public:
  runtime::Task<base::Result<std::vector<base::Bytes>>> read(blockcache::SpanRead) override {
    co_return base::make_error(Errc::kUnavailable, "nothing is read here");
  }
};

class ProduceServiceTest : public core_testing::SessionWorld {
 protected:
  static constexpr std::int32_t kPartitions = 3;

  void SetUp() override {
    SessionWorld::SetUp();
    const auto rows = lease_topic(kPartitions);
    const auto topic = tables_.get_topic("orders");
    ASSERT_TRUE(topic);
    scope_ = std::make_shared<SessionScope>(
        ScopePorts{agent_, metadata_, objects_, blocks_, budget_, session_}, ScopeConfig{}, *topic);
    scope_->writer().lead(rows);
    scope_->start();
    group_.spawn(session_.keep_alive());
    current_.set(scope_);
  }
  void configure(const std::string& name, const std::string& value) {
    const auto changed = tables_.update_topic_config("orders", {.config = {{name, value}}});
    ASSERT_TRUE(changed);
    topics_.put(*changed);
  }
  static ProduceCall call(const BatchSpec& spec = {}, std::optional<std::int32_t> partition = 0) {
    auto batch = std::make_shared<base::ByteVector>(core_testing::produced_batch(spec));
    ProduceCall made{.topic = "orders", .batch = {.owner = batch, .bytes = *batch}};
    if (partition) made.partition = PartitionIndex(*partition);
    return made;
  }
  base::Result<Produced> produce(ProduceCall made) {
    return wait(service_.produce(std::move(made)));
  }

  NoBlocks blocks_;
  ingest::BufferBudget budget_{agent_, 2'000};
  cluster::TopicCatalog topics_{agent_, metadata_, group_};
  std::shared_ptr<SessionScope> scope_;
  CurrentScope current_;
  runtime::SimBlockingPool compressors_{agent_, {.workers = 1, .queue_max = 2}};
  ProduceService service_{agent_, budget_, topics_, current_, seconds(30), nullptr, &compressors_};
};

TEST_F(ProduceServiceTest, AnswersTheOffsetsOfACommittedBatch) {
  const auto first = produce(call({.count = 2}));
  ASSERT_TRUE(first) << to_string(first.error());
  EXPECT_EQ(first->base_offset, Offset(0));
  EXPECT_EQ(first->timestamp, -1);
  const auto second = produce(call());
  ASSERT_TRUE(second);
  EXPECT_EQ(second->base_offset, Offset(2));
  EXPECT_EQ(stored_.object_count(), 2u);
  EXPECT_EQ(budget_.used(), 0u);
}

TEST_F(ProduceServiceTest, NamesTopicsAndPartitionsThatAreNotThere) {
  ProduceCall unknown = call();
  unknown.topic = "nowhere";
  EXPECT_EQ(outcome(produce(std::move(unknown))), "topic_not_found");
  for (const std::int32_t index : {-1, kPartitions}) {
    EXPECT_EQ(outcome(produce(call({}, index))), "partition_not_found") << index;
  }
  EXPECT_EQ(budget_.used(), 0u);
}

TEST_F(ProduceServiceTest, SendsAKeyAlwaysToOnePartitionAsKafkaWould) {
  for (const std::uint32_t hash : {0u, 1u, 5u, 0x7fffffffu, 0x80000001u, 0xffffffffu}) {
    ProduceCall keyed = call({}, std::nullopt);
    keyed.key_hash = hash;
    const auto produced = produce(std::move(keyed));
    ASSERT_TRUE(produced);
    EXPECT_EQ(produced->partition.value(), static_cast<std::int32_t>((hash & 0x7fffffff) % 3));
  }
}

TEST_F(ProduceServiceTest, TakesThePartitionsInTurnWithoutAKey) {
  std::vector<int> counts(kPartitions);
  for (int i = 0; i < 9; ++i) {
    const auto produced = produce(call({}, std::nullopt));
    ASSERT_TRUE(produced);
    ++counts.at(static_cast<std::size_t>(produced->partition.value()));
  }
  EXPECT_EQ(counts, (std::vector<int>{3, 3, 3}));
}

TEST_F(ProduceServiceTest, RefusesABatchAboveTheTopicsLimitToTheByte) {
  const std::size_t size = core_testing::produced_batch().size();
  configure("max.message.bytes", std::to_string(size - 1));
  EXPECT_EQ(outcome(produce(call())), "too_large");
  configure("max.message.bytes", std::to_string(size));
  EXPECT_EQ(outcome(produce(call())), "ok");
}

TEST_F(ProduceServiceTest, CompressesABatchAnewWhereTheTopicSaysHow) {
  configure("compression.type", "gzip");
  ASSERT_TRUE(produce(call({.count = 3, .value_bytes = 200})));
  const auto stored = scope_->partitions().find(key(0))->read_tail(Offset(0), 10'000);
  ASSERT_EQ(stored.size(), 1u);
  const auto batch = model::RecordBatchView::front_of(stored[0]);
  ASSERT_TRUE(batch);
  EXPECT_EQ(batch->codec(), model::Codec::kGzip);
  EXPECT_TRUE(batch->crc_matches());
  EXPECT_EQ(batch->record_count(), 3);
  EXPECT_TRUE(model::validate_records(*batch, 10'000));
  EXPECT_LT(batch->size(), 400u);
}

TEST_F(ProduceServiceTest, ABatchMustFitTheTopicAsItCameAndAsItIsKept) {
  configure("compression.type", "gzip");
  configure("max.message.bytes", "400");
  EXPECT_EQ(outcome(produce(call({.value_bytes = 600}))), "too_large");
  configure("compression.type", "uncompressed");
  ProduceCall packed = call({.value_bytes = 600});
  auto small = model::recompress(*model::RecordBatchView::front_of(packed.batch.bytes),
                                 model::Codec::kGzip, 10'000);
  ASSERT_TRUE(small);
  packed.batch.bytes = *small;
  EXPECT_EQ(outcome(produce(std::move(packed))), "too_large");
  EXPECT_EQ(budget_.used(), 0u);
}

TEST_F(ProduceServiceTest, ABatchThatGrowsAboveTheCapIsRefusedAtOnce) {
  configure("compression.type", "uncompressed");
  ProduceCall packed = call({.value_bytes = 1'500});
  auto small = model::recompress(*model::RecordBatchView::front_of(packed.batch.bytes),
                                 model::Codec::kGzip, 10'000);
  ASSERT_TRUE(small);
  packed.batch.bytes = *small;
  packed.when_full = WhenFull::kWait;
  ASSERT_TRUE(budget_.try_reserve(1'000));
  EXPECT_EQ(outcome(produce(packed)), "throttled");
  EXPECT_EQ(budget_.used(), 1'000u);
  budget_.release(1'000);
  EXPECT_EQ(outcome(produce(std::move(packed))), "ok");
  EXPECT_EQ(budget_.used(), 0u);
}

TEST_F(ProduceServiceTest, WhatDoesNotDecompressIsRefusedWhereItWouldHaveTo) {
  configure("compression.type", "lz4");
  base::ByteVector broken = core_testing::produced_batch({.value_bytes = 50});
  broken[model::batch_layout::kAttributes + 1] = static_cast<std::uint8_t>(model::Codec::kZstd);
  ProduceCall made = call();
  made.batch.bytes = broken;
  EXPECT_EQ(outcome(produce(std::move(made))), "invalid");
  EXPECT_EQ(budget_.used(), 0u);
}

TEST_F(ProduceServiceTest, RefusesAUnaryCallAtTheCapAndLetsAStreamWait) {
  faults_.hold(StoreOperation::kPut);
  const auto large = begin(service_.produce(call({.value_bytes = 1'700})));
  run(milliseconds(20));
  EXPECT_EQ(outcome(produce(call({.value_bytes = 400}))), "throttled");
  ProduceCall stream = call({.value_bytes = 400});
  stream.when_full = WhenFull::kWait;
  const auto waiting = begin(service_.produce(std::move(stream)));
  run(seconds(1));
  EXPECT_EQ(outcome(waiting), "pending");
  EXPECT_LE(budget_.used(), budget_.limit());
  faults_.release();
  run(seconds(1));
  EXPECT_EQ(outcome(large), "ok");
  EXPECT_EQ(outcome(waiting), "ok");
  EXPECT_EQ(budget_.used(), 0u);
}

TEST_F(ProduceServiceTest, LetsAStreamWaitNoLongerThanTheProduceTimeout) {
  ASSERT_TRUE(budget_.try_reserve(2'000));
  ProduceCall stream = call();
  stream.when_full = WhenFull::kWait;
  const auto waiting = begin(service_.produce(std::move(stream)));
  run(seconds(29));
  EXPECT_EQ(outcome(waiting), "pending");
  run(seconds(2));
  EXPECT_EQ(outcome(waiting), "throttled");
}

TEST_F(ProduceServiceTest, AcknowledgesFromMemoryWhereTheTopicSaysSo) {
  configure("streamhouse.ack", "buffered");
  faults_.hold(StoreOperation::kPut);
  const auto buffered = produce(call());
  ASSERT_TRUE(buffered);
  EXPECT_EQ(buffered->base_offset, Offset(-1));
  EXPECT_EQ(stored_.object_count(), 0u);
  EXPECT_GT(budget_.used(), 0u) << "its bytes still count";
  const auto idempotent = begin(service_.produce(call({.producer = 5})));
  run(seconds(1));
  EXPECT_EQ(outcome(idempotent), "pending") << "an idempotent batch is always durable";
  faults_.release();
  run(seconds(1));
  ASSERT_EQ(outcome(idempotent), "ok");
  EXPECT_EQ((**idempotent)->base_offset, Offset(1));
}

TEST_F(ProduceServiceTest, StampsTheLeadersTimeWhereTheTopicSaysSo) {
  configure("message.timestamp.type", "LogAppendTime");
  agent_.jump_wall_clock(seconds(1'790'000'000));
  const auto produced = produce(call());
  ASSERT_TRUE(produced);
  EXPECT_GE(produced->timestamp, 1'790'000'000'000);
  const auto log = scope_->partitions().find(key(0));
  const auto tail = log->read_tail(Offset(0), 1);
  ASSERT_EQ(tail.size(), 1u);
  const auto batch = core_testing::view_of(tail.front());
  EXPECT_EQ(batch.timestamp_type(), model::TimestampType::kLogAppendTime);
  EXPECT_EQ(batch.max_timestamp(), produced->timestamp);
  EXPECT_TRUE(batch.crc_matches());
}

TEST_F(ProduceServiceTest, RefusesTimesThatTheTopicDoesNotTake) {
  configure("message.timestamp.before.max.ms", "60000");
  agent_.jump_wall_clock(seconds(1'790'000'000));
  EXPECT_EQ(outcome(produce(call())), "invalid_timestamp");
  EXPECT_EQ(budget_.used(), 0u);
  configure("message.timestamp.type", "LogAppendTime");
  EXPECT_EQ(outcome(produce(call())), "ok") << "it gets another";
}

TEST_F(ProduceServiceTest, AnswersASequenceGapOnlyAfterLeadershipWasConfirmed) {
  ASSERT_TRUE(produce(call({.producer = 5})));
  EXPECT_EQ(outcome(produce(call({.producer = 5, .sequence = 7}))), "out_of_order_sequence");
  ASSERT_TRUE(tables_.seal_session(session_.id()));
  EXPECT_EQ(outcome(produce(call({.producer = 5, .sequence = 7}))), "not_leader");
  EXPECT_EQ(budget_.used(), 0u);
}

TEST_F(ProduceServiceTest, IsNotTheLeaderBetweenSessionsAndGivesTheBytesBack) {
  current_.set(nullptr);
  EXPECT_EQ(outcome(produce(call())), "not_leader");
  EXPECT_EQ(budget_.used(), 0u);
}

}  // namespace
}  // namespace streamhouse::service
